"""What an ended exchange tells of its connections: pure functions in a tuple."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from captures.findings.network import (
    CLIENT_LEFT_EARLY,
    CLIENT_LEFT_UNANSWERED,
    NOT_ANSWERED,
    UPSTREAM_BROKE,
)
from captures.findings.rule import Finding
from captures.records import Ending
from captures.stream_point import StreamPoint

if TYPE_CHECKING:
    from captures.exchange import Exchange

_UPSTREAM_BROKE = {
    Ending.UPSTREAM_TRUNCATED,
    Ending.UPSTREAM_RESET,
    Ending.UPSTREAM_PROTOCOL,
    Ending.UPSTREAM_TIMEOUT,
}


def network_findings(exchange: Exchange) -> Iterator[Finding]:
    """All that the checks find in an exchange that has ended."""
    for check in CHECKS:
        yield from check(exchange)


def _client_left(exchange: Exchange) -> Iterator[Finding]:
    leave, end = exchange.leave, exchange.end
    if leave is None or end is None or leave.point is StreamPoint.AFTER_END:
        return
    if leave.point is StreamPoint.BEFORE_HEAD:
        yield Finding(CLIENT_LEFT_UNANSWERED, f"it had waited {end.time:.3f} s")
        return
    if leave.point is StreamPoint.IN_STREAM and exchange.request.method == "GET":
        # A stream that was fetched has no end of its own: leaving is how it ends.
        return
    missed = f"; it missed {', '.join(leave.missed)}" if leave.missed else ""
    yield Finding(CLIENT_LEFT_EARLY, f"{leave.position}{missed}")


def _upstream_broke(exchange: Exchange) -> Iterator[Finding]:
    end, dialect = exchange.end, exchange.dialect
    if end is None or not end.how.value.startswith("upstream_"):
        return
    why = end.why or end.how.value
    if exchange.head is None or end.how not in _UPSTREAM_BROKE:
        yield Finding(NOT_ANSWERED, why)
    elif dialect is None or not dialect.finished:
        yield Finding(UPSTREAM_BROKE, why)


CHECKS: tuple[Callable[[Exchange], Iterator[Finding]], ...] = (_client_left, _upstream_broke)
"""Who ended it first, then everything else. A new check is a function and a row here."""
