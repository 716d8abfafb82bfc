"""What stands over the views of an exchange: verdict, summary, the flow of tokens, the tabs."""

from __future__ import annotations

from datetime import datetime

from rich.segment import Segment
from textual.app import ComposeResult
from textual.containers import Vertical

from captures.exchange import Exchange
from captures.verdict import Outcome, Verdict, verdict_of
from inspector_tui import palette
from inspector_tui.cells import Row, crop
from inspector_tui.numbers import plural
from inspector_tui.overview import annotation_row, short_proof, summary_rows, verdict_row
from inspector_tui.row_bar import RowBar
from inspector_tui.summary import Summary
from inspector_tui.tabs import Tab, tabs_row

GONE = "The capture file is gone. What was read stays until you go elsewhere."
NOTHING_SELECTED = "Choose an exchange."


class ExchangeHead(Vertical):
    """A few rows that never scroll. Given the exchange at every tick, it draws what changed."""

    DEFAULT_CSS = """
    ExchangeHead { height: auto; }
    ExchangeHead #summary { height: 3; }
    """

    def __init__(self) -> None:
        super().__init__(id="exchange-head")
        self._drawn: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        """Verdict, summary, note, tabs."""
        yield RowBar(id="verdict")
        yield RowBar(id="summary")
        yield RowBar(id="annotation")
        yield RowBar(id="tabs")

    def show(
        self,
        exchange: Exchange | None,
        summary: Summary | None,
        tab: Tab,
        now: datetime,
        *,
        reading: bool,
        gone: bool = False,
    ) -> None:
        """Draws the head of an exchange.

        Args:
            exchange: as far as it has been read.
            summary: what the list knows of it; None if none is chosen.
            tab: the view that is shown.
            now: the present.
            reading: whether there is more of it to be read at once.
            gone: whether its capture file is not there any more.
        """
        width = self.size.width
        state = (reading, gone, summary, id(exchange), _state_of(exchange))
        seen = (width, self.size.height, tab, *state)
        if seen == self._drawn or not width:
            return
        self._drawn = seen
        verdict, rows, findings = self.query_one("#verdict", RowBar), self._summary, 0
        if exchange is None:
            verdict.show(_row_without_exchange(summary, width))
            rows.show()
        else:
            shown = verdict_of(exchange)
            if reading:
                words = f"reading the capture · {plural(len(exchange.events), 'event')} so far"
                shown = Verdict(Outcome.LIVE, words)
            short = self.screen.has_class("-short")
            note = short_proof(exchange) if short else exchange.request.id
            verdict.show(verdict_row(shown, note, width))
            rows.show(*self._summary_rows(exchange, width, now))
            findings = len(exchange.findings)
        annotation = self.query_one("#annotation", RowBar)
        annotation.display = gone or (summary is not None and bool(summary.annotation))
        if gone:
            annotation.show([Segment(f" ! {crop(GONE, width - 3)}", palette.WARNING)])
        else:
            annotation.show(annotation_row(summary.annotation if summary else "", width))
        self.query_one("#tabs", RowBar).show(tabs_row(tab, findings, width))

    @property
    def _summary(self) -> RowBar:
        return self.query_one("#summary", RowBar)

    def _summary_rows(self, exchange: Exchange, width: int, now: datetime) -> list[Row]:
        rows = summary_rows(exchange, width, now)
        return rows[:3] if self.screen.has_class("-short") else rows


def _state_of(exchange: Exchange | None) -> tuple[object, ...]:
    """What changes whenever the head must be drawn again."""
    if exchange is None:
        return ()
    return (
        len(exchange.events),
        exchange.body.size,
        exchange.request_size,
        len(exchange.findings),
        exchange.head is None,
        exchange.live,
    )


def _row_without_exchange(summary: Summary | None, width: int) -> Row:
    if summary is None:
        return [Segment(f" {NOTHING_SELECTED}", palette.DIM)]
    if summary.problem:
        verdict = Verdict(Outcome.BROKEN, summary.problem)
        return verdict_row(verdict, summary.path.name, width)
    return [Segment(f" · {crop(summary.name, width - 4)}", palette.DIM)]
