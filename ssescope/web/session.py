"""One tab of a browser: an inspector in a process of its own, spoken to in Textual's packets.

Textual's web driver writes and reads packets: one byte of type ("D" data, "M" meta), four bytes
of size, big endian, then the payload (textual/drivers/web_driver.py).
"""

from __future__ import annotations

import asyncio
import json
import os
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from inspector_tui.serving import WEB_DRIVER

STOP_SECONDS = 5.0
"""How long an inspector may take to end when it is told to, and again when it is terminated."""

MAX_PACKET_SIZE = 16 * 1024 * 1024
"""Bytes; a screen takes some tens of kilobytes."""

SMALLEST, LARGEST = 10, 1000
"""Columns and rows that a browser may ask for."""

_READY = b"__GANGLION__\n"
_LINES_BEFORE_READY = 10


def environment(width: int, height: int) -> dict[str, str]:
    """The environment of an inspector that draws into a browser."""
    return {
        **os.environ,
        "TEXTUAL_DRIVER": WEB_DRIVER,
        "TEXTUAL_COLOR_SYSTEM": "truecolor",
        "COLUMNS": str(bounded(width)),
        "ROWS": str(bounded(height)),
    }


def bounded(size: int) -> int:
    """A number of columns or rows within reason."""
    return max(SMALLEST, min(size, LARGEST))


class Session:
    """An inspector that runs. Mutable: knows its process."""

    def __init__(self, process: Process, write: Callable[[bytes], Awaitable[None]]) -> None:
        """A session over a process that was just started.

        Args:
            process: the inspector; its standard input and output are pipes.
            write: hands what the inspector draws to the browser.
        """
        self._process = process
        self._write = write
        self._stopping: asyncio.Task[None] | None = None

    @classmethod
    async def start(
        cls,
        command: Sequence[str],
        size: tuple[int, int],
        write: Callable[[bytes], Awaitable[None]],
    ) -> Session:
        """Starts an inspector.

        Args:
            command: its words.
            size: columns and rows.
            write: hands what the inspector draws to the browser.

        Raises:
            OSError: it cannot be started.
        """
        process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, env=environment(*size)
        )
        return cls(process, write)

    @property
    def pid(self) -> int:
        """The process id of the inspector."""
        return self._process.pid

    async def show(self) -> None:
        """Hands on what the inspector draws, until it ends or the browser has gone."""
        output = self._process.stdout
        assert output is not None  # noqa: S101 - it was asked for
        with suppress(asyncio.IncompleteReadError, ConnectionError, ValueError):
            for _ in range(_LINES_BEFORE_READY):
                if await output.readline() == _READY:
                    break
            while packet := await _packet(output):
                kind, payload = packet
                if kind == b"D":
                    await self._write(payload)
                elif kind == b"M" and _type_of(payload) == "exit":
                    return

    async def type(self, keys: str) -> None:
        """Hands on what the user types and does with the mouse, as a terminal would send it."""
        await self._send(b"D", keys.encode("utf-8", "replace"))

    async def resize(self, width: int, height: int) -> None:
        """Tells the inspector how large its terminal is."""
        size = {"width": bounded(width), "height": bounded(height)}
        await self._tell({"type": "resize", **size})

    async def focus(self, has_focus: bool) -> None:
        """Tells the inspector whether the tab has the focus."""
        await self._tell({"type": "focus" if has_focus else "blur"})

    async def stop(self) -> None:
        """Ends the inspector: by asking, by SIGTERM, by SIGKILL. Nobody may show it any more.

        Goes on to the end even if whoever asked for it is cancelled.
        """
        if self._stopping is None:
            self._stopping = asyncio.create_task(self._stop())
        await asyncio.shield(self._stopping)

    async def _stop(self) -> None:
        process = self._process
        await self._tell({"type": "quit"})
        for end in (process.terminate, process.kill):
            if await _ended(process):
                break
            with suppress(ProcessLookupError):
                end()
        await process.wait()
        if process.stdin is not None:
            process.stdin.close()

    async def _tell(self, meta: dict[str, object]) -> None:
        await self._send(b"M", json.dumps(meta).encode())

    async def _send(self, kind: bytes, payload: bytes) -> None:
        stdin = self._process.stdin
        assert stdin is not None  # noqa: S101 - it was asked for
        with suppress(ConnectionError, RuntimeError):
            stdin.write(kind + len(payload).to_bytes(4, "big") + payload)
            await stdin.drain()


async def _packet(output: asyncio.StreamReader) -> tuple[bytes, bytes]:
    kind = await output.readexactly(1)
    size = int.from_bytes(await output.readexactly(4), "big")
    if size > MAX_PACKET_SIZE:
        raise ValueError("a packet is larger than a screen can be")
    return kind, await output.readexactly(size)


def _type_of(payload: bytes) -> object:
    try:
        meta = json.loads(payload)
    except ValueError:
        return None
    return meta.get("type") if isinstance(meta, dict) else None


async def _ended(process: Process) -> bool:
    # Nobody reads what it still draws, and a full pipe would hold it up.
    output = process.stdout
    try:
        async with asyncio.timeout(STOP_SECONDS):
            while output is not None and await output.read(65536):
                pass
            await process.wait()
    except TimeoutError:
        return False
    return True
