"""Who the waits of an exchange were spent on: the upstream, the client, or the proxy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from captures.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Waits:
    """All in seconds."""

    upstream: float
    """Until the last byte had come, less what the client took of it: while the client takes
    nothing the proxy reads nothing, and the upstream cannot send."""
    client: float
    """That the client was not ready to take more."""
    proxy: float
    """The longest that the proxy kept a chunk which the client was ready to take."""


def waits_of(exchange: Exchange) -> Waits | None:
    """The waits of an exchange that has ended; None where they were not measured."""
    end, chunks = exchange.end, exchange.body.chunks
    if not exchange.is_timed or end is None or end.latency is None or not chunks:
        return None
    client = end.latency.client_wait
    return Waits(max(0.0, chunks.times[-1] - client), client, end.latency.maximum)
