"""``ssescope stats``: how long answers take and how they end, over many captures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from captures.exchange import Exchange
from captures.store import CaptureError
from captures.verdict import SIGNS
from inspector_tui.safe import safe_text
from ssescope.exits import Exit
from ssescope.report import Ink
from ssescope.sources import sources
from ssescope.statistics import Group, GroupFigures, Spread, collect

_TITLES = {
    "head": "head",
    "first_byte": "first byte",
    "first_event": "first event",
    "first_token": "first token",
    "first_text": "first text",
    "total": "total",
    "longest_gap": "longest gap",
    "wait_saved": "wait saved",
    "tokens_per_second": "tokens/s",
}


def run_stats(
    paths: tuple[str, ...],
    folder: Path,
    *,
    by_model: bool,
    by_upstream: bool,
    as_json: bool,
    ink: Ink,
) -> Exit:
    """Prints the figures of all streams that were named; returns the exit code."""
    unreadable: list[CaptureError] = []
    wanted = paths or (str(folder),)
    groups = collect(
        _exchanges(wanted, folder, unreadable), by_model=by_model, by_upstream=by_upstream
    )
    for error in unreadable:
        click.echo(f"ssescope: {safe_text(str(error))}", err=True)
    if as_json:
        click.echo(json.dumps([_fields(*item) for item in groups.items()], indent=2))
    else:
        for group, figures in groups.items():
            for line in group_lines(group, figures, ink):
                click.echo(line)
    if not groups:
        click.echo("ssescope: no captures to count; record some with ssescope proxy", err=True)
    return Exit.CAPTURE_INVALID if unreadable else Exit.FINE


def group_lines(group: Group, figures: GroupFigures, ink: Ink) -> Iterator[str]:
    """One group: who, how many, how they ended, and a row a measure."""
    who = " · ".join(safe_text(name) for name in (group.model, group.upstream) if name)
    yield ink(f"{who or 'all'}: {_count(figures.exchanges, 'exchange')}", bold=True)
    outcomes = [
        f"{SIGNS[outcome]} {count} {outcome}" for outcome, count in figures.outcomes.most_common()
    ]
    yield f"  {'   '.join(outcomes)}"
    for name, counted in (
        ("stop reasons", figures.stop_reasons),
        ("findings", figures.findings),
    ):
        if counted:
            words = [f"{safe_text(word)} {count}" for word, count in counted.most_common()]
            yield f"  {name}: {', '.join(words)}"
    if figures.measures:
        yield ink(f"  {'':12} {'p50':>9} {'p95':>9} {'p99':>9} {'max':>9}     n", dim=True)
    for measure in figures.measures:
        spread = figures.spread(measure)
        if spread is not None:
            yield _measure_line(measure, spread)


def _measure_line(measure: str, spread: Spread) -> str:
    unit = "  " if measure == "tokens_per_second" else " s"
    figures = (spread.p50, spread.p95, spread.p99, spread.maximum)
    cells = " ".join(f"{figure:7.3f}{unit}" for figure in figures)
    return f"  {_TITLES[measure]:12} {cells} {spread.count:5}"


def _exchanges(
    paths: tuple[str, ...], folder: Path, unreadable: list[CaptureError]
) -> Iterator[Exchange]:
    for found in sources(paths, folder):
        if isinstance(found, CaptureError):
            unreadable.append(found)
        else:
            yield found.exchange


def _fields(group: Group, figures: GroupFigures) -> dict[str, Any]:
    spreads = {measure: figures.spread(measure) for measure in figures.measures}
    return {
        "upstream": group.upstream,
        "model": group.model,
        "exchanges": figures.exchanges,
        "outcomes": {outcome.value: count for outcome, count in figures.outcomes.items()},
        "stop_reasons": dict(figures.stop_reasons),
        "findings": dict(figures.findings),
        "measures": {
            measure: asdict(spread) for measure, spread in spreads.items() if spread is not None
        },
    }


def _count(number: int, word: str) -> str:
    return f"1 {word}" if number == 1 else f"{number:,} {word}s"
