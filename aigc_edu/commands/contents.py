"""What JupyterLab may change: the learner's copies, not the course's own notebooks.

Saving a solution in a checkout would make the next ``git pull`` fail. So the course's folders
are shown as read-only, and JupyterLab offers "Save As" instead of failing later.
"""

from typing import Any

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from tornado.web import HTTPError

COURSE_FOLDERS = ("lessons", "solutions")


def is_course_file(path: str) -> bool:
    """Whether a path (relative to the server's root) belongs to the course.

    >>> is_course_file("solutions/05_vae_training.ipynb"), is_course_file("work/05.ipynb")
    (True, False)
    """
    parts = path.strip("/").split("/")
    return len(parts) > 1 and parts[0] in COURSE_FOLDERS


class CourseContents(AsyncLargeFileManager):
    """The usual contents manager with the course's own notebooks shown read-only."""

    def _base_model(self, path: str) -> dict[str, Any]:
        model: dict[str, Any] = super()._base_model(path)  # type: ignore[no-untyped-call]
        if is_course_file(path):
            model["writable"] = False
        return model

    async def save(self, model: dict[str, Any], path: str = "") -> dict[str, Any]:
        if is_course_file(path):
            raise HTTPError(
                403,
                reason="This notebook is the course's own; use File > Save Notebook As into work/",
            )
        saved: dict[str, Any] = await super().save(model, path)  # type: ignore[no-untyped-call]
        return saved
