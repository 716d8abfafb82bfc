"""What a command streamed, told after it has ended: a line an exchange."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from captures.exchange import Exchange
from captures.loading import load
from captures.store import SUFFIX, CaptureError
from captures.verdict import verdict_of
from inspector_tui.safe import safe_text

MOST_LINES = 50
"""Exchanges told one by one; of more, the newest are."""


def summary_lines(capture_ids: Sequence[str], folder: Path) -> Iterator[str]:
    """The lines, safe for a terminal.

    Args:
        capture_ids: the captures of the command in the order of their ends.
        folder: where they lie.
    """
    if not capture_ids:
        yield (
            "ssescope: nothing went through the proxies; does the command read the base-URL "
            "variables? --env-var NAME=URL adds one"
        )
        return
    yield f"ssescope: {_count(len(capture_ids))} in {safe_text(str(folder))}"
    told = capture_ids[-MOST_LINES:]
    if len(told) < len(capture_ids):
        yield f"  … the last {len(told)} of them:"
    for capture_id in told:
        yield f"  {_line(capture_id, folder)}"


def _line(capture_id: str, folder: Path) -> str:
    try:
        exchange = load(folder / f"{capture_id}{SUFFIX}")
    except CaptureError as error:
        return f"- {safe_text(str(error))}"
    verdict = verdict_of(exchange)
    return (
        f"{verdict.sign} {safe_text(_what(exchange))}  {safe_text(verdict.headline)}  {capture_id}"
    )


def _what(exchange: Exchange) -> str:
    total = exchange.timing().total
    seconds = "" if total is None else f"  {total:.2f} s"
    path = exchange.request.path.partition("?")[0]
    return f"{exchange.message().model or path}{seconds}"


def _count(number: int) -> str:
    return "1 exchange" if number == 1 else f"{number:,} exchanges"
