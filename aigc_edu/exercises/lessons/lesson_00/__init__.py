"""Exercises of lesson 00: Start here."""
