"""What a kill -9 of the proxy costs: how old the newest byte is that the capture has lost.

Run with ``python -m benchmarks.kill [TIMES]``. A stream runs at 1,000 chunks a second; the proxy
is killed at a random moment; every chunk the client had received is looked for in the capture.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path
from time import monotonic

from captures.loading import load
from captures.store import captures_in

CHUNKS_A_SECOND = 1000


async def measure(times: int) -> None:
    """Prints one line a kill, then the worst."""
    streams: list[asyncio.Task[None]] = []

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        streams.append(asyncio.create_task(_stream(reader, writer)))

    upstream = await asyncio.start_server(begin, "127.0.0.1", 0)
    port = upstream.sockets[0].getsockname()[1]
    worst = 0.0
    for number in range(1, times + 1):
        with tempfile.TemporaryDirectory() as folder:
            lost, milliseconds = await _kill_once(port, Path(folder))
        worst = max(worst, milliseconds)
        print(f"kill {number}: {lost} chunks lost, the oldest {milliseconds:.1f} ms before it")
    print(f"{times} kills: every capture opened, at most the last {worst:.1f} ms were lost")
    upstream.close()
    await asyncio.gather(*streams)


async def _stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    started = monotonic()
    number = 0
    while not writer.is_closing():
        piece = b"data: %08d\n\n" % number
        writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        number += 1
        await asyncio.sleep(max(0.0, started + number / CHUNKS_A_SECOND - monotonic()))
    writer.close()


async def _kill_once(port: int, folder: Path) -> tuple[int, float]:
    """Chunks lost, and how many milliseconds before the kill the oldest of them arrived."""
    command = ["-m", "ssescope", "proxy", f"http://127.0.0.1:{port}"]
    command += ["--port", "0", "--captures", str(folder)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=PIPE, stderr=DEVNULL
    )
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    proxy_port = int(line.partition("127.0.0.1:")[2].partition("/")[0].partition(" ")[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy_port)
    writer.write(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{proxy_port}\r\n\r\n".encode())
    arrivals: list[float] = []
    kill_at = monotonic() + random.uniform(0.2, 1.0)  # noqa: S311 - any moment will do
    await reader.readuntil(b"\r\n\r\n")
    while monotonic() < kill_at:
        size = int(await reader.readuntil(b"\r\n"), 16)
        await reader.readexactly(size + 2)
        arrivals.append(monotonic())
    killed = monotonic()
    process.kill()
    await process.wait()
    writer.close()
    (capture,) = captures_in(folder)
    kept = len(load(capture).body.chunks)
    lost = arrivals[kept:]
    return len(lost), (killed - lost[0]) * 1000 if lost else 0.0


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if sys.argv[1:] else 20))
