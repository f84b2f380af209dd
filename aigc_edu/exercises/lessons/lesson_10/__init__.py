"""Exercises of lesson 10: better quality, less overfitting, and honest comparisons."""
