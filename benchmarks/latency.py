"""The latency a proxy adds to each chunk: ours with capture beside a bare aiohttp one without.

Run with ``python -m benchmarks.latency``. Upstream and client share this process and one
monotonic clock; each proxy runs in a process of its own. The three ways are asked in turn within
one run, so that what else the machine does falls on all of them.
"""

from __future__ import annotations

import asyncio
import json
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from statistics import quantiles
from time import monotonic

import aiohttp
from aiohttp import web

CHUNKS = 400
CHUNKS_A_SECOND = 200
ROUNDS = 5
EVENT_SIZE = 180
_STAMP = struct.Struct(">d")


async def measure() -> None:
    """Prints p50 and p99 for each way, and what the proxies add to the direct one."""
    upstream = await asyncio.start_server(_stream_stamps, "127.0.0.1", 0)
    port = upstream.sockets[0].getsockname()[1]
    with ExitStack() as stack, tempfile.TemporaryDirectory() as captures:
        ways = {
            "direct": port,
            "bare aiohttp proxy": stack.enter_context(_bare_proxy(port)),
            "ssescope with capture": stack.enter_context(_ssescope(port, captures)),
        }
        seen: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(ROUNDS):
            for way, way_port in ways.items():
                seen[way] += await _latencies(way_port)
    upstream.close()
    await upstream.wait_closed()
    _print_table(seen)


async def _stream_stamps(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n")
    writer.write(b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
    started = monotonic()
    for number in range(CHUNKS):
        await asyncio.sleep(max(0.0, started + number / CHUNKS_A_SECOND - monotonic()))
        piece = _STAMP.pack(monotonic()).ljust(EVENT_SIZE, b".")
        writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        await writer.drain()
    writer.write(b"0\r\n\r\n")
    writer.close()


async def _latencies(port: int) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")
    seconds = []
    while size := int(await reader.readuntil(b"\r\n"), 16):
        piece = await reader.readexactly(size + 2)
        seconds.append(monotonic() - _STAMP.unpack(piece[: _STAMP.size])[0])
    writer.close()
    return seconds


@contextmanager
def _process(*arguments: str) -> Iterator[str]:
    """A child process and the first line it prints."""
    command = [sys.executable, *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline()
        finally:
            process.terminate()


@contextmanager
def _bare_proxy(port: int) -> Iterator[int]:
    with _process("-m", "benchmarks.latency", "bare", str(port)) as line:
        yield int(line)


@contextmanager
def _ssescope(port: int, captures: str) -> Iterator[int]:
    url = f"http://127.0.0.1:{port}"
    with _process("-m", "ssescope", "proxy", url, "--port", "0", "--captures", captures) as line:
        yield int(line.partition("127.0.0.1:")[2].partition("/")[0].partition(" ")[0])


async def serve_bare(port: int) -> None:
    """The least an aiohttp proxy can do: read a chunk, write a chunk."""
    async with aiohttp.ClientSession() as session:

        async def forward(request: web.BaseRequest) -> web.StreamResponse:
            async with session.get(f"http://127.0.0.1:{port}{request.path}") as source:
                response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
                await response.prepare(request)
                async for data, _ in source.content.iter_chunks():
                    await response.write(data)
                return response

        runner = web.ServerRunner(web.Server(forward))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        print(runner.addresses[0][1], flush=True)
        await asyncio.Event().wait()


def _print_table(seen: dict[str, list[float]]) -> None:
    figures = {way: quantiles(seconds, n=100) for way, seconds in seen.items()}
    direct = figures["direct"]
    print(f"{ROUNDS} x {CHUNKS} chunks of {EVENT_SIZE} bytes, {CHUNKS_A_SECOND} a second; in ms")
    print(f"{'way':24}{'p50':>8}{'p99':>8}{'added p50':>12}{'added p99':>12}")
    for way, percentiles in figures.items():
        half, most = percentiles[49] * 1000, percentiles[98] * 1000
        added = (half - direct[49] * 1000, most - direct[98] * 1000)
        print(f"{way:24}{half:8.3f}{most:8.3f}{added[0]:12.3f}{added[1]:12.3f}")
    ours, bare = figures["ssescope with capture"], figures["bare aiohttp proxy"]
    print(json.dumps({"p50_ratio": ours[49] / bare[49], "p99_ratio": ours[98] / bare[98]}))


if __name__ == "__main__":
    asyncio.run(serve_bare(int(sys.argv[2])) if sys.argv[1:2] == ["bare"] else measure())
