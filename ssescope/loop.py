"""Runs a command's coroutine: on uvloop where it exists, until it ends or a signal comes."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from proxy.library import UnfitLibraryError
from ssescope.exits import Exit, fail
from ssescope.talk import without_waiting

INPUT = 0
"""The descriptor of standard input."""

READ_SIZE = 65536
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop:
    """Whether and by which signal the process was asked to stop. Mutable."""

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None
        self._asked = asyncio.Event()
        self._asked_again = asyncio.Event()

    async def wait(self) -> None:
        """Returns when the process is asked to stop."""
        await self._asked.wait()

    async def wait_again(self) -> None:
        """Returns when the process is asked to stop a second time."""
        await self._asked_again.wait()

    def ask(self, received: signal.Signals) -> None:
        """Takes a signal."""
        if self._asked.is_set():
            self._asked_again.set()
        self.signal = received
        self._asked.set()


def require_open_input() -> None:
    """Ends with code 2 where standard input is nothing whose end can be waited for."""
    # A descriptor that is closed may be anybody's by now.
    if sys.stdin is not None:
        mode = os.fstat(INPUT).st_mode
        if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(INPUT):
            return
    fail(Exit.USAGE, "--until-eof needs a pipe or a terminal as standard input")


@contextmanager
def ending_with_input(stop: Stop) -> Iterator[None]:
    """Within the block, asks to stop when standard input ends.

    It does when whoever holds its other end is gone, even if he was killed and could send no
    signal. Standard input is one that `require_open_input` lets pass.
    """
    loop = asyncio.get_running_loop()

    def read() -> None:
        if not os.read(INPUT, READ_SIZE):
            loop.remove_reader(INPUT)
            stop.ask(signal.SIGHUP)

    loop.add_reader(INPUT, read)
    try:
        yield
    finally:
        loop.remove_reader(INPUT)


def run(command: Callable[[Stop], Coroutine[Any, Any, int]]) -> int:
    """Runs a command and returns its exit code. Signals to stop reach it through its Stop.

    What it says meanwhile is written by a thread, so that no stalled terminal stops the loop.
    Ends with code 1 where the installed aiohttp is not one to rely on.
    """

    async def guarded() -> int:
        loop = asyncio.get_running_loop()
        stop = Stop()
        before = {number: signal.getsignal(number) for number in _SIGNALS}
        for number in _SIGNALS:
            loop.add_signal_handler(number, stop.ask, number)
        try:
            return await command(stop)
        finally:
            for number, handler in before.items():
                loop.remove_signal_handler(number)
                # The loop would leave the default, also to a job that was started without SIGINT.
                signal.signal(number, handler)

    try:
        with without_waiting(), asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(guarded())
    except UnfitLibraryError as error:
        fail(Exit.FINDINGS, str(error))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if sys.implementation.name != "cpython" or sys.platform == "win32":
        return None
    import uvloop  # noqa: PLC0415 - absent on the platforms excluded above

    return uvloop.new_event_loop
