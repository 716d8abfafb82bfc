from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from inspector_tui.actions import copying as module
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import PROGRAM, inspecting


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was copied, without touching a clipboard."""
    texts: list[str] = []

    def copy(text: str, write_escape: object, environment: object) -> str:
        assert callable(write_escape)
        assert environment is os.environ
        texts.append(text)
        return f"Copied {len(texts)} by the test"

    monkeypatch.setattr(module, "copy", copy)
    return texts


async def test_the_message_and_the_event_are_copied_and_the_way_is_said(
    tmp_path: Path, copied: list[str]
) -> None:
    async with inspecting(given.hostile(tmp_path)) as running:
        await running.press("y")
        await running.until(lambda: "Copied 1 by the test" in running.told())
        assert copied[0].startswith("␛]52;c;UFdORUQ=␇")
        await running.press("Y")
        await running.until(lambda: len(copied) == 2)
        assert copied[1].startswith("event: message_start\n")


async def test_of_the_list_the_exchange_under_the_cursor_is_copied(
    tmp_path: Path, copied: list[str]
) -> None:
    given.max_tokens(tmp_path, 1)
    given.complete(tmp_path, 2)
    async with inspecting(tmp_path, program=PROGRAM) as running:
        await running.press("enter", "escape", "j", "y")
        await running.until(lambda: len(copied) == 1)
        assert copied[0] == "".join(given.ANSWER[:9])
        await running.press("Y")
        await running.until(lambda: "Open the exchange" in running.told())
        for number, key in enumerate("mbpu", 2):
            await running.press("c", key)
            await running.eventually(lambda expected=number: len(copied) == expected)  # type: ignore[misc]
        message, body, path, curl = copied[1:]
        assert json.loads(message)["stop_reason"] == "max_tokens"
        assert json.loads(body) == given.QUESTION
        assert path == str(running.screen.list_pane.selected)
        assert curl.startswith("curl --no-buffer https://api.anthropic.com/v1/messages")
        assert '"x-api-key: $ANTHROPIC_API_KEY"' in curl


async def test_where_nothing_is_there_it_is_said(tmp_path: Path, copied: list[str]) -> None:
    async with inspecting(tmp_path) as running:
        for key in "ycv":
            await running.press(key)
        await running.until(lambda: running.told().count("There is no exchange here") == 3)
    async with inspecting(given.rate_limited(tmp_path)) as running:
        await running.press("y")
        await running.until(lambda: "There is no message text to copy" in running.told())
        await running.press("c", "u")
        await running.until(lambda: "this needs the program ssescope" in running.told())
        await running.press("v")
        await running.until(lambda: "The terminal cannot" in running.told())
    given.foreign(tmp_path)
    async with inspecting(tmp_path) as running:
        await running.press("j", "y")
        await running.until(lambda: "not a capture" in running.told())
    assert copied == []
