from __future__ import annotations

from pathlib import Path

import pytest

from inspector_tui.tabs import Tab
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import Running, assert_snapshot, inspecting


async def test_where_it_is_narrow_enter_opens_and_escape_goes_back(tmp_path: Path) -> None:
    given.complete(tmp_path)
    given.max_tokens(tmp_path)
    async with inspecting(tmp_path) as running:
        await running.press("j", "enter")
        assert "complete · end_turn" in running.rows()[1]
        assert running.screen.exchange_pane.timeline.has_focus
        await running.press("q")
        assert running.screen.list_pane.view.has_focus
        assert "model" in running.rows()[1]
        await running.press("escape")
        assert running.app.is_running
        await running.press("q")
        assert not running.app.is_running


async def test_where_it_is_wide_the_exchange_follows_the_list(tmp_path: Path) -> None:
    given.complete(tmp_path)
    given.max_tokens(tmp_path)
    async with inspecting(tmp_path, 160, 30) as running:
        assert "CUT OFF · max_tokens" in running.rows()[1]
        await running.press("j")
        await running.until(lambda: "complete · end_turn" in running.rows()[1])
        await running.press("tab")
        assert running.screen.exchange_pane.timeline.has_focus
        await running.press("escape")
        assert running.screen.list_pane.view.has_focus


async def test_who_reads_an_exchange_is_not_sent_to_the_next(tmp_path: Path) -> None:
    given.complete(tmp_path)
    async with inspecting(tmp_path, 160, 30) as running:
        await running.press("enter")
        opened = running.screen.exchange_pane.path
        given.max_tokens(tmp_path)
        await running.until(lambda: "max_tokens" in running.text())
        assert running.screen.exchange_pane.path == opened
        await running.press("escape", "F")
        await running.until(lambda: running.screen.exchange_pane.path != opened)


async def test_resizing_keeps_what_is_read(tmp_path: Path) -> None:
    given.complete(tmp_path)
    given.max_tokens(tmp_path)
    async with inspecting(tmp_path, 160, 50) as running:
        await running.press("j", "tab", "j", "j")
        path, cursor = (
            running.screen.exchange_pane.path,
            running.screen.exchange_pane.timeline.cursor,
        )
        for width, height in ((80, 24), (60, 20), (160, 50)):
            await running.pilot.resize_terminal(width, height)
            await running.tick(2)
            assert running.screen.exchange_pane.path == path
            assert running.screen.exchange_pane.timeline.cursor == cursor
            assert running.screen.exchange_pane.timeline.has_focus
            assert "▌" in running.text()
            assert all(len(row) <= width for row in running.rows())
        assert "max_tokens" in running.text()


async def test_follow_is_toggled_and_said(tmp_path: Path) -> None:
    given.complete(tmp_path)
    async with inspecting(tmp_path) as running:
        assert "▼ FOLLOW" in running.rows()[0]
        await running.press("F")
        assert "‖ PAUSED" in running.rows()[0]
        await running.press("F")
        assert "▼ FOLLOW" in running.rows()[0]


async def test_a_live_exchange_ticks_in_the_list(tmp_path: Path) -> None:
    script = given.live(tmp_path)
    async with inspecting(tmp_path) as running:
        assert "● 1 live" in running.rows()[0]
        assert "18m 48s" in running.text()
        script.finish()
        await running.until(lambda: "live" not in running.rows()[0])


async def test_ctrl_c_quits(tmp_path: Path) -> None:
    async with inspecting(tmp_path) as running:
        await running.press("slash", "ctrl+c")
        assert not running.app.is_running


async def test_a_folder_that_vanishes_under_the_reader_is_a_message(tmp_path: Path) -> None:
    folder = tmp_path / "captures"
    folder.mkdir()
    path = given.complete(folder)
    async with inspecting(folder, 120, 30) as running:
        path.unlink()
        folder.rmdir()
        await running.until(lambda: "cannot list" in running.text())
        assert "complete · end_turn" in running.text()


SIZES = ((80, 24), (160, 50))


@pytest.mark.parametrize(("width", "height"), SIZES)
async def test_the_screens_look_as_they_did(tmp_path: Path, width: int, height: int) -> None:
    script = given.everything(tmp_path)

    async def keep(running: Running, name: str) -> None:
        await running.tick(2)
        assert_snapshot(f"{name}-{width}x{height}", running.text())

    async with inspecting(tmp_path, width, height) as running:
        await keep(running, "list")
        await running.press("end", "enter")
        await running.until(lambda: "complete · end_turn" in running.text())
        for number, tab in enumerate(Tab, 1):
            await running.press(str(number))
            if tab is Tab.DIFF:
                await running.until(lambda: "equal event" in running.text())
            await keep(running, tab.view_id)
        await running.press("1", "end", "enter")
        await keep(running, "event")
        await running.press("escape", "escape", "home", *["j"] * 5, "enter")
        await running.until(lambda: "pwned" in running.text())
        await keep(running, "hostile")
    script.abandon()
