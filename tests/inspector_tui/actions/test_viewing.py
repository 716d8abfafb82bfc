from __future__ import annotations

from pathlib import Path

import pytest

from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import inspecting


async def test_what_cannot_be_used_is_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGER", "most -R")
    monkeypatch.setenv("VISUAL", "cat 'x")
    async with inspecting(given.complete(tmp_path)) as running:
        await running.press("v")
        await running.until(lambda: "no program 'most' was found" in running.told())
        await running.press("e")
        await running.until(lambda: "which is no command" in running.told())
        monkeypatch.setenv("PAGER", "cat")
        await running.press("v")
        await running.until(lambda: "The terminal cannot be given" in running.told())
