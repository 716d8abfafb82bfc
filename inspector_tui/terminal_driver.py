"""Drawing on a terminal that may be taken away."""

from __future__ import annotations

from contextlib import suppress
from io import TextIOBase, TextIOWrapper
from typing import TextIO, cast

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver


class LastingFile(TextIOBase):
    """A text file that takes what is written after its other end has gone, and drops it."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> int:
        """Writes the text, if there is still somebody to read it."""
        with suppress(OSError):
            self._file.write(text)
        return len(text)

    def flush(self) -> None:
        """Hands over what was written."""
        with suppress(OSError):
            self._file.flush()

    def fileno(self) -> int:
        """The descriptor of the file."""
        return self._file.fileno()


class TerminalDriver(LinuxDriver):
    """Textual's driver, whose writing thread goes on when its terminal has gone.

    The thread would end with the error of its first write; the queue before it then fills up,
    and whoever draws one more frame, or leaves the screen, waits for ever.
    """

    def __init__(
        self,
        app: App[object],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        if self._file is not None:
            self._file = cast("TextIOWrapper", LastingFile(self._file))
