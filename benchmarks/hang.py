"""What a disk that hangs costs a stream: the longest gap, the memory, and what is lost.

Run with ``python -m benchmarks.hang [SECONDS]``. A stream runs at 1,000 chunks a second through a
proxy whose capture writes do not return for this long; then they do, and everything that was
sent must be either in the capture or declared lost.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
import time
from asyncio.subprocess import PIPE
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import monotonic

from captures.loading import load
from captures.store import captures_in

CHUNKS_A_SECOND = 1000
SECONDS = 600.0
EASY_SECONDS = 1.0
"""How long the stream runs before the disk hangs, and after it."""

PROXY = """
import os, threading, time
from pathlib import Path
write, hung = os.write, Path(os.environ["HUNG"])

def attempt(descriptor, data):
    while threading.current_thread().name == "captures" and hung.exists():
        time.sleep(0.01)
    return write(descriptor, data)

os.write = attempt
from ssescope.cli import main; main()
"""


async def measure(seconds: float) -> None:
    """Prints the figures."""
    finished = asyncio.Event()
    sent = 0

    async def stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        started = monotonic()
        while not finished.is_set():
            piece = b"data: %08d\n\n" % sent
            writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            sent += 1
            await asyncio.sleep(max(0.0, started + sent / CHUNKS_A_SECOND - monotonic()))
        writer.write(b"0\r\n\r\n")
        writer.close()

    upstream = await asyncio.start_server(stream, "127.0.0.1", 0)
    port = upstream.sockets[0].getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        hung, captures = Path(folder) / "hung", Path(folder) / "captures"
        process, proxy_port = await _start_proxy(port, hung, captures)
        finish = partial(asyncio.get_running_loop().call_soon_threadsafe, finished.set)
        ending = asyncio.create_task(asyncio.to_thread(_hang, hung, seconds, finish))
        received, longest = await _receive(proxy_port)
        await ending
        peak = _peak_memory(process.pid)
        process.send_signal(signal.SIGTERM)
        talk = (await process.communicate())[1].decode()
        print(f"longest gap of the client {longest * 1000:.1f} ms; peak memory {peak >> 10} MiB")
        print(f"exit code {process.returncode}; {talk.count('disk slow')} lines on the slow disk")
        _compare(captures, sent, received)
    upstream.close()


async def _start_proxy(
    port: int, hung: Path, captures: Path
) -> tuple[asyncio.subprocess.Process, int]:
    command = ["-c", PROXY, "proxy", f"http://127.0.0.1:{port}"]
    command += ["--port", "0", "--captures", str(captures)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=PIPE, stderr=PIPE, env={**os.environ, "HUNG": str(hung)}
    )
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    return process, int(line.partition("127.0.0.1:")[2].partition("/")[0].partition(" ")[0])


def _hang(hung: Path, seconds: float, finish: Callable[[], object]) -> None:
    time.sleep(EASY_SECONDS)
    hung.touch()
    time.sleep(seconds)
    hung.unlink()
    time.sleep(EASY_SECONDS)
    finish()


async def _receive(port: int) -> tuple[int, float]:
    """Chunks the client got, and the longest time between two of them."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")
    count, longest, last = 0, 0.0, monotonic()
    while size := int(await reader.readuntil(b"\r\n"), 16):
        await reader.readexactly(size + 2)
        now = monotonic()
        count, longest, last = count + 1, max(longest, now - last), now
    writer.close()
    return count, longest


def _peak_memory(pid: int) -> int:
    """Kilobytes of the process at most."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])


def _compare(captures: Path, sent: int, received: int) -> None:
    (path,) = captures_in(captures)
    exchange = load(path)
    written = len(exchange.body.chunks)
    lost = sum(gap.last - gap.first + 1 for gap in exchange.gaps)
    print(f"{sent} sent, {received} received; {written} written + {lost} declared lost")
    assert exchange.end is not None
    # The last chunk of the framing is one more record where a socket read ended before it.
    assert exchange.end.upstream.size == exchange.body.size + sum(g.size for g in exchange.gaps)
    assert received == sent


if __name__ == "__main__":
    asyncio.run(measure(float(sys.argv[1]) if sys.argv[1:] else SECONDS))
