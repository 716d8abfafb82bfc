"""What a replay keeps of a stream: its bytes, chunks, ending and times, alone and under load.

Run with ``python -m benchmarks.replay [SECONDS] [CLIENTS]``. First a stream of the sandbox is
recorded, replayed and recorded again, and the two captures are compared. Then many clients ask
for the same capture at once, and each chunk's arrival is held against the time it was due.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from time import monotonic

import uvloop

from captures.records import Boundary, Chunk, End, Ending, Record, Tally
from captures.store import captures_in, prepare_folder, read
from captures.writer import Writer

CLIENTS = 500
SECONDS = 60.0
LOAD_SECONDS = 10.0
CHUNKS_A_SECOND = 20
EVENT = b'event: delta\ndata: {"type":"text_delta","text":"streams lie quietly"}\n\n'
FRAME_SIZE = len(EVENT) + len(b"%x\r\n\r\n" % len(EVENT))
QUESTION = json.dumps(
    {
        "model": "sandbox-end-turn",
        "max_tokens": 9,
        "stream": True,
        "messages": [{"role": "user", "content": "hi"}],
    }
).encode()


async def measure(seconds: float, clients: int) -> None:
    """Prints both comparisons and the load of the machine."""
    with tempfile.TemporaryDirectory() as folder:
        await _round_trip(Path(folder), seconds)
        await _under_load(Path(folder), clients)


async def _round_trip(folder: Path, seconds: float) -> None:
    first, second = folder / "first", folder / "second"
    load = os.getloadavg()[0]
    with _ssescope("sandbox", "--seconds", str(seconds)) as sandbox:
        with _ssescope("proxy", sandbox, "--captures", str(first)) as proxy:
            await _warm_up(proxy)
            await _arrivals(proxy)
    with _ssescope("replay", str(captures_in(first)[-1])) as replay:
        with _ssescope("proxy", replay, "--captures", str(second)) as proxy:
            await _warm_up(proxy)
            await _arrivals(proxy)
    recorded, again = (_chunks_and_end(captures_in(path)[-1]) for path in (first, second))
    one, other = ([chunk.data for chunk in chunks] for chunks, _ in (recorded, again))
    assert one == other
    assert recorded[1].how is again[1].how is Ending.COMPLETE
    late = [
        (replayed.time - original.time) * 1000
        for original, replayed in zip(recorded[0], again[0], strict=True)
    ]
    tenth = max(1, len(late) // 10)
    drift = sum(late[-tenth:]) / tenth - sum(late[:tenth]) / tenth
    print(f"round trip of {len(late)} chunks in {recorded[1].time:.1f} s: bytes, chunks, end equal")
    _print_late(late, load)
    print(f"  drift from the first tenth to the last: {drift:+.2f} ms")


async def _warm_up(origin: str) -> None:
    """Asks once and leaves at the first chunk: what is done for the first time takes longer."""
    async with asyncio.timeout(30):
        await _arrivals(origin, most=1)


async def _under_load(folder: Path, clients: int) -> None:
    capture = _steady_capture(folder / "steady")
    due = [chunk.time for chunk in _chunks_and_end(capture)[0]]
    with _ssescope("replay", str(capture)) as replay:
        await _warm_up(replay)
        for within in (0.0, 1.0):
            load = os.getloadavg()[0]
            answers = await asyncio.gather(
                *(
                    _frame_arrivals(replay, len(due), wait=number * within / clients)
                    for number in range(clients)
                )
            )
            late = [
                (arrival - time) * 1000
                for arrivals in answers
                for arrival, time in zip(arrivals, due, strict=True)
            ]
            rate = clients * CHUNKS_A_SECOND
            print(f"{clients} clients that ask within {within:g} s, {rate:,} chunks a second")
            _print_late(late, load)


def _steady_capture(folder: Path) -> Path:
    """A capture of equal events at an even pace."""
    prepare_folder(folder)
    writer = Writer(folder)
    recording = writer.record(
        upstream="http://steady.example", method="POST", path="/v1/messages", version="1.1",
        headers=(),
    )  # fmt: skip
    recording.request_chunk(0.0, QUESTION)
    recording.head(0.1, "1.1", 200, "OK", (("content-type", "text/event-stream"),))
    count = int(LOAD_SECONDS * CHUNKS_A_SECOND)
    for number in range(count):
        recording.chunk(0.5 + number / CHUNKS_A_SECOND, EVENT, Boundary.CHUNK)
    tally = Tally(count * len(EVENT), "", count)
    recording.end(0.5 + LOAD_SECONDS, Ending.COMPLETE, "", tally, tally)
    writer.close()
    return recording.path


async def _arrivals(origin: str, most: float = math.inf) -> list[float]:
    """Seconds from the request at which each chunk of the answer arrived."""
    port = int(origin.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    started = monotonic()
    writer.write(_request(port))
    assert b" 200 " in await reader.readuntil(b"\r\n\r\n")
    arrivals = []
    while size := int(await reader.readuntil(b"\r\n"), 16):
        await reader.readexactly(size + 2)
        arrivals.append(monotonic() - started)
        if len(arrivals) >= most:
            break
    writer.close()
    return arrivals


class _FrameClient(asyncio.Protocol):
    """Stamps the frames of the steady capture, which are all of one size: parsing costs time."""

    def __init__(self, wanted: int) -> None:
        self.arrivals: list[float] = []
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._wanted = wanted
        self._head = b""
        self._size = 0

    def data_received(self, data: bytes) -> None:
        now = monotonic()
        if not self._size:
            self._head += data
            data = self._head.partition(b"\r\n\r\n")[2]
        self._size += len(data)
        frames = min(self._wanted, self._size // FRAME_SIZE)
        self.arrivals += [now] * (frames - len(self.arrivals))
        if frames == self._wanted:
            self._end()

    def connection_lost(self, _exc: Exception | None) -> None:
        self._end()

    def _end(self) -> None:
        if not self.over.done():
            self.over.set_result(None)


async def _frame_arrivals(origin: str, wanted: int, wait: float) -> list[float]:
    """Seconds from the request at which each frame arrived."""
    await asyncio.sleep(wait)
    port = int(origin.rpartition(":")[2])
    transport, client = await asyncio.get_running_loop().create_connection(
        lambda: _FrameClient(wanted), "127.0.0.1", port
    )
    started = monotonic()
    transport.write(_request(port))
    await client.over
    transport.close()
    return [arrival - started for arrival in client.arrivals]


def _request(port: int) -> bytes:
    head = f"POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nx-api-key: made-up\r\n"
    return f"{head}Content-Length: {len(QUESTION)}\r\n\r\n".encode() + QUESTION


def _chunks_and_end(path: Path) -> tuple[list[Chunk], End]:
    records = [record for record in read(path) if isinstance(record, Record)]
    (end,) = [record for record in records if isinstance(record, End)]
    return [record for record in records if isinstance(record, Chunk) and record.data], end


def _print_late(late: list[float], load: float) -> None:
    percentiles = quantiles(late, n=100)
    print(
        f"  late by p50 {percentiles[49]:.2f} ms, p99 {percentiles[98]:.2f} ms, "
        f"max {max(late):.2f} ms, min {min(late):.2f} ms; load average before: {load:.2f}"
    )


@contextmanager
def _ssescope(command: str, *arguments: str) -> Iterator[str]:
    """A server of ours on a free port; its origin."""
    words = [sys.executable, "-m", "ssescope", command, *arguments, "--port", "0"]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            yield line.partition("=")[2].partition(" ")[0].strip().removesuffix("/v1")
        finally:
            process.terminate()


if __name__ == "__main__":
    uvloop.run(
        measure(
            float(sys.argv[1]) if sys.argv[1:] else SECONDS,
            int(sys.argv[2]) if sys.argv[2:] else CLIENTS,
        )
    )
