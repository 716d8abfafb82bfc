from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from captures.loading import load
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import PROGRAM, inspecting


async def test_an_exchange_is_written_to_the_file_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    capture = given.complete(tmp_path)
    exchange = load(capture)
    body = exchange.body.bytes_between(0, exchange.body.size)
    elsewhere = tmp_path / "a folder"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    async with inspecting(capture, program=PROGRAM) as running:
        await running.press("E", "s", "enter")
        target = elsewhere / f"{capture.stem}.sse"
        await running.eventually(lambda: f"Exported to {target}" in running.told())
        assert target.read_bytes() == body
        await running.press("E", "C", "enter")
        await running.eventually(lambda: "replaced nothing" in running.told())
        assert len(list(elsewhere.glob("*.jsonl"))) == 1


async def test_a_file_that_is_there_is_replaced_after_asking_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    capture = given.complete(tmp_path)
    monkeypatch.chdir(tmp_path)
    target = tmp_path / f"{capture.stem}.sh"
    target.write_text("mine")
    async with inspecting(capture, program=PROGRAM) as running:
        await running.press("E", "u", "enter")
        await running.eventually(lambda: "This file is there already" in running.text())
        await running.press("escape")
        assert target.read_text() == "mine"
        await running.press("E", "u", "enter")
        await running.eventually(lambda: "Enter replaces it" in running.text())
        await running.press("enter")
        await running.eventually(lambda: "set ANTHROPIC_API_KEY" in running.told())
        assert target.read_text().startswith("curl ")
        # What it is called by default is not the capture itself.
        await running.press("E", "c")
        entry = running.app.screen.query_one(Input)
        assert entry.value == str(tmp_path / f"{capture.stem}-copy.jsonl")
        entry.value = "missing/x"
        await running.press("enter")
        await running.eventually(lambda: "cannot write" in running.told())
