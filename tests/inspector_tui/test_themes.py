"""The themes: every colour of the palette has its own in each, and the light one can be read."""

from __future__ import annotations

import pytest
from textual.color import Color

from inspector_tui.themes import (
    ANSI,
    ANSI_COLOURS,
    DARK,
    LIGHT,
    LIGHT_COLOURS,
    PALETTE,
    look_named,
    theme_names,
)

ON_THE_GROUND = (
    *("FOREGROUND", "SECONDARY", "FAINT", "ACCENT", "GREEN", "AMBER", "RED", "VIOLET", "TEAL"),
    *("BRIGHT", "TEXT", "ROSE", "MINT", "PALE_GREEN"),
)
"""Colours of text; the others are grounds, rules and bars."""

GROUNDS = (
    *("BACKGROUND", "SURFACE", "RAISED", "CURSOR_GROUND", "CURSOR_GROUND_UNFOCUSED"),
    *("TEXT_GROUND", "TRACK", "OTHER_TRACK"),
    *("LIVE_GROUND", "GOOD_GROUND", "WARNING_GROUND", "ALARM_GROUND"),
)
STRONG_GROUNDS = ("ACCENT", "GREEN", "AMBER", "YELLOW", "RED")
"""Grounds under text in the colour of the background."""


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [part / 255 for part in Color.parse(colour).rgb]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio (WCAG 2.2), from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("ground", GROUNDS)
def test_all_text_of_the_light_theme_has_the_contrast_of_wcag_aa(ground: str) -> None:
    found = {name: contrast(LIGHT_COLOURS[name], LIGHT_COLOURS[ground]) for name in ON_THE_GROUND}
    assert {name: ratio for name, ratio in found.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("colours", [PALETTE, LIGHT_COLOURS], ids=[DARK, LIGHT])
def test_text_on_strong_grounds_can_be_read_in_both(colours: dict[str, str]) -> None:
    for ground in STRONG_GROUNDS:
        assert contrast(colours["BACKGROUND"], colours[ground]) >= 4.5


@pytest.mark.parametrize("name", theme_names())
def test_every_theme_has_every_colour(name: str) -> None:
    look = look_named(name)
    assert look.theme.name == name
    if name == DARK:
        assert not look.colours
    elif look.sixteen:
        assert name.startswith(ANSI)
    else:
        assert look.colours.keys() == set(PALETTE.values())


def test_the_palette_has_no_colour_twice() -> None:
    assert len(set(PALETTE.values())) == len(PALETTE)
    assert LIGHT_COLOURS.keys() == PALETTE.keys()
    assert ANSI_COLOURS.keys() < PALETTE.keys()


def test_no_theme_of_another_name() -> None:
    with pytest.raises(KeyError):
        look_named("pink")
