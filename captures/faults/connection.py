"""Faults of the connection: cuts, waits, compression, statuses and headers."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from dataclasses import replace
from random import Random

from captures.faults.arguments import Arguments
from captures.faults.blocks import Block
from captures.faults.harm import AnswerHead, Ending, Expiry, Harm, Send, Step, Stop, on_blocks

STALL_SECONDS = 600.0
"""How long a stall lasts that nobody bounds; then the connection is closed."""

_GZIP_WINDOW = zlib.MAX_WBITS | 16

_STATUS_ERRORS = {
    429: ("rate_limit_error", "Rate limited"),
    500: ("api_error", "Internal server error"),
    503: ("api_error", "Service unavailable"),
    529: ("overloaded_error", "Overloaded"),
}


def cut(arguments: Arguments, _random: Random) -> Harm:
    """The connection ends before an event or behind so many bytes or seconds."""
    ending = Ending.RESET if arguments.has("reset") else Ending.CLOSE
    ending = Ending.CLEAN if arguments.has("clean") else ending
    after_bytes = arguments.count("byte")
    if after_bytes is not None:
        return _cut_behind_bytes(after_bytes, ending)
    if arguments.has("time"):
        return Harm(expires=Expiry(arguments.seconds("time", 0.0), ending))
    event = arguments.count("event") or 0

    def change(block: Block) -> Iterable[bytes | Step]:
        return [Stop(ending)] if block.index == event and block.has_data else [block.raw]

    return on_blocks(change)


def stall(arguments: Arguments, _random: Random) -> Harm:
    """A long silence before an event."""
    event = arguments.count("event") or 0
    seconds = arguments.seconds("seconds", STALL_SECONDS)
    is_bounded = arguments.has("seconds")

    def change(block: Block) -> Iterable[bytes | Step]:
        if block.index != event or not block.has_data:
            return [block.raw]
        return [Send(block.raw, seconds)] if is_bounded else [Stop(Ending.CLOSE, seconds)]

    return on_blocks(change)


def slow(arguments: Arguments, _random: Random) -> Harm:
    """A wait before every chunk."""
    seconds = arguments.seconds("seconds", 0.05)
    return Harm(feed=lambda data: [Send(data, seconds)])


def jitter(arguments: Arguments, random: Random) -> Harm:
    """A wait of random length before every chunk."""
    most = arguments.seconds("seconds", 0.2)
    return Harm(feed=lambda data: [Send(data, random.uniform(0, most))])


def gzip_flushed(_arguments: Arguments, _random: Random) -> Harm:
    """The body is compressed and flushed at every chunk."""
    compressor = zlib.compressobj(wbits=_GZIP_WINDOW)

    def feed(data: bytes) -> list[Step]:
        return [Send(compressor.compress(data) + compressor.flush(zlib.Z_SYNC_FLUSH))]

    return Harm(feed, lambda: [Send(compressor.flush())], _as_gzip, reads_text=True)


def gzip_held(_arguments: Arguments, _random: Random) -> Harm:
    """The body is compressed and never flushed, so that all of it comes at the end."""
    compressor = zlib.compressobj(wbits=_GZIP_WINDOW)

    def feed(data: bytes) -> list[Step]:
        made = compressor.compress(data)
        return [Send(made)] if made else []

    return Harm(feed, lambda: [Send(compressor.flush())], _as_gzip, reads_text=True)


def status(arguments: Arguments, _random: Random) -> Harm:
    """An error status in place of the answer."""
    code = int(arguments.text("code", "529"))
    type_, message = _STATUS_ERRORS.get(code, ("api_error", f"HTTP {code}"))
    error = {"type": type_, "message": message, "code": code}
    body = json.dumps({"type": "error", "error": error}).encode()
    retry_after = arguments.count("retry-after")

    def head(found: AnswerHead) -> AnswerHead:
        plain = found.without_header("content-encoding").without_header("content-length")
        changed = replace(plain, status=code, body=body)
        changed = changed.with_header("content-type", "application/json")
        if retry_after is None:
            return changed
        return changed.with_header("retry-after", str(retry_after))

    return Harm(head=head)


def content_type(arguments: Arguments, _random: Random) -> Harm:
    """Another content type than the stream's."""
    value = arguments.text("value", "application/json")
    return Harm(head=lambda found: found.with_header("content-type", value))


def _as_gzip(found: AnswerHead) -> AnswerHead:
    plain = found.without_header("content-length")
    return plain.with_header("content-encoding", "gzip")


def _cut_behind_bytes(limit: int, ending: Ending) -> Harm:
    left = limit

    def feed(data: bytes) -> list[Step]:
        nonlocal left
        kept = data[:left]
        left -= len(kept)
        ended: list[Step] = [Stop(ending)] if left == 0 else []
        return [Send(kept), *ended] if kept else ended

    return Harm(feed)
