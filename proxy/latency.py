"""How long chunks took through the proxy: percentiles in constant memory."""

from __future__ import annotations

from math import ceil, log2

from captures.records import Latency

_BUCKETS_A_DOUBLING = 16
"""A percentile is off by 1/16 of a doubling at most, which is below 5 percent."""
_SMALLEST = 1e-7
_A_WAIT = 0.001
"""Seconds from which handing over counts as waiting: the call alone takes microseconds."""
_BUCKET_COUNT = 34 * _BUCKETS_A_DOUBLING
"""From 0.1 µs to half an hour."""


class RunningLatency:
    """Takes the delay of every chunk of one exchange. Mutable."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self._total = 0
        self._maximum = 0.0
        self._client_wait = 0.0
        self._client_ready = 0.0

    def passed_on(self, arrived: float, handed_over: float, ready_again: float) -> None:
        """Takes one chunk, its three moments in seconds on one clock.

        Args:
            arrived: when its last byte came from the upstream.
            handed_over: when it was given to the client's connection.
            ready_again: when that connection was ready for more.
        """
        self._add(handed_over - max(arrived, self._client_ready))
        if ready_again - handed_over >= _A_WAIT:
            self._client_wait += ready_again - handed_over
        self._client_ready = ready_again

    def latency(self) -> Latency | None:
        """The figures so far; None when nothing was passed on."""
        if not self._total:
            return None
        return Latency(
            self._percentile(0.5), self._percentile(0.99), self._maximum, self._client_wait
        )

    def _add(self, seconds: float) -> None:
        bucket = 0
        if seconds > _SMALLEST:
            bucket = min(_BUCKET_COUNT, ceil(_BUCKETS_A_DOUBLING * log2(seconds / _SMALLEST)))
        self._counts[bucket] = self._counts.get(bucket, 0) + 1
        self._total += 1
        self._maximum = max(self._maximum, seconds)

    def _percentile(self, share: float) -> float:
        wanted = ceil(share * self._total)
        seen = 0
        for bucket in sorted(self._counts):
            seen += self._counts[bucket]
            if seen >= wanted and bucket < _BUCKET_COUNT:
                return min(self._maximum, _SMALLEST * 2 ** (bucket / _BUCKETS_A_DOUBLING))
        return self._maximum
