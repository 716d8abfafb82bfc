"""Counts and hashes what passed on one side of an exchange."""

from __future__ import annotations

import hashlib

from captures.records import Tally


class RunningTally:
    """Mutable; fed with the body pieces of one side in order."""

    def __init__(self) -> None:
        self._size = 0
        self._chunks = 0
        self._hash = hashlib.sha256()

    def add(self, data: bytes) -> None:
        """Takes the next piece; an empty one counts for nothing."""
        if data:
            self._size += len(data)
            self._chunks += 1
            self._hash.update(data)

    def tally(self) -> Tally:
        """The count so far."""
        return Tally(self._size, self._hash.hexdigest(), self._chunks)
