from __future__ import annotations

from pathlib import Path

from inspector_tui.tabs import Tab
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import inspecting


async def test_the_time_cursor_steps_through_timeline_and_message(tmp_path: Path) -> None:
    async with inspecting(given.complete(tmp_path), 80, 24) as running:
        pane = running.screen.exchange_pane
        await running.press("right")
        assert pane.event == 0, "without the time cursor the key does nothing"
        await running.press("t", "right", "right", "right")
        assert pane.event == 3
        assert "‖ paused 1x  0.315 of 2.952 s  event 3 of 45" in running.text()
        await running.press("shift+right", "2")
        await running.until(lambda: "still due" in running.text())
        assert "A stream can end in many ways, and most of" in running.text()
        await running.press("ctrl+left")
        await running.until(lambda: "  A stream\n" in running.text())
        await running.press("escape")
        assert not pane.time.is_on
        assert "still due" not in running.text()
        assert "stop_reason: end_turn" in running.text()


async def test_space_plays_and_pauses_and_pages_again_afterwards(tmp_path: Path) -> None:
    async with inspecting(given.complete(tmp_path), 80, 24) as running:
        pane = running.screen.exchange_pane
        await running.press("t", "s", "s", "s")
        assert "paused max" in running.text()
        await running.press("space")
        assert "▶ playing max" in running.text()
        await running.until(lambda: pane.event == 44)
        assert "‖ paused max" in running.text()
        await running.press("t", "g", "space")
        assert "▶" not in running.text()
        assert 0 < pane.event < 44


async def test_letters_of_a_search_are_no_keys_of_the_time_cursor(tmp_path: Path) -> None:
    async with inspecting(given.complete(tmp_path), 80, 24) as running:
        pane = running.screen.exchange_pane
        await running.press("t", "slash", *"ways s")
        assert pane.search.needle == "ways s"
        assert not pane.time.is_playing


async def test_new_events_do_not_move_the_time_cursor(tmp_path: Path) -> None:
    script = given.live(tmp_path)
    async with inspecting(script.file.path, 80, 24) as running:
        pane = running.screen.exchange_pane
        await running.press("t")
        event = pane.event
        script.send(given.text_deltas([" fresh"])[0])
        await running.until(lambda: f"of {event + 2}" in running.text())
        assert pane.event == event
        script.abandon()


async def test_the_time_cursor_opens_where_there_is_a_stream(tmp_path: Path) -> None:
    async with inspecting(given.rate_limited(tmp_path), 80, 24) as running:
        await running.press("t")
        assert not running.screen.exchange_pane.time.is_on
    async with inspecting(given.complete(tmp_path), 80, 24) as running:
        await running.press("4", "t")
        assert running.screen.exchange_pane.tab is Tab.TIMELINE
