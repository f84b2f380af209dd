"""Places under a cell whose content changes, and the picture that stays."""

from typing import Any


class Frame:
    """A picture that a notebook shows where a cell ends with it: see ``live.last``."""

    def __init__(self, data: dict[str, str], metadata: dict[str, Any]) -> None:
        self._bundle = data, metadata

    def __repr__(self) -> str:
        return self._bundle[0]["text/plain"]

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, str], dict[str, Any]]:
        return self._bundle


class Output:
    """One place under a cell, whose content can be put again."""

    def __init__(self) -> None:
        self._display_id: str | None = None

    def put(self, data: dict[str, Any], metadata: dict[str, Any] | None = None) -> None:
        """Show something here, in the place of what was here before."""
        from IPython.display import display, update_display

        metadata = metadata or {}
        if self._display_id is None:
            handle = display(data, raw=True, metadata=metadata, display_id=True)  # type: ignore[no-untyped-call]
            self._display_id = None if handle is None else handle.display_id
        else:
            update_display(data, raw=True, metadata=metadata, display_id=self._display_id)  # type: ignore[no-untyped-call]

    def clear(self) -> None:
        """Show nothing here any more, if something was shown."""
        if self._display_id is not None:
            self.put({"text/html": "", "text/plain": ""})
