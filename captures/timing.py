"""When things happened in an exchange: five first times, the longest gap, the wait saved."""

from __future__ import annotations

from dataclasses import dataclass

from captures.dialects.base import Event, EventKind

TOKEN_KINDS = frozenset({EventKind.TEXT, EventKind.THINKING, EventKind.TOOL})
"""Events that carry what the model wrote. Pings and block starts never count as tokens."""


@dataclass(frozen=True, slots=True)
class Timing:
    """All in seconds since the request; None where it never happened."""

    head: float | None = None
    first_byte: float | None = None
    first_event: float | None = None
    first_token: float | None = None
    first_text: float | None = None
    """First visible text: after any thinking."""
    last_token: float | None = None
    stop_reason: float | None = None
    total: float | None = None
    """To the terminal event where there is one: a connection may stay open long after it."""
    longest_gap: float = 0.0
    """Longest wait between two events."""
    longest_gap_event: int | None = None
    """Index of the event that ended it."""
    tokens_per_second: float | None = None

    @property
    def wait_saved(self) -> float | None:
        """How much longer the user would have waited for the first word without streaming."""
        if self.total is None or self.first_text is None:
            return None
        return max(0.0, self.total - self.first_text)


class Clock:
    """Collects the times of one exchange as its events come. Mutable; fed by the exchange."""

    def __init__(self) -> None:
        self.head: float | None = None
        self.first_byte: float | None = None
        self.end: float | None = None
        self._first_event: float | None = None
        self._first_token: float | None = None
        self._first_text: float | None = None
        self._last_token: float | None = None
        self._stop_reason: float | None = None
        self._terminal: float | None = None
        self._previous: float | None = None
        self._longest_gap = 0.0
        self._longest_gap_event: int | None = None

    def see(self, index: int, event: Event) -> None:
        """Takes the next event of the timeline."""
        time = event.frame.last_time
        if self._previous is not None and time - self._previous > self._longest_gap:
            self._longest_gap = time - self._previous
            self._longest_gap_event = index
        self._previous = time
        if event.kind in {EventKind.COMMENT, EventKind.NOTHING, EventKind.UNFINISHED}:
            return
        self._first_event = time if self._first_event is None else self._first_event
        if event.kind in TOKEN_KINDS and event.text:
            self._first_token = time if self._first_token is None else self._first_token
            self._last_token = time
            if event.kind is EventKind.TEXT and self._first_text is None:
                self._first_text = time
        if event.stop_reason is not None:
            self._stop_reason = time
        if event.kind in {EventKind.TERMINAL, EventKind.ERROR}:
            self._terminal = time

    def timing(self, output_tokens: int | None) -> Timing:
        """The times so far."""
        return Timing(
            head=self.head,
            first_byte=self.first_byte,
            first_event=self._first_event,
            first_token=self._first_token,
            first_text=self._first_text,
            last_token=self._last_token,
            stop_reason=self._stop_reason,
            total=self._terminal if self._terminal is not None else self.end,
            longest_gap=self._longest_gap,
            longest_gap_event=self._longest_gap_event,
            tokens_per_second=self._rate(output_tokens),
        )

    def _rate(self, output_tokens: int | None) -> float | None:
        if output_tokens is None or self._first_token is None or self._last_token is None:
            return None
        elapsed = self._last_token - self._first_token
        return output_tokens / elapsed if elapsed > 0 else None
