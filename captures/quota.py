"""How much a recording process may write, and how much of the disk it leaves free."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

SESSION_SIZE = 2 * 1024 * 1024 * 1024
RESERVE_SIZE = 200 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one recording process may take of the disk."""

    session_size: int | None = SESSION_SIZE
    """Bytes of captures in all; None sets no limit."""
    reserve_size: int = RESERVE_SIZE
    """Bytes of the disk that stay free for everything else."""


DEFAULT_LIMITS = Limits()


class Quota:
    """Whether the limits are reached. Mutable; spend() and look() belong to the writer thread."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.reached = ""
        """Which limit is reached, in words; empty if none is."""
        self._folder = folder
        self._limits = limits
        self._spent = 0

    def spend(self, size: int) -> None:
        """Counts bytes written."""
        self._spent += size
        if self._is_spent():
            self.look()

    def look(self) -> None:
        """Looks at the disk. Blocks."""
        limit, reserve = self._limits.session_size, self._limits.reserve_size
        if limit is not None and self._is_spent():
            self.reached = f"the quota of {limit:,} bytes for captures is reached"
        elif self._free() < reserve:
            self.reached = f"less than {reserve:,} bytes are free in {self._folder}"
        else:
            self.reached = ""

    def _is_spent(self) -> bool:
        return self._limits.session_size is not None and self._spent >= self._limits.session_size

    def _free(self) -> int:
        """Bytes that may still be written; what cannot be looked at does not count as full."""
        try:
            found = os.statvfs(self._folder)
        except OSError:
            return self._limits.reserve_size
        return found.f_bavail * found.f_frsize
