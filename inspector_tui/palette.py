"""The colours and styles of the inspector.

Colour never stands alone: a sign or a word is beside it.
"""

from __future__ import annotations

from rich.style import Style
from textual.theme import Theme

from captures.dialects.base import EventKind
from captures.findings.rule import Level
from captures.verdict import Outcome

BACKGROUND = "#0e1218"
SURFACE = "#141a22"
RAISED = "#1b232e"
FOREGROUND = "#d7dee8"
SECONDARY = "#8b97a8"
FAINT = "#566173"
LINE = "#2a3442"
ACCENT = "#62cdf4"
GREEN = "#7fdc9e"
AMBER = "#f2b063"
RED = "#ff7480"
VIOLET = "#b7a5f5"
TEAL = "#6fd6c8"

THEME = Theme(
    name="ssescope",
    primary=ACCENT,
    secondary=VIOLET,
    accent=ACCENT,
    warning=AMBER,
    error=RED,
    success=GREEN,
    foreground=FOREGROUND,
    background=BACKGROUND,
    surface=SURFACE,
    panel=RAISED,
    dark=True,
    variables={
        "scrollbar": LINE,
        "scrollbar-hover": FAINT,
        "scrollbar-active": ACCENT,
        "scrollbar-background": BACKGROUND,
        "scrollbar-background-hover": BACKGROUND,
        "scrollbar-background-active": BACKGROUND,
        "scrollbar-corner-color": BACKGROUND,
        "input-cursor-background": ACCENT,
        "input-cursor-foreground": BACKGROUND,
    },
)

PLAIN = Style(color=FOREGROUND)
STRONG = Style(color="#ffffff", bold=True)
DIM = Style(color=SECONDARY)
FAINTER = Style(color=FAINT)
RULE = Style(color=LINE)
HEADING = Style(color=ACCENT, bold=True)
KEY = Style(color=ACCENT)
WARNING = Style(color=AMBER)
ALARM = Style(color=RED, bold=True)
GOOD = Style(color=GREEN)
BAR = Style(color="#4f86a8")

TEXT_DELTA = Style(color="#c9f7d8", bgcolor="#15301f")
THINKING_DELTA = Style(color=VIOLET, italic=True)
TOOL_DELTA = Style(color=TEAL)
STOPPED = Style(color=BACKGROUND, bgcolor=GREEN, bold=True)
STOPPED_BY_LIMIT = Style(color=BACKGROUND, bgcolor=AMBER, bold=True)
CHUNK_BOUNDARY = Style(color=BACKGROUND, bgcolor=ACCENT)

CURSOR = Style(bgcolor="#213044")
CURSOR_UNFOCUSED = Style(bgcolor="#192230")
CURSOR_MARK = Style(color=ACCENT, bold=True)
CURSOR_MARK_UNFOCUSED = Style(color=FAINT)
FOUND = Style(color=BACKGROUND, bgcolor="#f0dd7a", bold=True)

TIE = Style(color="#3d5266")
"""What ties events together that came in one network chunk."""
REMOVED = Style(color="#f0a0a8")
ADDED = Style(color="#9fe3b4")
TRACKS = (Style(color=FOREGROUND, bgcolor="#1b2a38"), Style(color=FOREGROUND, bgcolor="#25384a"))
"""Pieces of a stretch that lie side by side."""
CHOSEN_TRACK = Style(color=BACKGROUND, bgcolor=ACCENT, bold=True)

JSON_NAME = Style(color=ACCENT)
JSON_STRING = Style(color="#b9e6c4")
JSON_NUMBER = Style(color=AMBER)
JSON_WORD = Style(color=VIOLET)

OUTCOME_STYLES = {
    Outcome.LIVE: Style(color=ACCENT, bold=True),
    Outcome.COMPLETE: Style(color=GREEN, bold=True),
    Outcome.CUT_OFF: Style(color=AMBER, bold=True),
    Outcome.CLIENT_LEFT: Style(color=AMBER, bold=True),
    Outcome.BROKEN: Style(color=RED, bold=True),
    Outcome.INCOMPLETE: Style(color=RED, bold=True),
    Outcome.ERROR: Style(color=RED, bold=True),
}
OUTCOME_BACKGROUNDS = {
    Outcome.LIVE: "#12303d",
    Outcome.COMPLETE: "#16301f",
    Outcome.CUT_OFF: "#3a2a14",
    Outcome.CLIENT_LEFT: "#3a2a14",
    Outcome.BROKEN: "#3d1a20",
    Outcome.INCOMPLETE: "#3d1a20",
    Outcome.ERROR: "#3d1a20",
}
LEVEL_STYLES = {Level.ERROR: ALARM, Level.WARNING: Style(color=AMBER, bold=True), Level.INFO: DIM}

KIND_STYLES = {
    EventKind.START: PLAIN,
    EventKind.TEXT: TEXT_DELTA,
    EventKind.THINKING: THINKING_DELTA,
    EventKind.TOOL: TOOL_DELTA,
    EventKind.STOP_REASON: DIM,
    EventKind.TERMINAL: GOOD,
    EventKind.PING: FAINTER,
    EventKind.ERROR: ALARM,
    EventKind.STRUCTURE: DIM,
    EventKind.COMMENT: FAINTER,
    EventKind.NOTHING: FAINTER,
    EventKind.UNFINISHED: ALARM,
    EventKind.OTHER: PLAIN,
}
