"""The live view: a training loop that can be watched, paused and stopped.

- ``loop``: ``live`` itself;
- ``interrupts``: the notebook's ■;
- ``output``: places under the cell, and the last frame that stays;
- ``controls`` (``.py``, ``.js``, ``.css``): the bar with Stop, Pause, Step and the slider;
- ``rates``: the learning rates that the slider moves;
- ``history``: the numbers that a loop reports;
- ``frame``: one frame, drawn.
"""
