"""Requests, records and exchanges made by hand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from captures.exchange import Exchange
from captures.findings.rule import Rule
from captures.message import Message
from captures.records import (
    Chunk,
    Damage,
    End,
    Ending,
    Head,
    Headers,
    Record,
    Request,
    Tally,
)
from captures.verdict import verdict_of
from tests.captures.shared_material import CONTENT_TYPES, Recording

EVENT_STREAM: Headers = (("content-type", "text/event-stream; charset=utf-8"),)
JSON: Headers = (("content-type", "application/json"),)

Seen = tuple[list[tuple[str, str, str]], Message, list[tuple[Rule, str, int | None]], str]


def a_request(path: str = "/v1/messages") -> Request:
    """A request for a stream."""
    return Request(
        id="20260301T120000.250Z-4f1d02-000001",
        started="2026-03-01T12:00:00.000Z",
        upstream="https://api.example.com",
        method="POST",
        path=path,
        version="1.1",
        headers=(("content-type", "application/json"),),
    )


def a_head(status: int = 200, reason: str = "OK", headers: Headers = EVENT_STREAM) -> Head:
    """A response head that came after half a second."""
    return Head(1, 0.5, "1.1", status, reason, headers)


def chunks(pieces: Iterable[bytes], start: float = 0.6, step: float = 0.0001) -> list[Record]:
    """These pieces of a body, evenly in time."""
    return [Chunk(number + 2, start + number * step, piece) for number, piece in enumerate(pieces)]


def tally(body: bytes) -> Tally:
    """What one side counts for this body in one piece."""
    return Tally(len(body), hashlib.sha256(body).hexdigest(), 1)


def an_end(how: Ending = Ending.COMPLETE, why: str = "", time: float = 1.0) -> End:
    """The last record."""
    return End(1000, time, how, why, tally(b""), tally(b""))


def exchange_of(records: Iterable[Record | Damage], path: str = "/v1/messages") -> Exchange:
    """The fold of these records."""
    exchange = Exchange(a_request(path))
    for record in records:
        exchange.feed(record)
    return exchange


def streamed(
    pieces: Iterable[bytes],
    how: Ending = Ending.COMPLETE,
    why: str = "",
    headers: Headers = EVENT_STREAM,
    path: str = "/v1/messages",
) -> Exchange:
    """A stream of these pieces that ended so."""
    records = [a_head(headers=headers), *chunks(pieces), an_end(how, why)]
    return exchange_of(records, path)


def recorded(recording: Recording, pieces: Iterable[bytes]) -> Exchange:
    """A recorded stream that came in these pieces, under its usual type, and ended well."""
    headers = (("content-type", CONTENT_TYPES[recording.path.suffix]),)
    return streamed(pieces, headers=headers, path=recording.target)


def seen(exchange: Exchange) -> Seen:
    """What the faces show of an exchange, times aside."""
    return (
        [(event.kind, event.type, event.text) for event in exchange.events],
        exchange.message(),
        [(finding.rule, finding.detail, finding.event) for finding in exchange.findings],
        verdict_of(exchange).headline,
    )
