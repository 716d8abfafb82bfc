"""A body that was saved without its capture: an ``.sse`` file, or what curl printed.

It has neither times nor chunks nor a request. Its exchange says so, and is judged on the rest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from itertools import chain

from captures.exchange import Exchange
from captures.records import Chunk, End, Ending, Head, Request, Tally

EVENT_STREAM = "text/event-stream"

_CONTENT_TYPES = {
    ".sse": EVENT_STREAM,
    ".ndjson": "application/x-ndjson",
    ".jsonl": "application/x-ndjson",
    ".json": "application/json",
    ".eventstream": "application/vnd.amazon.eventstream",
}
_AWS_PRELUDE_SIZE = 12
_GEMINI_ARRAY = "/:streamGenerateContent"
"""Stands for the path by which an array of answers is told from any other JSON."""


def content_type_of(name: str, beginning: bytes) -> str:
    """The media type of a saved body, by the end of its name, else by how it begins.

    Args:
        name: the file's name, or ``-``.
        beginning: at least its first line, where there is one.
    """
    suffix = name[name.rfind(".") :].lower() if "." in name else ""
    if suffix in _CONTENT_TYPES:
        return _CONTENT_TYPES[suffix]
    if len(beginning) >= _AWS_PRELUDE_SIZE and beginning[:1] == b"\0":
        return "application/vnd.amazon.eventstream"
    text = beginning.lstrip()
    if text.startswith(b"{"):
        lines = [line for line in text.split(b"\n") if line.strip()]
        several = len(lines) > 1 and lines[1].startswith(b"{")
        return "application/x-ndjson" if several else "application/json"
    if text.startswith(b"["):
        return "application/json"
    return EVENT_STREAM


def target_of(content_type: str, beginning: bytes) -> str:
    """The request target that stands for the one that is not known."""
    is_array = content_type == "application/json" and beginning.lstrip().startswith(b"[")
    return _GEMINI_ARRAY if is_array else "/"


def exchange_of_body(name: str, content_type: str, pieces: Iterable[bytes]) -> Exchange:
    """The exchange of a body alone, taken for whole.

    Args:
        name: what it is called; stands for the exchange's id.
        content_type: its media type, see content_type_of.
        pieces: the body in pieces of any size.
    """
    pieces = iter(pieces)
    first = next(pieces, b"")
    target = target_of(content_type, first)
    exchange = Exchange(Request(name, "", "", "", target, "", ()), timed=False)
    exchange.feed(Head(1, 0.0, "", 200, "", (("content-type", content_type),)))
    digest, size, count = hashlib.sha256(), 0, 0
    for piece in chain([first], pieces) if first else ():
        digest.update(piece)
        size, count = size + len(piece), count + 1
        exchange.feed(Chunk(count + 1, 0.0, piece))
    tally = Tally(size, digest.hexdigest(), count)
    exchange.feed(End(count + 2, 0.0, Ending.COMPLETE, "", tally, tally))
    return exchange
