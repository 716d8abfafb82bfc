"""The waits between the tokens of one stream: exact percentiles in eight bytes a token."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class InterToken:
    """The waits between one event with tokens and the next, in seconds."""

    count: int
    """How many waits there were: one less than the events."""
    p50: float
    p95: float
    p99: float
    maximum: float


class TokenGaps:
    """Takes the arrival of every event that carries tokens. Mutable; 8 bytes an event."""

    def __init__(self) -> None:
        self.waits = array("d")
        """The waits so far in their order, in seconds. For reading."""
        self._previous: float | None = None
        self._summary: InterToken | None = None

    def see(self, time: float) -> None:
        """Takes the arrival of the next such event, in seconds since the request."""
        if self._previous is not None:
            self.waits.append(max(0.0, time - self._previous))
        self._previous = time

    def summary(self) -> InterToken | None:
        """The percentiles so far (nearest rank, exact); None before the second event."""
        if not self.waits:
            return None
        if self._summary is None or self._summary.count != len(self.waits):
            self._summary = _summary_of(sorted(self.waits))
        return self._summary


def _summary_of(gaps: list[float]) -> InterToken:
    def percentile(share: float) -> float:
        return gaps[ceil(share * len(gaps)) - 1]

    return InterToken(len(gaps), percentile(0.5), percentile(0.95), percentile(0.99), gaps[-1])
