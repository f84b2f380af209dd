"""Exercises of lesson 07: training a generative adversarial network, and mending a broken one."""
