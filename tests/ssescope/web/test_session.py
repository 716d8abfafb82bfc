"""One inspector of a browser, as a process that speaks in packets."""

from __future__ import annotations

import asyncio
import os
import sys

import pytest

from ssescope.web import session as sessions
from ssescope.web.session import Session, bounded

ECHO = """
import os, sys
say = lambda kind, data: os.write(1, kind + len(data).to_bytes(4, "big") + data)
os.write(1, b"before\\n__GANGLION__\\n")
say(b"D", f"{os.environ['COLUMNS']}x{os.environ['ROWS']}".encode())
say(b"P", b"of no concern")
say(b"M", b"[no json")
read = lambda size: sys.stdin.buffer.read(size)
while kind := read(1):
    data = read(int.from_bytes(read(4), "big"))
    say(b"D", kind + data)
    if b"quit" in data or data == b"bye":
        break
say(b"M", b'{"type": "exit"}')
say(b"D", b"after the end")
"""
DEAF = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.write(1, b"__GANGLION__\\nD\\0\\0\\0\\5ready")
time.sleep(1000)
"""


class Screen:
    """What was drawn. Mutable."""

    def __init__(self) -> None:
        self.drawn: list[bytes] = []
        self.changed = asyncio.Event()

    async def write(self, data: bytes) -> None:
        """Takes what is drawn."""
        self.drawn.append(data)
        self.changed.set()


async def started(code: str, screen: Screen, size: tuple[int, int] = (80, 24)) -> Session:
    return await Session.start([sys.executable, "-c", code], size, screen.write)


async def test_keys_and_sizes_go_in_and_the_screen_comes_out() -> None:
    screen = Screen()
    session = await started(ECHO, screen, (100, 1_000_000))
    await session.type("é")
    await session.resize(-1, 33)
    await session.focus(False)
    await session.type("bye")
    await asyncio.wait_for(session.show(), 30)
    await session.stop()
    assert screen.drawn == [
        b"100x1000",
        "Dé".encode(),
        b'M{"type": "resize", "width": 10, "height": 33}',
        b'M{"type": "blur"}',
        b"Dbye",
    ]


async def test_an_inspector_is_asked_to_quit() -> None:
    screen = Screen()
    session = await started(ECHO, screen)
    await session.stop()
    assert session._process.returncode == 0


async def test_one_that_does_not_listen_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    session = await started(DEAF, screen)
    showing = asyncio.create_task(session.show())
    await asyncio.wait_for(screen.changed.wait(), 30)
    showing.cancel()
    monkeypatch.setattr(sessions, "STOP_SECONDS", 0.05)
    await session.stop()
    assert session._process.returncode == -9
    with pytest.raises(ProcessLookupError):
        os.kill(session.pid, 0)


async def test_one_that_dies_ends_the_show_and_takes_no_keys() -> None:
    screen = Screen()
    session = await started("print('no inspector')", screen)
    await asyncio.wait_for(session.show(), 30)
    await session._process.wait()
    await session.type("j")
    await session.stop()
    assert screen.drawn == []


def test_sizes_are_within_reason() -> None:
    assert [bounded(size) for size in (-5, 80, 10**9)] == [10, 80, 1000]
