"""The colours and styles of the inspector, as rows are made with them.

Colour never stands alone: a sign or a word is beside it. The colours here are those of the dark
theme; `inspector_tui.themes` has the others, and `inspector_tui.recolouring` paints with them.
"""

from __future__ import annotations

from rich.style import Style

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
BRIGHT = "#ffffff"
STEEL = "#4f86a8"
TEXT = "#c9f7d8"
TEXT_GROUND = "#15301f"
CURSOR_GROUND = "#213044"
CURSOR_GROUND_UNFOCUSED = "#192230"
YELLOW = "#f0dd7a"
SLATE = "#3d5266"
ROSE = "#f0a0a8"
MINT = "#9fe3b4"
TRACK = "#1b2a38"
OTHER_TRACK = "#25384a"
PALE_GREEN = "#b9e6c4"
LIVE_GROUND = "#12303d"
GOOD_GROUND = "#16301f"
WARNING_GROUND = "#3a2a14"
ALARM_GROUND = "#3d1a20"

PLAIN = Style(color=FOREGROUND)
STRONG = Style(color=BRIGHT, bold=True)
DIM = Style(color=SECONDARY)
FAINTER = Style(color=FAINT)
RULE = Style(color=LINE)
HEADING = Style(color=ACCENT, bold=True)
KEY = Style(color=ACCENT)
WARNING = Style(color=AMBER)
ALARM = Style(color=RED, bold=True)
GOOD = Style(color=GREEN)
BAR = Style(color=STEEL)

TEXT_DELTA = Style(color=TEXT, bgcolor=TEXT_GROUND)
THINKING_DELTA = Style(color=VIOLET, italic=True)
TOOL_DELTA = Style(color=TEAL)
STOPPED = Style(color=BACKGROUND, bgcolor=GREEN, bold=True)
STOPPED_BY_LIMIT = Style(color=BACKGROUND, bgcolor=AMBER, bold=True)
CHUNK_BOUNDARY = Style(color=BACKGROUND, bgcolor=ACCENT)

CURSOR = Style(bgcolor=CURSOR_GROUND)
CURSOR_UNFOCUSED = Style(bgcolor=CURSOR_GROUND_UNFOCUSED)
CURSOR_MARK = Style(color=ACCENT, bold=True)
CURSOR_MARK_UNFOCUSED = Style(color=FAINT)
FOUND = Style(color=BACKGROUND, bgcolor=YELLOW, bold=True)

TIE = Style(color=SLATE)
"""What ties events together that came in one network chunk."""
REMOVED = Style(color=ROSE)
ADDED = Style(color=MINT)
TRACKS = (Style(color=FOREGROUND, bgcolor=TRACK), Style(color=FOREGROUND, bgcolor=OTHER_TRACK))
"""Pieces of a stretch that lie side by side."""
CHOSEN_TRACK = Style(color=BACKGROUND, bgcolor=ACCENT, bold=True)

JSON_NAME = Style(color=ACCENT)
JSON_STRING = Style(color=PALE_GREEN)
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
    Outcome.LIVE: LIVE_GROUND,
    Outcome.COMPLETE: GOOD_GROUND,
    Outcome.CUT_OFF: WARNING_GROUND,
    Outcome.CLIENT_LEFT: WARNING_GROUND,
    Outcome.BROKEN: ALARM_GROUND,
    Outcome.INCOMPLETE: ALARM_GROUND,
    Outcome.ERROR: ALARM_GROUND,
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
