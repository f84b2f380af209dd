"""What a learner sees: style, pictures with text alternatives, the live view, progress lines.

Every figure of a lesson goes through this room, because each function here asks for
a text alternative (``alt``) and leaves a plain PNG that any reader can open. Nothing
here needs a browser: without one the same code runs and simply shows nothing.
"""

from aigc_edu.view.display import show
from aigc_edu.view.loop.loop import Live, live
from aigc_edu.view.pictures import image_grid, interpolation_strip
from aigc_edu.view.plots import curves
from aigc_edu.view.progress_line import progress
from aigc_edu.view.style import COLORS, LINE_STYLES, MARKERS, use_style

__all__ = [
    "COLORS",
    "LINE_STYLES",
    "MARKERS",
    "Live",
    "curves",
    "image_grid",
    "interpolation_strip",
    "live",
    "progress",
    "show",
    "use_style",
]
