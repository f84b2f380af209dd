"""Exercises of lesson 08: convolutions both ways, spectral norm, labels, augmentation."""
