from __future__ import annotations

from pathlib import Path

from inspector_tui.list_pane import NOTHING_MATCHES, NOTHING_YET
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import inspecting


async def test_an_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    async with inspecting(tmp_path) as running:
        assert NOTHING_YET[:40] in running.text()
        given.complete(tmp_path)
        await running.until(lambda: "end_turn" in running.text())
        assert NOTHING_YET[:40] not in running.text()


async def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    async with inspecting(tmp_path / "gone") as running:
        assert "cannot list" in running.text()


async def test_the_filter_works_as_one_types_and_escape_drops_it(tmp_path: Path) -> None:
    given.complete(tmp_path)
    given.tool_use(tmp_path)
    async with inspecting(tmp_path) as running:
        await running.press("slash", "O", "p", "u")
        pane = running.screen.list_pane
        assert len(pane.view.lines) == 1
        await running.press("s", "x")
        assert NOTHING_MATCHES in running.text()
        await running.press("backspace", "enter")
        assert pane.filter == "Opus"
        assert pane.view.has_focus
        assert "sonnet" not in running.text()
        await running.press("escape")
        assert len(pane.view.lines) == 2
        await running.press("slash", "z", "escape")
        assert pane.filter == ""
        assert len(pane.view.lines) == 2


async def test_new_exchanges_leave_the_selected_one_selected(tmp_path: Path) -> None:
    paths = [given.complete(tmp_path, number) for number in range(1, 4)]
    async with inspecting(tmp_path) as running:
        pane = running.screen.list_pane
        assert pane.selected == paths[2]
        await running.press("j")
        assert pane.selected == paths[1]
        given.max_tokens(tmp_path, 4)
        await running.until(lambda: "max_tokens" in running.text())
        assert pane.selected == paths[1]
        assert "PAUSED +1" in running.rows()[0]


async def test_following_selects_the_newest(tmp_path: Path) -> None:
    given.complete(tmp_path)
    async with inspecting(tmp_path) as running:
        assert "FOLLOW" in running.rows()[0]
        newest = given.max_tokens(tmp_path)
        await running.until(lambda: running.screen.list_pane.selected == newest)
        assert "▌✂!" in running.text()
