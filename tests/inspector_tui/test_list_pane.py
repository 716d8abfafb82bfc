from __future__ import annotations

import os
from pathlib import Path

import pytest
from textual.widgets import Input

from inspector_tui.list_pane import NOTHING_MATCHES, NOTHING_YET
from inspector_tui.tabs import Tab
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import NOW, assert_snapshot, inspecting


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


async def test_a_tick_right_behind_a_key_does_not_take_the_cursor_back(tmp_path: Path) -> None:
    older = given.complete(tmp_path)
    given.max_tokens(tmp_path)
    async with inspecting(tmp_path) as running:
        pane = running.screen.list_pane
        pane.view.action_move(1)
        pane.sync()
        assert (pane.view.cursor, pane.selected) == (1, older)


async def test_following_selects_the_newest(tmp_path: Path) -> None:
    given.complete(tmp_path)
    async with inspecting(tmp_path) as running:
        assert "FOLLOW" in running.rows()[0]
        newest = given.max_tokens(tmp_path)
        await running.until(lambda: running.screen.list_pane.selected == newest)
        assert "▌✂!" in running.text()


async def test_o_sorts_by_the_next_column_and_the_cursor_stays_on_its_exchange(
    tmp_path: Path,
) -> None:
    slow = given.complete(tmp_path, 1)
    quick = given.rate_limited(tmp_path, 2)
    middle = given.max_tokens(tmp_path, 3)
    async with inspecting(tmp_path) as running:
        pane = running.screen.list_pane
        assert "time▼" in running.rows()[1]
        await running.press("o")
        assert "took▼" in running.rows()[1]
        assert pane.selected == slow
        await running.press("j", "O")
        assert "took▲" in running.rows()[1]
        assert pane.selected == middle
        assert pane.view.cursor == 1
        await running.press("g")
        assert pane.selected == quick


async def test_marks_are_shown_gone_to_and_listed_alone(tmp_path: Path) -> None:
    paths = [given.complete(tmp_path, number) for number in range(1, 5)]
    async with inspecting(tmp_path) as running:
        pane = running.screen.list_pane
        await running.press("M")
        assert "Nothing is marked" in running.text()
        await running.press("M", "j", "m", "G", "m")
        assert pane.marked == [paths[0], paths[2]]
        assert "✓ *14:01:11" in running.text()
        await running.press("apostrophe")
        assert pane.selected == paths[2]
        await running.press("M")
        assert len(pane.view.lines) == 2
        assert "only marked" in running.rows()[1]
        await running.press("m")
        assert pane.marked == [paths[0]]
        assert len(pane.view.lines) == 1


async def test_d_compares_the_marked_exchanges_and_says_what_it_needs(tmp_path: Path) -> None:
    older, newer = given.complete(tmp_path), given.max_tokens(tmp_path)
    async with inspecting(tmp_path) as running:
        await running.press("d")
        assert "Nothing is marked" in running.text()
        await running.press("m", "d")
        assert "This exchange alone is marked" in running.text()
        await running.press("j", "d")
        pane = running.screen.exchange_pane
        assert (pane.path, pane.tab) == (older, Tab.DIFF)
        await running.until(lambda: "event" in running.text() and newer.stem in running.text())
        await running.press("escape", "m", "d")
        assert (pane.path, pane.tab) == (newer, Tab.DIFF)
        await running.until(lambda: older.stem in running.text())
        await running.press("d")
        assert pane.path == newer


async def test_what_comes_moves_neither_cursor_nor_viewport_in_any_order(tmp_path: Path) -> None:
    for number in range(1, 40):
        given.rate_limited(tmp_path, number)
    async with inspecting(tmp_path) as running:
        pane = running.screen.list_pane
        await running.press("o", *["j"] * 5)
        view, selected = pane.view, pane.selected
        row = view.cursor - view.visible_rows[0]
        slow = given.complete(tmp_path, 50)
        await running.until(lambda: len(view.lines) == 40)
        assert pane.selected == selected
        assert view.cursor - view.visible_rows[0] == row
        view.scroll_to(y=18, animate=False, force=True, immediate=True)
        on_top = view.visible_rows[0]
        assert not on_top <= view.cursor <= view.visible_rows[1]
        shown = running.rows()[2:10]
        given.complete(tmp_path, 51)
        await running.until(lambda: len(view.lines) == 41)
        assert view.visible_rows[0] == on_top + 1
        assert running.rows()[2:10] == shown
        assert pane.selected == selected
        assert slow.exists()


