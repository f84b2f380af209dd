"""Exercises of lesson 05: training a variational autoencoder."""
