"""Exercises of lesson 02: generative and discriminative models, likelihood and divergences."""
