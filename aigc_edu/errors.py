"""The one exception whose text is meant for the person at the keyboard."""


class CourseError(Exception):
    """Something the user can put right.

    The message is one clear sentence: what is wrong and what to do about it. The
    command line prints it without a traceback and ends with exit code 1; a notebook
    shows the sentence alone.
    """

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback."""
        return [f"CourseError: {self}"]
