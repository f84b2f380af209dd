"""From what a platform gives to one notebook an attempt, and who in the roster it belongs to."""
