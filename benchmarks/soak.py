"""A soak: streams with random faults through one proxy, and the invariants after each.

Run with ``python -m benchmarks.soak [SECONDS] [STREAMS] [SEED]`` (600 s and 500 streams at once by
default). The upstream and the clients are raw; the proxy runs in this process, so that its tasks,
descriptors and memory can be counted. Exit code 1 when an invariant is broken.
"""

from __future__ import annotations

import asyncio
import os
import random
import struct
import sys
import tempfile
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from captures.loading import load
from captures.records import Ending
from captures.redact import Redactor
from captures.store import captures_in, prepare_folder
from captures.writer import Writer
from proxy.server import serve_proxy
from proxy.target import parse_mount

FAULTS = ("none", "cut", "mid_chunk", "reset", "stall", "error", "client_left", "client_reset")
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
_CUT = {"cut", "mid_chunk", "reset"}
_LINGER = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Plan:
    """What one stream does; drawn from the seed, told to the upstream by the path."""

    number: int
    fault: str
    chunks: tuple[bytes, ...]

    @classmethod
    def draw(cls, number: int, seed: int) -> Plan:
        """The plan of the stream of this number."""
        draw = random.Random(f"{seed}/{number}")  # noqa: S311 - reproducible, not secret
        count = draw.randint(1, 40)
        chunks = tuple(
            b"data: %b\n\n" % draw.randbytes(draw.randint(0, 60)).hex().encode()
            for _ in range(count)
        )
        return cls(number, draw.choice(FAULTS), chunks)


