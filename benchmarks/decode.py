"""What decoding and folding cost: our decoder and fold beside the decoders of known clients.

Run with ``python -m benchmarks.decode``. Each cell is a process of its own over the same bytes:
seconds of CPU, and the memory at its peak over what the process held before. A quarter of the
same stream tells whether the cost is linear: the last column is 4 where it is.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from time import process_time

import httpx
import httpx_sse
from anthropic._streaming import SSEDecoder as AnthropicDecoder
from openai._streaming import SSEDecoder as OpenAIDecoder

from captures.exchange import Exchange
from captures.records import Chunk, Head, Request
from captures.sse import Decoder

LIMIT_SECONDS = 90
READ_SIZE = 1460
EVENT_STREAM = ("content-type", "text/event-stream")


def delta(size: int) -> bytes:
    """An event of the Messages API whose text has so many characters."""
    payload = {"type": "content_block_delta", "index": 0}
    text = {"type": "text_delta", "text": "x" * size}
    line = json.dumps({**payload, "delta": text}, separators=(",", ":"))
    return f"event: content_block_delta\ndata: {line}\n\n".encode()


def begin() -> bytes:
    """The events in front of the first delta."""
    message = {"id": "msg_1", "type": "message", "role": "assistant", "content": []}
    start = json.dumps({"type": "message_start", "message": {**message, "model": "made-up"}})
    block = {"type": "content_block_start", "index": 0}
    block_start = json.dumps({**block, "content_block": {"type": "text", "text": ""}})
    return (
        f"event: message_start\ndata: {start}\n\n"
        f"event: content_block_start\ndata: {block_start}\n\n"
    ).encode()


def in_reads(event: bytes, count: int) -> Iterator[bytes]:
    """So many events in the pieces of socket reads, which cut them anywhere."""
    batch = event * READ_SIZE
    pieces = [batch[start : start + READ_SIZE] for start in range(0, len(batch), READ_SIZE)]
    wanted = count * len(pieces) // READ_SIZE
    return chain([begin()], islice(chain.from_iterable(iter(lambda: pieces, None)), wanted))


def one_line(size: int) -> Iterator[bytes]:
    """One event with a text of so many bytes, 64 a piece."""
    before, after = delta(1).split(b'x"}')
    return chain([begin(), before], (b"x" * 64 for _ in range(size // 64)), [b'"}' + after])


CASES: dict[str, tuple[Callable[[int], Iterable[bytes]], int]] = {
    "1 M events of 128 B": (lambda count: in_reads(delta(16), count), 1_000_000),
    "100 MB in events of 4 KB": (lambda size: in_reads(delta(3984), size // 4096), 100_000_000),
    "100 k events in one chunk": (lambda count: [begin() + delta(16) * count], 100_000),
    "one line of 16 MB, 64 B a piece": (one_line, 16_000_000),
}


def our_decoder(pieces: Iterable[bytes]) -> int:
    """Frames, thrown away at once as the other decoders' events are."""
    decoder = Decoder()
    return sum(len(decoder.feed(piece, 0.0)) for piece in pieces) + len(decoder.finish())


def our_fold(pieces: Iterable[bytes]) -> int:
    """Everything the faces show, kept: events, message, timing, findings."""
    exchange = Exchange(Request("", "", "", "POST", "/v1/messages", "1.1", ()))
    exchange.feed(Head(1, 0.0, "1.1", 200, "OK", (EVENT_STREAM,)))
    for number, piece in enumerate(pieces):
        exchange.feed(Chunk(number + 2, 0.0, piece))
    return len(exchange.events)


def httpx_sse_decoder(pieces: Iterable[bytes]) -> int:
    """httpx-sse over a response that is not on a socket."""
    response = httpx.Response(200, headers=[EVENT_STREAM], content=iter(pieces))
    return sum(1 for _ in httpx_sse.EventSource(response).iter_sse())


def anthropic_decoder(pieces: Iterable[bytes]) -> int:
    """The decoder of Anthropic's SDK, without the JSON it parses afterwards."""
    return sum(1 for _ in AnthropicDecoder().iter_bytes(iter(pieces)))


def openai_decoder(pieces: Iterable[bytes]) -> int:
    """The decoder of OpenAI's SDK, without the JSON it parses afterwards."""
    return sum(1 for _ in OpenAIDecoder().iter_bytes(iter(pieces)))


WAYS: dict[str, Callable[[Iterable[bytes]], int]] = {
    "Decoder": our_decoder,
    "Decoder and Exchange": our_fold,
    "httpx-sse": httpx_sse_decoder,
    "anthropic": anthropic_decoder,
    "openai": openai_decoder,
}


def measure(case: str, way: str, share: int) -> None:
    """Prints events, CPU seconds and bytes of memory at the peak for a share of a case."""
    make, amount = CASES[case]
    pieces = make(amount // share)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = process_time()
    events = WAYS[way](pieces)
    seconds = process_time() - started
    peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    print(json.dumps([events, seconds, peak]))


def measured(case: str, way: str, share: int = 1) -> tuple[int, float, int] | None:
    """What a process of its own measures, or None where it takes too long."""
    command = [sys.executable, "-m", "benchmarks.decode", case, way, str(share)]
    try:
        done = subprocess.run(
            command, capture_output=True, check=True, text=True, timeout=LIMIT_SECONDS
        )
    except subprocess.TimeoutExpired:
        return None
    events, seconds, peak = json.loads(done.stdout)
    return events, seconds, peak


def main() -> None:
    """Prints the table."""
    print(f"load average {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}\n")
    print("| stream | decoder | CPU s | times ours | peak MB | against a quarter |")
    print("|---|---|---|---|---|---|")
    for case in CASES:
        ours: float | None = None
        for way in WAYS:
            whole = measured(case, way)
            if whole is None:
                print(f"| {case} | {way} | over {LIMIT_SECONDS} | | | |", flush=True)
                continue
            _, seconds, peak = whole
            ours = seconds if ours is None else ours
            quarter = measured(case, way, 4)
            ratio = f"{seconds / quarter[1]:.1f}" if quarter else ""
            row = (case, way, f"{seconds:.2f}", f"{seconds / ours:.1f}", f"{peak / 1e6:.0f}", ratio)
            print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    else:
        main()
