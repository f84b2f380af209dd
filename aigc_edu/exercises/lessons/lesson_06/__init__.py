"""Exercises of lesson 06: the derivation of generative adversarial networks."""
