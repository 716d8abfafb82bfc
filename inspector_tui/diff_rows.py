"""Two exchanges held against each other, as rows. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from rich.segment import Segment
from rich.style import Style

from captures.comparison import Comparison, TimePair, WordRun
from captures.exchange import Exchange
from captures.runs import Run
from inspector_tui import palette
from inspector_tui.cells import Row, fit
from inspector_tui.json_rows import text_rows
from inspector_tui.numbers import count_text, plural, seconds_text
from inspector_tui.safe import safe_text

EVENTS_OF_A_RUN = 12
"""Differing events of one run that are told one by one, of each exchange."""

CHARACTERS_OF_AN_EQUAL_RUN = 160
"""Of words that both said, the first and the last half of so many are shown."""

MAX_SHOWN_WORDS = 16 * 1024
"""Characters of differing words that are shown of each run."""

_NAME = 16


def diff_rows(before: Exchange, after: Exchange, found: Comparison, width: int) -> list[Row]:
    """Everything that differs between two exchanges.

    Args:
        before: the exchange that is compared with.
        after: the exchange that is shown.
        found: what differs between them.
        width: cells of a row.
    """
    rows: list[Row] = [
        [Segment(" − ", palette.REMOVED), *_identity(before, width)],
        [Segment(" + ", palette.ADDED), *_identity(after, width)],
        [],
    ]
    if found.is_same:
        words = "both asked the same and got the same, whenever it came"
        rows += [[Segment(f" ✓ {words}"[:width], palette.GOOD)], []]
    for title, part in (
        ("answer", _fact_rows(found, width)),
        ("request", _request_rows(found, width)),
        ("words", _word_rows(found.words, width)),
        ("events", _event_rows(before, after, found.events, width)),
        ("times", _time_rows(found.times)),
    ):
        if part:
            rows += [[Segment(f" {title}", palette.HEADING)], *part, []]
    return rows


def _identity(exchange: Exchange, width: int) -> Row:
    request, message = exchange.request, exchange.message()
    words = f"{request.id}  {request.method} {request.path}  {message.model}"
    return [Segment(fit(words, width - 3).rstrip(), palette.DIM)]


def _fact_rows(found: Comparison, width: int) -> list[Row]:
    rows: list[Row] = []
    for pair in found.facts:
        rows += _pair_rows(pair.name, pair.before or "–", pair.after or "–", width)
    return rows


def _request_rows(found: Comparison, width: int) -> list[Row]:
    rows: list[Row] = []
    for place in found.request:
        before, after = place.recorded, place.asked
        absent = "not there"
        name = place.at or "the whole body"
        rows += [[Segment("   "), *row] for row in text_rows(name, width - 3, palette.JSON_NAME)]
        rows += _side_rows("−", absent if before is None else before, palette.REMOVED, width, 5)
        rows += _side_rows("+", absent if after is None else after, palette.ADDED, width, 5)
    return rows


def _pair_rows(name: str, before: str, after: str, width: int) -> list[Row]:
    """A name, and the two values in one row where they fit, else below each other."""
    one, other = safe_text(before), safe_text(after)
    if 3 + _NAME + len(one) + 4 + len(other) <= width:
        return [
            [
                Segment(f"   {fit(name, _NAME)}", palette.DIM),
                Segment(one, palette.REMOVED),
                Segment(" → ", palette.FAINTER),
                Segment(other, palette.ADDED),
            ]
        ]
    rows: list[Row] = [[Segment(f"   {fit(name, width - 3).rstrip()}", palette.DIM)]]
    rows += _side_rows("−", before, palette.REMOVED, width, 5)
    return rows + _side_rows("+", after, palette.ADDED, width, 5)


def _side_rows(sign: str, text: str, style: Style, width: int, indent: int) -> list[Row]:
    mark = Segment(f"{' ' * indent}{sign} ", style)
    return [[mark, *row] for row in text_rows(text, width - indent - 2, style)]


def _word_rows(runs: tuple[WordRun, ...], width: int) -> list[Row]:
    """The messages word by word: what both say shortened, what one says with its sign."""
    if all(run.equal for run in runs):
        said = sum(len(run.before) for run in runs)
        words = f"both say the same {plural(said, 'character')}" if said else "neither says a word"
        return [[Segment(f"   {words}", palette.DIM)]]
    rows: list[Row] = []
    for run in runs:
        if run.equal:
            shown = _shortened(run.before)
            rows += [[Segment("     "), *row] for row in text_rows(shown, width - 5, palette.DIM)]
            continue
        for sign, text, style in (
            ("−", run.before, palette.REMOVED),
            ("+", run.after, palette.ADDED),
        ):
            if text:
                rows += _side_rows(sign, _bounded(text.strip("\n")), style, width, 3)
    return rows


def _shortened(text: str) -> str:
    half = CHARACTERS_OF_AN_EQUAL_RUN // 2
    text = text.strip("\n")
    return text if len(text) <= 2 * half else f"{text[:half]} … {text[-half:]}"


def _bounded(text: str) -> str:
    if len(text) <= MAX_SHOWN_WORDS:
        return text
    rest = len(text) - MAX_SHOWN_WORDS
    return f"{text[:MAX_SHOWN_WORDS]} … and {count_text(rest)} more characters"


def _event_rows(before: Exchange, after: Exchange, runs: tuple[Run, ...], width: int) -> list[Row]:
    rows: list[Row] = []
    for run in runs:
        if run.equal:
            first, last = run.after[0], run.after[1] - 1
            span = f"{first}" if first == last else f"{first} to {last}"
            words = f"{plural(last - first + 1, 'equal event')}: {span}"
            rows.append([Segment(fit(f"     {words}", width).rstrip(), palette.FAINTER)])
            continue
        rows += _side_of_run("−", before, run.before, palette.REMOVED, width)
        rows += _side_of_run("+", after, run.after, palette.ADDED, width)
    return rows


def _side_of_run(
    sign: str, exchange: Exchange, span: tuple[int, int], style: Style, width: int
) -> Iterator[Row]:
    start, stop = span
    for index in islice(range(start, stop), EVENTS_OF_A_RUN):
        event = exchange.events[index]
        told = event.stop_reason or event.text
        words = f"   {sign} {index:>5} {event.type}  {told}"
        yield [Segment(fit(words, width).rstrip(), style)]
    if stop - start > EVENTS_OF_A_RUN:
        words = f"   {sign} … {plural(stop - start - EVENTS_OF_A_RUN, 'more event')}"
        yield [Segment(words, style)]


def _time_rows(times: tuple[TimePair, ...]) -> list[Row]:
    return [
        [
            Segment(f"   {pair.name:<{_NAME}}", palette.DIM),
            Segment(f"{seconds_text(pair.before):>8}", palette.REMOVED),
            Segment(" → ", palette.FAINTER),
            Segment(f"{seconds_text(pair.after):>8}", palette.ADDED),
            *_change(pair),
        ]
        for pair in times
    ]


def _change(pair: TimePair) -> Row:
    if pair.before is None or pair.after is None:
        return []
    change = pair.after - pair.before
    sign = "+" if change >= 0 else "−"
    return [Segment(f"   {sign}{seconds_text(abs(change))}", palette.FAINTER)]
