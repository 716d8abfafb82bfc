from __future__ import annotations

from pathlib import Path

import pytest
from rich.style import Style

from inspector_tui import palette, row_index
from inspector_tui.tabs import Tab
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import inspecting


async def test_the_views_come_by_number(tmp_path: Path) -> None:
    async with inspecting(given.tool_use(tmp_path), 100, 30) as running:
        for key, words in (
            ("2", "tool call weather"),
            ("3", "no event was cut"),
            ("4", "first word after"),
            ("5", "✓ nothing was found wrong"),
            ("6", "┃event: message_start↵"),
            ("7", "POST /v1/messages HTTP/1.1"),
            ("8", "HTTP/1.1 200 OK"),
            ("9", "There is no other exchange"),
            ("1", "content_block_start  thinking"),
        ):
            await running.press(key)
            assert words in running.text(), key
            assert running.screen.exchange_pane.view.has_focus


async def test_a_click_on_a_tab_chooses_it(tmp_path: Path) -> None:
    async with inspecting(given.complete(tmp_path), 100, 30) as running:
        await running.pilot.click("#tabs", offset=(16, 0))
        await running.tick()
        assert running.screen.exchange_pane.tab is Tab.MESSAGE


async def test_a_running_exchange_is_followed_through_its_file(tmp_path: Path) -> None:
    script = given.live(tmp_path)
    async with inspecting(script.file.path, 80, 24) as running:
        pane = running.screen.exchange_pane
        assert "FOLLOW" in running.rows()[0]
        script.send(given.text_deltas([" fresh"])[0])
        await running.until(lambda: " fresh" in running.text())
        assert pane.timeline.cursor == len(pane.timeline.lines) - 1
        await running.press("k")
        where = pane.timeline.cursor
        for data in (given.block_stop(), *given.ending()):
            script.send(data)
        await running.until(lambda: pane.timeline.newer == 3)
        assert pane.timeline.cursor == where
        assert "PAUSED +3" in running.rows()[0]
        await running.press("F")
        assert "stop_reason: end_turn" in running.text()
        script.finish()
        await running.until(lambda: "complete · end_turn" in running.text())
        assert "FOLLOW" not in running.rows()[0]


async def test_the_message_grows_while_it_is_read(tmp_path: Path) -> None:
    script = given.live(tmp_path)
    async with inspecting(script.file.path, 80, 24) as running:
        await running.press("2")
        assert "A stream can end in many ways, and most of them" in running.text()
        script.send(given.text_deltas([" look"])[0])
        await running.until(lambda: "most of them look" in running.text())
        await running.press("6")
        script.send(given.text_deltas([" alike"])[0])
        await running.until(lambda: " alike" in running.text())
        script.abandon()


async def test_findings_are_jumped_to(tmp_path: Path) -> None:
    async with inspecting(given.hostile(tmp_path), 100, 30) as running:
        pane = running.screen.exchange_pane
        await running.press("right_square_bracket")
        first = pane.timeline.cursor
        assert pane.exchange is not None
        assert pane.exchange.findings_of(first)
        await running.press("2", "right_square_bracket")
        assert pane.tab is Tab.TIMELINE
        assert pane.timeline.cursor > first
        await running.press("left_square_bracket")
        assert pane.timeline.cursor == first
        await running.press("left_square_bracket")
        assert "No event with a finding further up" in running.text()


async def test_enter_on_a_finding_goes_to_its_event(tmp_path: Path) -> None:
    async with inspecting(given.max_tokens(tmp_path), 100, 30) as running:
        await running.press("5", "enter")
        pane = running.screen.exchange_pane
        assert pane.tab is Tab.TIMELINE
        assert "▌!" in running.text()
        assert pane.timeline.has_focus


async def test_a_finding_without_event_says_so(tmp_path: Path) -> None:
    async with inspecting(given.client_left(tmp_path), 100, 30) as running:
        await running.press("5", "enter")
        assert "This finding is about the exchange as a whole" in running.text()


