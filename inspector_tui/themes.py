"""The themes by name: our dark, light and 16-colour ones, and those that Textual brings.

A look is a theme for Textual's own style sheets, and what becomes of each colour of the palette.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from inspector_tui import palette

DARK, LIGHT, ANSI = "dark", "light", "ansi"

PALETTE: Mapping[str, str] = {
    name: value
    for name, value in vars(palette).items()
    if isinstance(value, str) and value.startswith("#")
}
"""The colours of the palette by their names."""

LIGHT_COLOURS: Mapping[str, str] = {
    "BACKGROUND": "#fbfbf9",
    "SURFACE": "#f0f2f4",
    "RAISED": "#e8ecf0",
    "FOREGROUND": "#1f2430",
    "SECONDARY": "#4b5563",
    "FAINT": "#5b6470",
    "LINE": "#c5ccd4",
    "ACCENT": "#075985",
    "GREEN": "#0b5f2c",
    "AMBER": "#7a4700",
    "RED": "#a3182a",
    "VIOLET": "#5b34b0",
    "TEAL": "#075e57",
    "BRIGHT": "#000000",
    "STEEL": "#5b93b5",
    "TEXT": "#0a4420",
    "TEXT_GROUND": "#def2e3",
    "CURSOR_GROUND": "#d3e4f1",
    "CURSOR_GROUND_UNFOCUSED": "#e6ecf1",
    "YELLOW": "#6b4f00",
    "SLATE": "#8fa3b3",
    "ROSE": "#96182a",
    "MINT": "#0b5f2c",
    "TRACK": "#e3ecf3",
    "OTHER_TRACK": "#d9e5ee",
    "PALE_GREEN": "#0b5f2c",
    "LIVE_GROUND": "#d9edf8",
    "GOOD_GROUND": "#d9f0df",
    "WARNING_GROUND": "#f8e6cb",
    "ALARM_GROUND": "#fae0e2",
}

ANSI_COLOURS: Mapping[str, str] = {
    "ACCENT": "cyan",
    "GREEN": "green",
    "AMBER": "yellow",
    "YELLOW": "yellow",
    "RED": "red",
    "VIOLET": "magenta",
    "TEAL": "cyan",
    "STEEL": "blue",
    "TEXT": "green",
    "ROSE": "red",
    "MINT": "green",
    "PALE_GREEN": "green",
    "LINE": "bright_black",
    "SLATE": "bright_black",
}
"""The others are the terminal's own, on its own background."""

_SCROLLBAR_GROUNDS = (
    "scrollbar-background",
    "scrollbar-background-hover",
    "scrollbar-background-active",
    "scrollbar-corner-color",
)
_GIVEN = (
    *("background", "surface", "panel", "foreground"),
    *("accent", "secondary", "success", "warning", "error"),
)


@dataclass(frozen=True, slots=True)
class Look:
    """A theme, and what becomes of the palette's colours in it."""

    theme: Theme
    colours: Mapping[str, str] = field(default_factory=dict)
    """By colours of the palette; those that are missing stay, or are the terminal's own."""
    sixteen: bool = False
    """Whether only the terminal's own 16 colours are used."""


def theme_names() -> tuple[str, ...]:
    """The names that `look_named` knows, ours first."""
    return (DARK, LIGHT, ANSI, *sorted(BUILTIN_THEMES))


@cache
def look_named(name: str) -> Look:
    """The look of a theme.

    Raises:
        KeyError: no theme has this name.
    """
    if name == DARK:
        return Look(_theme(DARK, PALETTE, dark=True))
    if name == LIGHT:
        return Look(_theme(LIGHT, LIGHT_COLOURS, dark=False), _by_colour(LIGHT_COLOURS))
    theme = BUILTIN_THEMES["ansi-dark" if name == ANSI else name]
    if theme.ansi:
        variables = {**theme.variables, **dict.fromkeys(_SCROLLBAR_GROUNDS, "ansi_default")}
        mine = replace(theme, name=name, variables=variables)
        return Look(mine, _by_colour(ANSI_COLOURS), sixteen=True)
    return Look(theme, _by_colour(_derived(theme)))


def _by_colour(colours: Mapping[str, str]) -> Mapping[str, str]:
    return {PALETTE[name]: colour for name, colour in colours.items()}


def _theme(name: str, colours: Mapping[str, str], *, dark: bool) -> Theme:
    background, line, accent = (colours[key] for key in ("BACKGROUND", "LINE", "ACCENT"))
    return Theme(
        name=name,
        primary=accent,
        secondary=colours["VIOLET"],
        accent=accent,
        warning=colours["AMBER"],
        error=colours["RED"],
        success=colours["GREEN"],
        foreground=colours["FOREGROUND"],
        background=background,
        surface=colours["SURFACE"],
        panel=colours["RAISED"],
        dark=dark,
        variables={
            "scrollbar": line,
            "scrollbar-hover": colours["FAINT"],
            "scrollbar-active": accent,
            **dict.fromkeys(_SCROLLBAR_GROUNDS, background),
            "input-cursor-background": accent,
            "input-cursor-foreground": background,
        },
    )


def _derived(theme: Theme) -> Mapping[str, str]:
    """Colours for the palette's names, mixed from those of a theme."""
    variables = theme.to_color_system().generate()
    given = {name: Color.parse(variables[name]) for name in _GIVEN}
    ground, text = given["background"], given["foreground"]
    accent, green, amber = given["accent"], given["success"], given["warning"]
    red, violet = given["error"], given["secondary"]
    mixed = {
        "BACKGROUND": ground,
        "SURFACE": given["surface"],
        "RAISED": given["panel"],
        "FOREGROUND": text,
        "BRIGHT": text,
        "SECONDARY": text.blend(ground, 0.3),
        "FAINT": text.blend(ground, 0.5),
        "LINE": text.blend(ground, 0.75),
        "SLATE": text.blend(ground, 0.65),
        "ACCENT": accent,
        "STEEL": accent.blend(ground, 0.3),
        "TEAL": accent,
        "VIOLET": violet.blend(text, 0.4),
        "YELLOW": amber,
        "AMBER": amber,
        "RED": red,
        "ROSE": red.blend(text, 0.3),
        **dict.fromkeys(("GREEN", "MINT", "PALE_GREEN"), green),
        "TEXT": green.blend(text, 0.6),
        **dict.fromkeys(("TEXT_GROUND", "GOOD_GROUND"), ground.blend(green, 0.15)),
        "LIVE_GROUND": ground.blend(accent, 0.15),
        "WARNING_GROUND": ground.blend(amber, 0.15),
        "ALARM_GROUND": ground.blend(red, 0.15),
        "CURSOR_GROUND": ground.blend(accent, 0.2),
        "CURSOR_GROUND_UNFOCUSED": ground.blend(text, 0.08),
        "TRACK": ground.blend(text, 0.1),
        "OTHER_TRACK": ground.blend(text, 0.18),
    }
    return {name: colour.hex6 for name, colour in mixed.items()}
