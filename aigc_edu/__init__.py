"""AIGC by hand: the small library under the course's notebooks.

Importing this package is cheap: nothing heavy is loaded until a room of it is
imported (``aigc_edu.data``, ``aigc_edu.objectives``, ``aigc_edu.view``, ...).
"""

__version__ = "0.1.0"
