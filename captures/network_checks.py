"""What an ended exchange tells of its connections: pure functions in a tuple."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from captures.findings.network import (
    BROKE_AFTER_THE_END,
    BYTES_DIFFER,
    CLIENT_LEFT_EARLY,
    CLIENT_LEFT_UNANSWERED,
    NO_EVENT,
    NOT_ANSWERED,
    REDIRECTED,
    STREAM_UNDER_OTHER_TYPE,
    UPSTREAM_BROKE,
)
from captures.findings.rule import Finding
from captures.records import Ending, header
from captures.stalls import SIGNS_OF_LIFE
from captures.stream_point import StreamPoint
from captures.time_checks import held_back, held_open, slow_client, stalled

if TYPE_CHECKING:
    from captures.exchange import Exchange

_UPSTREAM_BROKE = {
    Ending.UPSTREAM_TRUNCATED,
    Ending.UPSTREAM_RESET,
    Ending.UPSTREAM_PROTOCOL,
    Ending.UPSTREAM_TIMEOUT,
}

_REDIRECTS = frozenset({301, 302, 303, 307, 308})

MAX_SHOWN_LOCATION = 200
"""Characters of a redirect's target that are shown."""


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
    elif dialect is not None and dialect.finished:
        yield Finding(BROKE_AFTER_THE_END, why)
    else:
        missing = ", ".join(dialect.missing) if dialect is not None else ""
        yield Finding(UPSTREAM_BROKE, f"{why}; missing {missing}" if missing else why)


def _bytes_differ(exchange: Exchange) -> Iterator[Finding]:
    end = exchange.end
    if end is None or end.how is not Ending.COMPLETE:
        return
    came, went = end.upstream, end.client
    if (came.size, came.sha256) != (went.size, went.sha256):
        sizes = f"{came.size:,} bytes came and {went.size:,} went"
        same = ", with another SHA-256" if came.size == went.size else ""
        yield Finding(BYTES_DIFFER, f"{sizes}{same}")


def _no_event(exchange: Exchange) -> Iterator[Finding]:
    if has_no_event(exchange):
        size = exchange.body.size
        yield Finding(NO_EVENT, f"its body has {size:,} bytes" if size else "its body is empty")


def has_no_event(exchange: Exchange) -> bool:
    """Whether a stream that was asked for ended well and brought nothing, in no known protocol.

    Dialects that are known by their path complain of it themselves. A stream that was fetched,
    with GET, may end before anything has happened.
    """
    end, head = exchange.end, exchange.head
    if end is None or head is None or end.how is not Ending.COMPLETE or exchange.stream_has_gap:
        return False
    asked = exchange.is_stream and exchange.request.method != "GET" and head.status == 200
    events = exchange.events
    silent = all(events.kind(index) in SIGNS_OF_LIFE for index in range(len(events)))
    readable = not exchange.body.chunks or exchange.body.size > 0
    return asked and silent and readable and exchange.dialect is None and not exchange.findings


def _stream_under_other_type(exchange: Exchange) -> Iterator[Finding]:
    if exchange.is_mistyped:
        type_ = exchange.content_type
        yield Finding(STREAM_UNDER_OTHER_TYPE, f"it came as {type_}" if type_ else "it has none")


def _redirected(exchange: Exchange) -> Iterator[Finding]:
    head = exchange.head
    if head is None or head.status not in _REDIRECTS or exchange.request.method != "POST":
        return
    location = " ".join(header(head.headers, "location").split())[:MAX_SHOWN_LOCATION]
    loses_body = " · most clients follow with a GET, without the body" * (head.status <= 303)
    yield Finding(REDIRECTED, f"HTTP {head.status} to {location or 'nowhere'}{loses_body}")


CHECKS: tuple[Callable[[Exchange], Iterator[Finding]], ...] = (
    _client_left,
    _upstream_broke,
    _bytes_differ,
    _no_event,
    _stream_under_other_type,
    _redirected,
    stalled,
    held_back,
    held_open,
    slow_client,
)
"""Who ended it first, then everything else. A new check is a function and a row here."""
