"""Exercises of appendix 90: tensors, gradients, a first network."""
