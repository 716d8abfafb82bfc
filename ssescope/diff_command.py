"""``ssescope diff``: two exchanges held against each other, as text or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import click

from captures.comparison import Comparison, WordRun, compare
from captures.dialects.base import Event
from captures.exchange import Exchange
from captures.request_body import Difference
from captures.runs import Run
from inspector_tui.safe import safe_text
from ssescope.exits import Exit
from ssescope.report import Ink
from ssescope.sources import source

SHOWN_EVENTS = 12
"""Events of a differing run that are shown at each side."""
SHOWN_CHARACTERS = 160
"""Characters of equal words that are shown between two differing runs."""


def run_diff(before: str, after: str, folder: Path, as_json: bool, ink: Ink) -> Exit:
    """Prints what differs; returns FINDINGS if anything but times does."""
    one, other = source(before, folder).exchange, source(after, folder).exchange
    comparison = compare(one, other)
    if as_json:
        fields = {"same": comparison.is_same, **asdict(comparison)}
        click.echo(json.dumps(fields, ensure_ascii=True, indent=2))
    else:
        for line in comparison_lines(one, other, comparison, ink):
            click.echo(line)
    return Exit.FINE if comparison.is_same else Exit.FINDINGS


def comparison_lines(
    before: Exchange, after: Exchange, comparison: Comparison, ink: Ink
) -> Iterator[str]:
    """The whole report; lines of the first exchange begin with ``-``, of the second with ``+``."""
    yield ink(f"- {safe_text(before.request.id)}  {safe_text(before.request.started)}", "red")
    yield ink(f"+ {safe_text(after.request.id)}  {safe_text(after.request.started)}", "green")
    if comparison.is_same:
        yield "asked the same, got the same"
    yield from _section("request", [_request_lines(place, ink) for place in comparison.request])
    yield from _section(
        "facts",
        [[f"  {pair.name}: {_change(pair.before, pair.after, ink)}"] for pair in comparison.facts],
    )
    yield from _section(
        "events",
        [
            list(_event_lines(run, before.events, after.events, ink))
            for run in comparison.events
            if not run.equal
        ],
    )
    if not all(run.equal for run in comparison.words):
        yield "message"
        yield f"  {''.join(_word_run(run, ink) for run in comparison.words)}"
    yield from _section(
        "times",
        [
            [f"  {pair.name:12} {_seconds(pair.before)}  {_seconds(pair.after)}"]
            for pair in comparison.times
        ],
    )


def _section(title: str, groups: list[list[str]]) -> Iterator[str]:
    if groups:
        yield title
        for lines in groups:
            yield from lines


def _request_lines(place: Difference, ink: Ink) -> list[str]:
    return [f"  {place.at or 'body'}: {_change(place.recorded, place.asked, ink)}"]


def _change(before: str | None, after: str | None, ink: Ink) -> str:
    return f"{ink(_told(before), 'red')} → {ink(_told(after), 'green')}"


def _told(value: str | None) -> str:
    return "nothing" if value is None else safe_text(value) or "nothing"


def _event_lines(
    run: Run, before: Sequence[Event], after: Sequence[Event], ink: Ink
) -> Iterator[str]:
    for sign, colour, events, (start, stop) in (
        ("-", "red", before, run.before),
        ("+", "green", after, run.after),
    ):
        for index in range(start, min(stop, start + SHOWN_EVENTS)):
            event = events[index]
            stopped = f"  {event.stop_reason}" if event.stop_reason else ""
            text = safe_text(f"{event.type}  {event.text}{stopped}", max_length=100)
            yield ink(f"{sign} {index:5}  {text}", colour)
        if stop - start > SHOWN_EVENTS:
            yield ink(f"{sign}     …  {stop - start - SHOWN_EVENTS} more", colour)


def _word_run(run: WordRun, ink: Ink) -> str:
    if run.equal:
        text = run.before
        if len(text) > SHOWN_CHARACTERS:
            half = SHOWN_CHARACTERS // 2
            text = f"{text[:half]} … {text[-half:]}"
        return safe_text(text)
    removed = f"[-{safe_text(run.before)}-]" if run.before else ""
    added = f"{{+{safe_text(run.after)}+}}" if run.after else ""
    return f"{ink(removed, 'red')}{ink(added, 'green')}"


def _seconds(value: float | None) -> str:
    return f"{'—':>10}" if value is None else f"{value:8.3f} s"
