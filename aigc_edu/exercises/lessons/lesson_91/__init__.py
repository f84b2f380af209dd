"""Exercises of appendix 91: probability and linear algebra."""