async def test_search_highlights_and_walks(tmp_path: Path) -> None:
    async with inspecting(given.complete(tmp_path), 80, 24) as running:
        timeline = running.screen.exchange_pane.timeline
        await running.press("slash", *"the")
        await running.until(lambda: timeline.cursor > 0)
        await running.press("enter")
        assert timeline.has_focus
        first = timeline.cursor
        await running.press("n")
        await running.until(lambda: timeline.cursor > first)
        second = timeline.cursor
        await running.press("N")
        await running.until(lambda: timeline.cursor == first)
        assert second > first
        await running.press("N")
        await running.until(lambda: "No match further up" in running.text())
        await running.press("slash", "escape")
        assert timeline.needle == ""
        await running.press("n")
        assert timeline.cursor == first


@pytest.mark.parametrize(
    "write", [given.gzipped, given.torn, given.upstream_cut, given.rate_limited]
)
async def test_every_view_of_every_kind_can_be_drawn(write: object, tmp_path: Path) -> None:
    assert callable(write)
    async with inspecting(write(tmp_path), 60, 20) as running:
        for key in "123456789":
            await running.press(key)
            assert running.rows()[1].strip()


async def test_an_exchange_is_compared_with_the_one_before_or_the_marked_one(
    tmp_path: Path,
) -> None:
    first, marked = given.complete(tmp_path, 1), given.tool_use(tmp_path, 2)
    given.max_tokens(tmp_path, 3)
    async with inspecting(tmp_path, 120, 40) as running:
        await running.press("j", "j", "enter", "9")
        await running.until(lambda: "equal event" in running.text())
        pane = running.screen.exchange_pane
        assert pane.path == first
        assert f"− {marked.stem}" in running.text()
        await running.press("escape", "k", "k", "enter")
        pane.compare_with(first)
        await running.until(lambda: f"− {first.stem}" in running.text())
        assert "end_turn → max_tokens" in running.text()


async def test_a_running_exchange_is_not_compared_before_its_end(tmp_path: Path) -> None:
    given.complete(tmp_path)
    script = given.live(tmp_path)
    async with inspecting(tmp_path, 120, 40) as running:
        await running.press("enter", "9")
        await running.until(lambda: "compared once it has ended" in running.text())
        script.finish()
        await running.until(lambda: "equal event" in running.text())


async def test_words_that_several_deltas_say_together_are_found(tmp_path: Path) -> None:
    async with inspecting(given.complete(tmp_path), 80, 24) as running:
        pane = running.screen.exchange_pane
        await running.press("slash", *"stream can end")
        await running.until(lambda: pane.event == 3)
        await running.press("enter", "n")
        await running.until(lambda: "No match further down" in running.text())
        highlighted = [
            "".join(part.text for part in pane.timeline.render_line(row) if _is_found(part.style))
            for row in (3, 4, 5, 6)
        ]
        assert highlighted == ["stream", " can", " end", ""]


def _is_found(style: Style | None) -> bool:
    return style is not None and style.bgcolor == palette.FOUND.bgcolor


async def test_types_and_pings_are_chosen_and_the_cursor_stays_on_its_event(
    tmp_path: Path,
) -> None:
    async with inspecting(given.complete(tmp_path), 80, 24) as running:
        pane = running.screen.exchange_pane
        await running.press(*["j"] * 4, "p")
        assert pane.event == 4
        assert pane.timeline.cursor == 3
        assert "ping" not in running.text()
        await running.press("ampersand", *"stop")
        assert pane.event == 42
        await running.press("enter", "p", "j")
        assert pane.event == 43
        assert pane.exchange is not None
        assert pane.exchange.events[pane.event].type == "message_delta"
        await running.press("ampersand", "escape")
        assert pane.event == 43
        assert len(pane.timeline.lines) == 45


async def test_a_large_body_is_divided_into_rows_between_two_ticks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_index, "BYTES_AT_ONCE", 200)
    async with inspecting(given.complete(tmp_path), 80, 24) as running:
        await running.pilot.press("6", "G")
        while running.screen.exchange_pane.view_of(Tab.RAW).lines.is_behind:  # type: ignore[attr-defined]
            await running.pilot.pause()
        await running.pilot.pause()
        assert "message_stop" in running.text()
