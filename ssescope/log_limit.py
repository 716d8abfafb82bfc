"""Errors of the event loop as one safe line each, at most one a second."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic

from inspector_tui.safe import safe_text
from ssescope.talk import say

SECONDS_BETWEEN_LINES = 1.0


class LimitedHandler(logging.Handler):
    """Writes the first record of every second to stderr and counts the others. Mutable.

    A record may quote what a peer sent, and comes with a traceback: neither is written.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        super().__init__(logging.WARNING)
        self._clock = clock
        self._next_line_at = 0.0
        self._held_back = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Takes one record."""
        now = self._clock()
        if now < self._next_line_at:
            self._held_back += 1
            return
        more = f" ({self._held_back} more held back)" if self._held_back else ""
        self._next_line_at, self._held_back = now + SECONDS_BETWEEN_LINES, 0
        cause = record.exc_info[1] if record.exc_info else None
        words = f"{record.msg}" if cause is None else f"{record.msg}: {type(cause).__name__}"
        say(f"ssescope: {safe_text(words, max_length=200)}{more}")


def limit_logs() -> None:
    """Lets warnings and errors of the event loop and the servers through one limited handler."""
    handler = LimitedHandler()
    for name in ("asyncio", "aiohttp", "proxy", "ssescope"):
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.propagate = False
