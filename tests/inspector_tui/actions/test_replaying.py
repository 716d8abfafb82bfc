from __future__ import annotations

import asyncio
import json
import os
import re
import signal
from http.client import HTTPConnection
from pathlib import Path

import pytest

from captures.loading import load
from inspector_tui.actions import copying
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import DEADLINE, PROGRAM, Running, inspecting, paths_of

BAR = -2


def answer(origin: str) -> bytes:
    """What the replay answers to the recorded question."""
    connection = HTTPConnection(origin.removeprefix("http://"), timeout=DEADLINE)
    connection.request("POST", "/v1/messages", json.dumps(given.QUESTION))
    with connection.getresponse() as response:
        read = response.read()
    connection.close()
    return read


async def replayed(running: Running, *keys: str) -> str:
    """Starts a replay with these keys in the menu; returns its origin."""
    await running.press("r", *keys)
    await running.eventually(lambda: "export ANTHROPIC_BASE_URL" in running.text())
    found = re.search(r"at (http://127\.0\.0\.1:\d+)", running.text())
    assert found is not None
    return found[1]


async def test_an_exchange_is_served_until_that_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []

    def copy(text: str, *_: object) -> str:
        copied.append(text)
        return "Copied"

    monkeypatch.setattr(copying, "copy", copy)
    capture = given.complete(tmp_path)
    exchange = load(capture)
    async with inspecting(capture, program=PROGRAM) as running:
        origin = await replayed(running, "i")
        got = await asyncio.to_thread(answer, origin)
        assert got == exchange.body.bytes_between(0, exchange.body.size)
        await running.press("y")
        await running.eventually(lambda: copied != [])
        lines = copied[0].split("\n")
        assert [line.partition("=")[0] for line in lines] == [
            "export ANTHROPIC_BASE_URL",
            "export OPENAI_BASE_URL",
            "export GOOGLE_GEMINI_BASE_URL",
        ]
        assert f"▶ replaying at {origin}" in running.rows()[BAR]
        await running.press("r")
        assert f"at {origin} --speed max" in running.text()
        await running.press("s")
        await running.eventually(lambda: f"The replay at {origin} has ended" in running.told())
        assert "replaying at" not in running.rows()[BAR]


async def test_several_run_with_faults_and_end_with_the_inspector(tmp_path: Path) -> None:
    given.complete(tmp_path, 1)
    given.max_tokens(tmp_path, 2)
    async with inspecting(tmp_path, 160, 40, program=PROGRAM) as running:
        await running.press("r", "f")
        await running.eventually(lambda: "Event N comes twice" in running.text())
        await running.press("enter")
        assert "cut[:event=N]" in running.text()
        await running.press("enter")
        await running.eventually(lambda: "--fault cut:event=5:reset" in running.text())
        await running.press("escape", "j")
        second = await replayed(running, "enter")
        await running.press("escape")
        bar = running.rows()[BAR]
        assert bar.count("http://") == 2
        processes = [
            replay.process
            for path in paths_of(running.app.library)
            if (replay := running.screen.replays.of(path)) is not None
        ]
        os.kill(processes[0].pid, signal.SIGKILL)
        await running.eventually(lambda: f"at {second} ended with code -9" in running.told())
    assert [process.returncode for process in processes] == [-9, 0]


async def test_what_cannot_be_replayed_is_one_message(tmp_path: Path) -> None:
    script = given.live(tmp_path)
    async with inspecting(tmp_path) as running:
        await running.press("r", "r")
        await running.until(lambda: "this needs the program ssescope" in running.told())
    given.foreign(tmp_path, 59)
    async with inspecting(tmp_path, program=PROGRAM) as running:
        await running.press("j", "r", "r")
        await running.eventually(lambda: "is not a capture" in running.told())
    script.abandon()
