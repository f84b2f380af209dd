"""Exercises of lesson 01: data collection and preprocessing."""