class Soak:
    """Counts what happened. Mutable."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.done: Counter[str] = Counter()
        self.broken: list[str] = []
        self.next_number = 0
        self.worst_lag = 0.0

    def check(self, holds: bool, plan: Plan, words: str) -> None:
        """Notes a broken invariant."""
        if not holds:
            self.broken.append(f"stream {plan.number} ({plan.fault}): {words}")

    async def play(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The upstream's side of one connection."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            request = await reader.readuntil(b"\r\n\r\n")
            plan = Plan.draw(int(request.split(b" ")[1][1:]), self.seed)
            writer.write(_HEAD)
            for number, chunk in enumerate(plan.chunks):
                if plan.fault == "stall" and number == len(plan.chunks) // 2:
                    await asyncio.sleep(0.2)
                writer.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
                await writer.drain()
                await asyncio.sleep(0)
            await self._finish(plan, reader, writer)
        writer.close()

    async def _finish(
        self, plan: Plan, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if plan.fault == "mid_chunk":
            writer.write(b"ff\r\nhalf")
        elif plan.fault == "reset":
            await asyncio.sleep(0.05)
            writer.get_extra_info("socket").setsockopt(1, 13, _LINGER)
            writer.transport.abort()
        elif plan.fault.startswith("client"):
            await reader.read(1)
        elif plan.fault != "cut":
            writer.write(b"0\r\n\r\n")

    async def stream(self, port: int) -> None:
        """The client's side of one stream, and what must hold of it."""
        plan = Plan.draw(self.next_number, self.seed)
        self.next_number += 1
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        request = f"GET /{plan.number} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        writer.write(f"{request}X-Api-Key: canary-soak\r\n\r\n".encode())
        body, complete = b"", False
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            body, complete = await self._read(plan, reader, writer)
        if not writer.is_closing():
            writer.close()
        sent = b"".join(plan.chunks)
        self.check(sent.startswith(body) or plan.fault == "mid_chunk", plan, "other bytes")
        if plan.fault in {"none", "stall", "error"}:
            self.check(complete and body == sent, plan, "not whole")
        if plan.fault in _CUT:
            self.check(not complete, plan, "a cut looked like an end")
        self.done[plan.fault] += 1

    async def _read(
        self, plan: Plan, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> tuple[bytes, bool]:
        body = b""
        leave_after = max(1, len(plan.chunks) // 2) if plan.fault.startswith("client") else 0
        while size := int(await reader.readuntil(b"\r\n"), 16):
            body += (await reader.readexactly(size + 2))[:-2]
            leave_after -= 1
            if leave_after == 0:
                if plan.fault == "client_reset":
                    writer.get_extra_info("socket").setsockopt(1, 13, _LINGER)
                    writer.transport.abort()
                return body, False
        return body, True

    async def watch_lag(self) -> None:
        """Measures how late the event loop is."""
        while True:
            before = monotonic()
            await asyncio.sleep(0.05)
            self.worst_lag = max(self.worst_lag, monotonic() - before - 0.05)


async def soak(seconds: float, streams: int, seed: int) -> int:
    """Runs the soak and prints its figures; returns the exit code."""
    state = Soak(seed)
    upstream = await asyncio.start_server(state.play, "127.0.0.1", 0)
    origin = f"http://127.0.0.1:{upstream.sockets[0].getsockname()[1]}"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "captures"
        key = prepare_folder(folder)
        writer = Writer(folder)
        mounts = (parse_mount(origin),)
        async with serve_proxy(mounts, writer, Redactor(key)) as proxy:
            lag = asyncio.create_task(state.watch_lag())
            marks = await _run_streams(state, proxy.port, seconds, streams)
            lag.cancel()
        status = await asyncio.to_thread(writer.close)
        endings = _check_captures(state, folder)
    upstream.close()
    for mark in marks:
        print(mark)
    print(f"streams {dict(state.done)}")
    print(f"endings {endings}; lost records {status.lost_records}")
    print(f"worst loop lag {state.worst_lag * 1000:.0f} ms; seed {seed}")
    for words in state.broken[:20]:
        print(f"BROKEN {words}")
    print(f"{sum(state.done.values())} streams, {len(state.broken)} broken invariants")
    return 1 if state.broken else 0


async def _run_streams(state: Soak, port: int, seconds: float, streams: int) -> list[str]:
    """Keeps this many streams going for this long; returns memory and descriptors over time."""
    started = monotonic()
    marks: list[str] = []

    async def keep_going() -> None:
        while monotonic() - started < seconds:
            await state.stream(port)

    async def mark() -> None:
        while True:
            marks.append(f"{monotonic() - started:6.1f} s: {_resources()}")
            await asyncio.sleep(seconds / 6)

    marking = asyncio.create_task(mark())
    await asyncio.gather(*(keep_going() for _ in range(streams)))
    marking.cancel()
    await asyncio.sleep(1.0)
    marks.append(f"at the end: {_resources()}")
    return marks


def _resources() -> str:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    megabytes = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    return f"{megabytes:.0f} MB, {descriptors} descriptors, {len(asyncio.all_tasks())} tasks"


def _check_captures(state: Soak, folder: Path) -> dict[str, int]:
    """Every capture opens, ends as its stream did, and holds no key."""
    endings: Counter[str] = Counter()
    expected = {
        "none": {Ending.COMPLETE},
        "stall": {Ending.COMPLETE},
        "error": {Ending.COMPLETE},
        "cut": {Ending.UPSTREAM_TRUNCATED},
        "mid_chunk": {Ending.UPSTREAM_TRUNCATED},
        "reset": {Ending.UPSTREAM_RESET},
        "client_left": {Ending.CLIENT_LEFT, Ending.CLIENT_RESET},
        "client_reset": {Ending.CLIENT_LEFT, Ending.CLIENT_RESET},
    }
    for path in captures_in(folder):
        exchange = load(path)
        plan = Plan.draw(int(exchange.request.path[1:]), state.seed)
        state.check(b"canary-soak" not in path.read_bytes(), plan, "a key in the capture")
        if exchange.end is None:
            state.check(False, plan, "no end record")
            continue
        endings[exchange.end.how.value] += 1
        state.check(exchange.end.how in expected[plan.fault], plan, exchange.end.how.value)
        body = exchange.body.bytes_between(0, exchange.body.size)
        sent = b"".join(plan.chunks)
        state.check(sent.startswith(body[: len(sent)]), plan, "other bytes in the capture")
    return dict(endings)


if __name__ == "__main__":
    given = [float(word) for word in sys.argv[1:]]
    duration, at_once, drawn = (*given, *(600.0, 500.0, 1.0)[len(given) :])
    raise SystemExit(asyncio.run(soak(duration, int(at_once), int(drawn))))
