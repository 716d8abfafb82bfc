"""Rows in the colours of other themes."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from inspector_tui import palette
from inspector_tui.app import InspectorApp
from inspector_tui.library import Library
from inspector_tui.recolouring import recolouring
from inspector_tui.themes import ANSI, DARK, LIGHT, LIGHT_COLOURS, PALETTE
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import inspecting


def painted(theme: str, *styles: Style | None) -> list[Style | None]:
    found = recolouring(theme)
    assert found is not None
    segments = [Segment("text", style) for style in styles]
    return [segment.style for segment in found.apply(segments, Color(0, 0, 0))]


def test_the_dark_theme_is_what_rows_are_made_with() -> None:
    assert recolouring(DARK) is None


def test_colours_of_the_palette_become_those_of_the_theme_and_others_stay() -> None:
    other = Style(color="#123456", bold=True)
    assert painted(LIGHT, palette.TEXT_DELTA, other, None, Style(bold=True)) == [
        Style(color=LIGHT_COLOURS["TEXT"], bgcolor=LIGHT_COLOURS["TEXT_GROUND"]),
        other,
        None,
        Style(bold=True),
    ]


def test_every_style_of_the_palette_keeps_its_emphasis() -> None:
    styles = [style for style in vars(palette).values() if isinstance(style, Style)]
    for before, after in zip(styles, painted(LIGHT, *styles), strict=True):
        assert after is not None
        assert (after.bold, after.italic) == (before.bold, before.italic)
        assert not {after.color, after.bgcolor} & {
            Style(color=value).color for value in PALETTE.values()
        }


def test_sixteen_colours_tell_by_reversing_what_a_ground_tells() -> None:
    stopped, on_cursor, faint, tinted = painted(
        ANSI, palette.STOPPED, palette.GOOD + palette.CURSOR, palette.FAINTER, palette.TEXT_DELTA
    )
    assert stopped == Style(color="green", bgcolor="default", reverse=True, bold=True)
    assert on_cursor == Style(color="green", bgcolor="default", reverse=True)
    assert faint == Style(color="default", dim=True)
    assert tinted == Style(color="green", bgcolor="default")


@pytest.mark.parametrize("theme", [LIGHT, ANSI, "nord", "ansi-light"])
async def test_a_running_inspector_changes_its_colours(tmp_path: Path, theme: str) -> None:
    given.max_tokens(tmp_path)
    async with inspecting(tmp_path, 140, 30) as inspector:
        inspector.app.action_choose_theme(theme)
        await inspector.tick()
        strips = inspector.app.screen._compositor.render_strips()
        used = {
            colour.triplet.hex
            for strip in strips
            for segment in strip
            if segment.style
            for colour in (segment.style.color, segment.style.bgcolor)
            if colour and colour.triplet
        }
        assert not used & set(PALETTE.values())


async def test_no_color_leaves_no_colour_and_tells_by_reversing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    given.max_tokens(tmp_path)
    async with inspecting(tmp_path, 140, 30) as inspector:
        segments = [
            segment
            for strip in inspector.app.screen._compositor.render_strips()
            for segment in strip
            if segment.style
        ]
        for segment in segments:
            assert segment.style is not None
            for colour in (segment.style.color, segment.style.bgcolor):
                assert colour is None or colour.is_default
        assert any(segment.style.reverse for segment in segments if segment.style)


def test_the_theme_of_an_application_is_one_of_ours(tmp_path: Path) -> None:
    library = Library(tmp_path)
    with pytest.raises(KeyError):
        InspectorApp(library, theme="pink").get_line_filters()
    library.close()