async def test_t_puts_retries_under_their_first_exchange_and_back(tmp_path: Path) -> None:
    failed, again = given.rate_limited(tmp_path, 1), given.complete(tmp_path, 2)
    async with inspecting(tmp_path) as running:
        pane = running.screen.list_pane
        await running.press("j", "t")
        assert pane.selected == failed
        assert "tree" in running.rows()[1]
        assert "└ retry 2 sonnet-4-5" in running.rows()[3]
        await running.press("j")
        assert pane.selected == again
        await running.press("t")
        assert "retry" not in running.text()
        assert pane.selected == again
        await running.press("t", "F")
        assert pane.view.cursor == 1
        newest = given.complete(tmp_path, 3)
        await running.until(lambda: pane.selected == newest)
        assert pane.view.cursor == 2
        await running.press("g")
        assert (pane.selected, pane.view.follow) == (failed, False)


async def test_a_capture_that_is_deleted_while_it_is_open_says_so(tmp_path: Path) -> None:
    given.complete(tmp_path, 1)
    script = given.live(tmp_path, 2)
    async with inspecting(tmp_path) as running:
        await running.press("enter")
        script.file.path.unlink()
        await running.until(lambda: "The capture file is gone" in running.text())
        assert "content_block_delta" in running.text()
        await running.press("escape")
        assert "1 exchange" in running.rows()[0]
        assert "end_turn" in running.rows()[2]
    script.abandon()


async def test_a_capture_torn_while_it_is_open_is_told_and_nothing_raises(tmp_path: Path) -> None:
    script = given.live(tmp_path, 2)
    async with inspecting(tmp_path) as running:
        await running.press("enter")
        with script.file.path.open("ab") as file:
            file.write(b'[99,1.25,"chunk",\n[100,0.1,"chu')
        os.truncate(script.file.path, script.file.path.stat().st_size - 3)
        script.abandon()
        hour_ago = NOW.timestamp() - 3600
        os.utime(script.file.path, (hour_ago, hour_ago))
        await running.until(lambda: "recording interrupted" in running.text())
        await running.press("5")
        assert "torn record" in running.text()


async def test_a_folder_that_vanishes_and_comes_back_is_listed_again(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "captures", tmp_path / "elsewhere"
    folder.mkdir()
    given.complete(folder, 1)
    async with inspecting(folder) as running:
        folder.rename(elsewhere)
        await running.until(lambda: "cannot list" in running.text())
        assert "end_turn" in running.text()
        elsewhere.rename(folder)
        given.max_tokens(folder, 2)
        await running.until(lambda: "max_tokens" in running.text())
        assert "cannot list" not in running.text()
        assert len(running.screen.list_pane.view.lines) == 2


@pytest.mark.parametrize(("width", "height"), [(80, 24), (160, 50)])
async def test_tree_and_filter_look_as_they_did(tmp_path: Path, width: int, height: int) -> None:
    script = given.everything(tmp_path)
    async with inspecting(tmp_path, width, height) as running:
        pane = running.screen.list_pane

        def look() -> str:
            """What the pane shows: the panels around it have snapshots of their own."""
            rows = running.rows()[1:-1]
            return "\n".join(row[: pane.content_size.width].rstrip() for row in rows)

        await running.press("m", "t")
        assert_snapshot(f"tree-{width}x{height}", look())
        await running.press("t", "o", "slash")
        pane.query_one("#filter", Input).value = "sonnet -is:complete is:liv"
        await running.tick(2)
        assert_snapshot(f"filter-{width}x{height}", look())
    script.abandon()
