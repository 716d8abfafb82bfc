"""The event loop of a command, and how signals reach it."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from ssescope.loop import Stop, run


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_asks_the_command_to_stop(number: signal.Signals) -> None:
    async def command(stop: Stop) -> int:
        os.kill(os.getpid(), number)
        await stop.wait()
        assert stop.signal is number
        return 7

    before = signal.getsignal(number)
    assert run(command) == 7
    assert signal.getsignal(number) == before


def test_it_runs_on_uvloop() -> None:
    async def command(_stop: Stop) -> int:
        return int(type(asyncio.get_running_loop()).__module__.startswith("uvloop"))

    assert run(command) == 1
