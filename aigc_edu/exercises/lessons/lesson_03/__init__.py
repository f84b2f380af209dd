"""Exercises of lesson 03: autoencoders."""
