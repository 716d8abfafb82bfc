"""When things happened in an exchange: five first times, the longest gap, the wait saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from captures.bursts import Buffering, BurstWatch
from captures.dialects.base import Event, EventKind
from captures.records import Boundary
from captures.stalls import Stall, StallWatch
from captures.token_times import InterToken, TokenGaps

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
    held_open: float | None = None
    """How long the connection stayed open after the terminal event, in seconds; None where
    there was no terminal event, or the connection is still open."""
    longest_gap: float = 0.0
    """Longest wait between two events."""
    longest_gap_event: int | None = None
    """Index of the event that ended it."""
    tokens_per_second: float | None = None
    """Of the tokens the provider counted, from the first token to the last."""
    characters_per_second: float | None = None
    """Of all that the model wrote, for where nobody counted the tokens."""

    @property
    def wait_saved(self) -> float | None:
        """How much longer the user would have waited for the first word without streaming."""
        if self.total is None or self.first_text is None:
            return None
        return max(0.0, self.total - self.first_text)


_NOTHING_DISPATCHED = frozenset({EventKind.COMMENT, EventKind.NOTHING, EventKind.UNFINISHED})
_ENDS = frozenset({EventKind.TERMINAL, EventKind.ERROR})


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
        self._characters = 0
        self._token_gaps = TokenGaps()
        self._stall_watch = StallWatch()
        self._burst_watch = BurstWatch()

    def see_chunk(self, time: float, size: int, boundary: Boundary) -> None:
        """Takes the next network chunk of a stream, before the events that it completes."""
        self._burst_watch.see_chunk(time, size, boundary)

    def see(self, index: int, event: Event) -> None:
        """Takes the next event of the timeline."""
        time = event.frame.last_time
        if self._previous is not None and time - self._previous > self._longest_gap:
            self._longest_gap = time - self._previous
            self._longest_gap_event = index
        self._previous = time
        self._burst_watch.see_event(index, event)
        has_token = event.kind in TOKEN_KINDS and bool(event.text)
        self._stall_watch.see(index, event.kind, time, has_token=has_token)
        if event.kind in _NOTHING_DISPATCHED:
            return
        self._first_event = time if self._first_event is None else self._first_event
        if has_token:
            self._see_token(event, time)
        if event.stop_reason is not None:
            self._stop_reason = time
        if event.kind in _ENDS:
            self._terminal = time

    def timing(self, output_tokens: int | None) -> Timing:
        """The times so far.

        Args:
            output_tokens: how many the provider counted, if it told.
        """
        return Timing(
            head=self.head,
            first_byte=self.first_byte,
            first_event=self._first_event,
            first_token=self._first_token,
            first_text=self._first_text,
            last_token=self._last_token,
            stop_reason=self._stop_reason,
            total=self._terminal if self._terminal is not None else self.end,
            held_open=self._held_open(),
            longest_gap=self._longest_gap,
            longest_gap_event=self._longest_gap_event,
            # Until the stop reason, providers tell a provisional number at most.
            tokens_per_second=self._rate(None if self._stop_reason is None else output_tokens),
            characters_per_second=self._rate(self._characters or None),
        )

    def inter_token(self) -> InterToken | None:
        """The waits between the tokens so far."""
        return self._token_gaps.summary()

    def token_waits(self) -> Sequence[float]:
        """The waits between the tokens so far in their order, in seconds."""
        return self._token_gaps.waits

    def buffering(self) -> Buffering | None:
        """Evidence so far that something on the way holds the stream back."""
        return self._burst_watch.buffering()

    def stalls(self, end: float | None) -> tuple[Stall, ...]:
        """The stalls so far; of a stream that ended before its time, with this last moment."""
        return self._stall_watch.stalls(self.inter_token, end)

    def _see_token(self, event: Event, time: float) -> None:
        self._first_token = time if self._first_token is None else self._first_token
        self._last_token = time
        self._characters += len(event.text)
        self._token_gaps.see(time)
        if event.kind is EventKind.TEXT and self._first_text is None:
            self._first_text = time

    def _held_open(self) -> float | None:
        if self._terminal is None or self.end is None:
            return None
        return max(0.0, self.end - self._terminal)

    def _rate(self, count: int | None) -> float | None:
        if count is None or self._first_token is None or self._last_token is None:
            return None
        elapsed = self._last_token - self._first_token
        return count / elapsed if elapsed > 0 else None
