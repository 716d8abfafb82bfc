"""Where the bytes of a large body go that are not kept in memory: a file that has no name."""

from __future__ import annotations

import os
from tempfile import TemporaryFile


class SpillFile:
    """Takes bytes and gives them back by their place. Mutable; close it when done.

    The file is one of the user's alone, in the folder for temporary files, and is gone with this
    process however it ends.

    Raises:
        OSError: from each method but ``close``, where the disk is full or fails.
    """

    def __init__(self) -> None:
        self._file = TemporaryFile(buffering=0)  # noqa: SIM115 - it lives as long as this does
        self._size = 0

    def append(self, data: bytes) -> None:
        """Takes the next bytes, all of them or none."""
        view, place = memoryview(data), self._size
        while view:
            written = os.pwrite(self._file.fileno(), view, place)
            view, place = view[written:], place + written
        self._size = place

    def read(self, start: int, stop: int) -> bytes:
        """The bytes of this span, counted from the first that was appended."""
        pieces: list[bytes] = []
        while start < stop and (piece := os.pread(self._file.fileno(), stop - start, start)):
            pieces.append(piece)
            start += len(piece)
        return b"".join(pieces)

    def close(self) -> None:
        """Lets go of them."""
        self._file.close()
