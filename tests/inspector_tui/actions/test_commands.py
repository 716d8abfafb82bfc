from __future__ import annotations

import asyncio
import sys

import pytest

from inspector_tui.actions import commands as module
from inspector_tui.actions.commands import CommandError, Commands, told

PYTHON = (sys.executable, "-c")


async def test_a_command_is_run_to_its_end() -> None:
    code = "import sys; print('out', *sys.argv[1:]); sys.exit('ssescope: no such thing')"
    done = await Commands(PYTHON).run(code, "a b", "$HOME")
    assert (done.code, done.output) == (1, "out a b $HOME\n")
    assert done.talk == "no such thing"


async def test_what_runs_ends_with_its_input_and_with_the_inspector() -> None:
    commands = Commands(PYTHON)
    ends_by_itself = await commands.start("import sys; sys.stdin.read(); sys.exit(3)")
    assert ends_by_itself.stdin is not None
    ends_by_itself.stdin.close()
    assert await ends_by_itself.wait() == 3
    endless = await commands.start("import time; time.sleep(600)")
    assert endless.returncode is None
    await commands.end_all()
    assert endless.returncode is not None


async def test_one_that_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STOP_SECONDS", 0.01)
    commands = Commands(PYTHON)
    deaf = "import signal,time; signal.signal(15, 1); print(1, flush=True); time.sleep(600)"
    process = await commands.start(deaf)
    assert process.stdout is not None
    await process.stdout.readline()
    await commands.end(process)
    assert process.returncode == -9


async def test_what_cannot_be_run_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="this needs the program ssescope"):
        await Commands(()).run("export")
    with pytest.raises(CommandError, match="cannot run /missing: No such file"):
        await Commands(("/missing",)).run("export")
    with pytest.raises(CommandError, match="a character that no file name can"):
        await Commands(PYTHON).run("a\0b")
    monkeypatch.setattr(module, "MAX_OUTPUT_SIZE", 100)
    with pytest.raises(CommandError, match="prints more than"):
        await Commands(PYTHON).run("while True: print('x' * 1000)")


def test_the_last_line_is_what_was_said() -> None:
    assert told("ssescope: first\nssescope: port 1 is in use\n\n") == "port 1 is in use"
    assert told("Usage: x\n\nError: no such option") == "no such option"
    assert told("") == ""


async def test_a_command_that_is_given_up_is_ended_and_its_pipes_are_closed() -> None:
    commands = Commands(PYTHON)
    code = "import time; print('x' * 1_000_000, flush=True); time.sleep(600)"
    giving_up = asyncio.create_task(commands.run(code))
    while not commands._running:
        await asyncio.sleep(0.01)
    (process,) = commands._running
    giving_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await giving_up
    assert process.returncode is not None
    for pipe in (process.stdout, process.stderr):
        assert pipe is not None
        assert pipe.at_eof()
