"""Exercises of lesson 09: measures of images, of distributions, and of what people see."""
