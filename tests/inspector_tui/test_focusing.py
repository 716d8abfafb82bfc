"""Keys that come in one go with the one that moves the focus go where it is moved."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events
from textual.widgets import Input

from inspector_tui.app import InspectorApp
from inspector_tui.screen import InspectorScreen
from inspector_tui.tabs import Tab
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import inspecting, library_of


@pytest.mark.parametrize("line", ["#search", "#types"])
async def test_keys_in_one_go_are_typed_in_the_line_that_the_first_opens(
    line: str, tmp_path: Path
) -> None:
    opening = "slash" if line == "#search" else "ampersand"
    async with inspecting(given.complete(tmp_path)) as running:
        for key, character in ((opening, None), ("t", "t"), ("slash", "/"), ("ampersand", "&")):
            running.app.post_message(events.Key(key, character))
        entry = running.screen.query_one(line, Input)
        await running.until(lambda: entry.value == "t/&")
        assert entry.has_focus
        assert running.screen.exchange_pane.tab is Tab.TIMELINE
        assert not running.screen.exchange_pane.time.is_on


async def test_the_filter_takes_what_follows_the_slash(tmp_path: Path) -> None:
    async with inspecting(tmp_path) as running:
        for key in ("slash", "q", "2"):
            running.app.post_message(events.Key(key, None if key == "slash" else key))
        entry = running.screen.query_one("#filter", Input)
        await running.until(lambda: entry.value == "q2")
        assert entry.has_focus


async def test_keys_typed_before_the_first_frame_wait_for_it(tmp_path: Path) -> None:
    app = InspectorApp(library_of(given.complete(tmp_path).parent))
    for key in ("slash", "q", "2"):
        app.post_message(events.Key(key, None if key == "slash" else key))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.screen.query_one("#filter", Input).value == "q2"
        app.library.close()


async def test_keys_in_one_go_act_in_their_order(tmp_path: Path) -> None:
    async with inspecting(given.complete(tmp_path)) as running:
        for key in ("2", "t", "t", "slash", "t", "1"):
            running.app.post_message(events.Key(key, None if key == "slash" else key))
        entry = running.screen.query_one("#search", Input)
        await running.until(lambda: entry.value == "t1")
        assert running.screen.exchange_pane.tab is Tab.TIMELINE
        assert not running.screen.exchange_pane.time.is_on


async def test_what_is_marked_in_one_go_is_what_the_cursor_came_to(tmp_path: Path) -> None:
    given.complete(tmp_path)
    given.max_tokens(tmp_path)
    async with inspecting(tmp_path) as running:
        for key in ("m", "j", "m"):
            running.app.post_message(events.Key(key, key))
        await running.until(lambda: running.text().count("*1") == 2)


async def test_who_quits_while_the_screen_is_being_made_gets_no_traceback(tmp_path: Path) -> None:
    given.complete(tmp_path)
    library = library_of(tmp_path)
    app = InspectorApp(library)
    async with app.run_test(size=(160, 50)):
        app.exit()
    await InspectorScreen(library, "", 0.0).complete()
    library.close()
