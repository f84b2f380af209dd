"""Exercises of lesson 04: the derivation of the variational autoencoder."""
