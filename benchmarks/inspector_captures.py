"""The captures that the benchmark of the inspector opens."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import chain, count
from pathlib import Path
from random import Random
from time import monotonic, sleep

from captures.record_lines import encode_request
from captures.records import Chunk, End, Ending, Head, Record, Request, RequestChunk, Tally
from captures.segment import Segment

NEEDLE = "a needle in the haystack"
_WORDS = [" the", " stream", " of", " tokens", " whose", " answer", " is", " a", " model", "s", ","]
_BODY_PIECE = 64 * 1024
_AT_ONCE = 1000


def make_stream(path: Path, events: int) -> None:
    """A capture of so many events, 120 bytes and a chunk each, the needle shortly before its end.

    Args:
        path: the file that is made.
        events: how many.
    """
    written = chain(_deltas(events - 7), [_delta(f" {NEEDLE}")], _deltas(1))
    _write(path, "text/event-stream", chain(_begin(), written, _ending()))


def make_body(path: Path, size: int) -> None:
    """A capture of an answer that is no stream, of so many bytes of text."""
    piece = bytes(chain.from_iterable(b"%015d\n" % number for number in range(_BODY_PIECE // 16)))
    _write(path, "application/octet-stream", (piece for _ in range(size // len(piece))))


def write_live(path: Path, events_a_second: int, seconds: float) -> None:
    """Writes a running capture at a pace, as a recorder does, and leaves it without an end."""
    segment, sequence = _begun(path, "text/event-stream"), count(3)
    words, started, sent = _deltas(sys.maxsize), monotonic(), 0
    segment.append([Chunk(next(sequence), 0.2, data) for data in _begin()])
    while (now := monotonic() - started) < seconds:
        due = int(now * events_a_second)
        segment.append([Chunk(next(sequence), 0.3 + now, next(words)) for _ in range(sent, due)])
        sent = due
        sleep(0.01)
    segment.close()


def _begun(path: Path, content_type: str) -> Segment:
    request = Request(
        path.stem,
        "2026-01-01T00:00:00Z",
        "https://api.anthropic.com",
        "POST",
        "/v1/messages",
        "1.1",
        (),
    )
    segment = Segment(path, encode_request(request))
    head = Head(2, 0.1, "1.1", 200, "OK", (("content-type", content_type),))
    segment.append([RequestChunk(1, 0.0, b'{"model":"claude-1","stream":true}'), head])
    return segment


def _write(path: Path, content_type: str, pieces: Iterable[bytes]) -> None:
    segment = _begun(path, content_type)
    waiting: list[Record] = []
    sequence, time, size = 3, 0.2, 0
    for sequence, data in enumerate(pieces, 3):
        time += 0.02
        size += len(data)
        waiting.append(Chunk(sequence, time, data))
        if len(waiting) == _AT_ONCE:
            segment.append(waiting)
            waiting.clear()
    tally = Tally(size, "", sequence - 2)
    segment.append([*waiting, End(sequence + 1, time, Ending.COMPLETE, "", tally, tally)])
    segment.close()


def _event(type_: str, rest: str) -> bytes:
    return f'event: {type_}\ndata: {{"type":"{type_}",{rest}}}\n\n'.encode()


def _delta(text: str) -> bytes:
    delta = f'"index":0,"delta":{{"type":"text_delta","text":"{text}"}}'
    return _event("content_block_delta", delta)


def _deltas(events: int) -> Iterator[bytes]:
    random = Random(1)  # noqa: S311 - which words a model writes is no secret
    for _ in range(events):
        yield _delta(random.choice(_WORDS))


def _begin() -> list[bytes]:
    message = (
        '"message":{"id":"msg_1","type":"message","role":"assistant","content":[],'
        '"model":"claude-1","stop_reason":null,"usage":{"input_tokens":5,"output_tokens":1}}'
    )
    block = '"index":0,"content_block":{"type":"text","text":""}'
    return [_event("message_start", message), _event("content_block_start", block)]


def _ending() -> list[bytes]:
    stop = '"delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":99}'
    return [
        _event("content_block_stop", '"index":0'),
        _event("message_delta", stop),
        b'event: message_stop\ndata: {"type":"message_stop"}\n\n',
    ]


if __name__ == "__main__":
    write_live(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
