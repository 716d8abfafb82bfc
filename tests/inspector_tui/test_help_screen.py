from __future__ import annotations

from pathlib import Path

from captures.verdict import SIGNS
from inspector_tui.help_screen import HelpScreen, help_rows
from tests.inspector_tui.inspector_for_tests import inspecting, texts


def test_every_sign_of_a_verdict_is_explained() -> None:
    text = "\n".join(texts(help_rows()))
    assert all(sign in text for sign in SIGNS.values())


async def test_help_lies_over_the_screen_until_a_key_closes_it(tmp_path: Path) -> None:
    async with inspecting(tmp_path) as running:
        for key in ("escape", "q", "question_mark"):
            await running.press("question_mark")
            assert isinstance(running.app.screen, HelpScreen)
            assert "previous and next event with a finding" in running.text()
            await running.press(key)
            assert len(running.app.screen_stack) == 1
