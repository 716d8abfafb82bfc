from __future__ import annotations

from pathlib import Path

from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import inspecting


async def test_the_input_lines_open_keep_and_forget_their_words(tmp_path: Path) -> None:
    async with inspecting(given.complete(tmp_path), 80, 24) as running:
        search = running.screen.exchange_pane.search
        assert search.size.height == 0
        await running.press("slash", *"the", "enter")
        assert (search.needle, search.types) == ("the", "")
        assert search.size.height == 1
        await running.press("ampersand", *"delta", "enter")
        assert search.size.height == 2
        assert running.screen.exchange_pane.timeline.has_focus
        await running.press("ampersand", "escape", "slash", "escape")
        assert (search.needle, search.types) == ("", "")
        assert search.size.height == 0


async def test_without_words_there_is_nothing_to_look_for(tmp_path: Path) -> None:
    async with inspecting(given.complete(tmp_path), 80, 24) as running:
        await running.press("n", "N")
        assert "No match" not in running.text()
        assert running.screen.exchange_pane.event == 0
