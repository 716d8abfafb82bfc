"""Captures of made-up exchanges, written as the proxy writes them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from captures.records import Boundary, Ending, Headers, Tally
from captures.store import captures_in
from captures.writer import Writer

EVENT_STREAM = ("Content-Type", "text/event-stream")
JSON = ("Content-Type", "application/json")


@dataclass(frozen=True)
class Recorded:
    """One exchange. Each piece comes one second after the one before it."""

    pieces: tuple[bytes, ...] = ()
    method: str = "POST"
    target: str = "/v1/messages"
    body: bytes = b"{}"
    status: int | None = 200
    """None where the upstream gave no answer."""
    headers: Headers = (EVENT_STREAM,)
    how: Ending | None = Ending.COMPLETE
    """None where the recorder died."""
    why: str = ""


def write_captures(folder: Path, *exchanges: Recorded) -> list[Path]:
    """Writes a capture of each exchange and returns their files in this order."""
    folder.mkdir(mode=0o700, exist_ok=True)
    writer = Writer(folder)
    for exchange in exchanges:
        _write(writer, exchange)
    status = writer.close()
    assert not status.failure
    return captures_in(folder)[-len(exchanges) :]


def tally(pieces: Iterable[bytes]) -> Tally:
    """What a recorder counts of these pieces."""
    filled = [piece for piece in pieces if piece]
    body = b"".join(filled)
    return Tally(len(body), hashlib.sha256(body).hexdigest(), len(filled))


def _write(writer: Writer, exchange: Recorded) -> None:
    recording = writer.record(
        upstream="https://api.example",
        method=exchange.method,
        path=exchange.target,
        version="1.1",
        headers=(("Host", "127.0.0.1"),),
    )
    if exchange.body:
        recording.request_chunk(0.001, exchange.body)
    if exchange.status is not None:
        recording.head(0.5, "1.1", exchange.status, "", exchange.headers)
    time = 0.5
    for piece in exchange.pieces:
        time += 1.0
        recording.chunk(time, piece, Boundary.CHUNK)
    if exchange.how is not None:
        sums = tally(exchange.pieces)
        recording.end(time + 0.25, exchange.how, exchange.why, sums, sums)
