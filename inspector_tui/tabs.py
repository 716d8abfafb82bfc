"""The views of one exchange, and the row that names them. Pure."""

from __future__ import annotations

from enum import StrEnum

from rich.segment import Segment
from rich.style import Style

from inspector_tui import palette
from inspector_tui.cells import Row
from inspector_tui.numbers import count_text


class Tab(StrEnum):
    """The views of one exchange, in the order of their numbers."""

    TIMELINE = "Timeline"
    MESSAGE = "Message"
    CHUNKS = "Chunks"
    TIMING = "Timing"
    FINDINGS = "Findings"
    RAW = "Raw/Hex"
    REQUEST = "Request"
    HEADERS = "Headers"
    DIFF = "Diff"

    @property
    def view_id(self) -> str:
        """The identifier of its view among the widgets."""
        return self.name.lower()


GROWING = frozenset({Tab.TIMELINE, Tab.MESSAGE, Tab.CHUNKS, Tab.RAW})
"""The views that follow a running exchange."""

ALONG_THE_STREAM = frozenset({Tab.TIMELINE, Tab.MESSAGE})
"""The views under the map of the stream, through which the time cursor goes."""


_SHORT = {Tab.RAW: "Raw", Tab.HEADERS: "Head"}
"""Names that give way first."""


def tabs_row(active: Tab, findings: int, width: int) -> Row:
    """The numbered views, the active one in reverse. A click on one chooses it.

    Where they do not fit, the spaces around them go first, then long names, then the names that
    are farthest from the active one: a number alone still says that there is a view.
    """
    names = {tab: str(tab) for tab in Tab}
    if findings:
        names[Tab.FINDINGS] += f" {count_text(findings)}"
    roomy = sum(len(name) + 5 for name in names.values()) - 1 <= width
    if not roomy and _width(names) > width:
        _shorten(names, active, findings, width)
    row: Row = []
    for number, (tab, name) in enumerate(names.items(), 1):
        click = Style.from_meta({"@click": f"screen.tab({number - 1})"})
        style, key = palette.DIM, palette.KEY
        if tab is active:
            style = key = Style(color=palette.BACKGROUND, bgcolor=palette.ACCENT, bold=True)
        elif tab is Tab.FINDINGS and findings:
            style = palette.WARNING
        digit, words = (f" {number} ", f"{name} ") if roomy else (str(number), name and f" {name}")
        row += [Segment(digit, key + click), Segment(words, style + click), Segment(" ")]
    return row[:-1]


def _width(names: dict[Tab, str]) -> int:
    """Cells of the tabs with one blank between two."""
    return sum(len(name) + (3 if name else 2) for name in names.values()) - 1


def _shorten(names: dict[Tab, str], active: Tab, findings: int, width: int) -> None:
    """Shortens the names until they fit."""
    names.update(_SHORT)
    if findings and _width(names) > width:
        names[Tab.FINDINGS] = f"{Tab.FINDINGS}!"
    order = list(Tab)
    for tab in sorted(order, key=lambda tab: -abs(order.index(tab) - order.index(active))):
        if _width(names) <= width:
            break
        names[tab] = ""
