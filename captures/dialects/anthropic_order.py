"""In what order the content blocks of an Anthropic message may come.

After the provider's streaming documentation: blocks 0, 1, 2 … one after the other, each with its
content_block_start, its deltas and its content_block_stop, all before the stop reason.
"""

from __future__ import annotations

from typing import Any

from captures.dialects.complaints import complaint
from captures.findings.anthropic import (
    BLOCK_INDEX_JUMPS,
    BLOCK_NEVER_STARTED,
    BLOCK_NOT_STOPPED,
    CONTENT_AFTER_STOP_REASON,
    DELTA_FOR_STOPPED_BLOCK,
    REPEATED_EVENT,
)
from captures.findings.rule import Complaint


class BlockOrder:
    """Which blocks of one message are open. Mutable; fed in the order of the stream."""

    def __init__(self) -> None:
        self._open: dict[int, Any] = {}
        """What each open block started with."""
        self._stopped: set[int] = set()
        self._next = 0
        self._late: set[int] = set()
        """Indexes of blocks whose pieces came and whose start did not, or not yet."""
        self._ended = False

    @property
    def open_block(self) -> int | None:
        """Index of the block that was opened last and is still open."""
        return next(reversed(self._open), None)

    def is_repeated(self, index: int, content: Any) -> bool:
        """Whether a block starts again while it is open, with the same content."""
        return index in self._open and self._open[index] == content

    def start(self, index: int, content: Any) -> Complaint | None:
        """Opens a block."""
        if self.is_repeated(index, content):
            return complaint(REPEATED_EVENT, f"content_block_start of {_block(index)}")
        due, still_open = self._next, self.open_block
        self._next = index + 1
        self._open[index] = content
        self._stopped.discard(index)
        if self._ended:
            return complaint(CONTENT_AFTER_STOP_REASON, f"{_block(index)} starts")
        if index != due and index not in self._late:
            return complaint(BLOCK_INDEX_JUMPS, f"{_block(index)} starts where {due} is due")
        if still_open is not None:
            detail = f"{_block(index)} starts while {still_open} is open"
            return complaint(BLOCK_NOT_STOPPED, detail)
        return None

    def delta(self, index: int) -> Complaint | None:
        """Takes a delta's place in the order."""
        if self._ended:
            return complaint(CONTENT_AFTER_STOP_REASON, f"a delta for {_block(index)}")
        if index in self._open:
            return None
        if index in self._stopped:
            return complaint(DELTA_FOR_STOPPED_BLOCK, f"a delta for {_block(index)}")
        return self._never_started(index, "a delta")

    def stop(self, index: int) -> Complaint | None:
        """Closes a block."""
        was_open = index in self._open
        self._open.pop(index, None)
        if self._ended and was_open:
            return complaint(CONTENT_AFTER_STOP_REASON, f"{_block(index)} stops")
        if was_open:
            self._stopped.add(index)
            return None
        if index in self._stopped:
            return complaint(REPEATED_EVENT, f"content_block_stop of {_block(index)}")
        return self._never_started(index, "content_block_stop")

    def end(self) -> None:
        """Says that the stop reason has come."""
        self._ended = True

    def left_open(self) -> Complaint | None:
        """What is still open when the message ends."""
        index = self.open_block
        if index is None:
            return None
        return complaint(BLOCK_NOT_STOPPED, f"{_block(index)} is open when the message ends")

    def _never_started(self, index: int, what: str) -> Complaint:
        # Its start may have been lost: the block behind it is not to blame for its index.
        self._next = max(self._next, index + 1)
        self._late.add(index)
        return complaint(BLOCK_NEVER_STARTED, f"{what} for {_block(index)}")


def _block(index: int) -> str:
    return f"block {index}" if index >= 0 else "a block without an index"
