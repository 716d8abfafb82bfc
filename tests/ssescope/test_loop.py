"""The event loop of a command, and how signals reach it."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from ssescope import loop as module
from ssescope.loop import Stop, ending_with_input, require_open_input, run


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


def test_a_signal_that_was_ignored_is_ignored_afterwards() -> None:
    async def command(_stop: Stop) -> int:
        return 0

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert run(command) == 0
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_it_runs_on_uvloop() -> None:
    async def command(_stop: Stop) -> int:
        return int(type(asyncio.get_running_loop()).__module__.startswith("uvloop"))

    assert run(command) == 1


def test_the_end_of_the_input_asks_the_command_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    monkeypatch.setattr(module, "INPUT", reading)
    seen: list[str] = []

    async def command(stop: Stop) -> int:
        with ending_with_input(stop):
            os.write(writing, b"a line\n")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(stop.wait(), 0.02)
            seen.append("runs on")
            os.close(writing)
            await stop.wait()
        return 3

    assert run(command) == 3
    assert seen == ["runs on"]
    os.close(reading)


@pytest.mark.parametrize("path", [os.devnull, __file__])
def test_an_input_without_an_end_to_wait_for_is_refused(
    path: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Path(path).open("rb") as file:
        monkeypatch.setattr(module, "INPUT", file.fileno())
        with pytest.raises(SystemExit) as ended:
            require_open_input()
    assert ended.value.code == 2
    assert "--until-eof needs a pipe or a terminal" in capsys.readouterr().err
