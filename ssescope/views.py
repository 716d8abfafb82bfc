"""``ssescope ls``, ``show`` and ``cat``: captures on stdout."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from captures.annotation import read_annotation
from captures.inflate import NotInflatableError
from captures.loading import load
from captures.store import CaptureError, read
from captures.verdict import verdict_of
from inspector_tui.numbers import plural, size_text
from inspector_tui.safe import safe_text
from ssescope.bodies import request_pieces, response_pieces
from ssescope.exits import Exit, fail
from ssescope.json_report import exchange_fields, summary_fields
from ssescope.lint import failed
from ssescope.places import capture_named, listed, size_of
from ssescope.raw_output import write_raw
from ssescope.report import Ink, exchange_lines
from ssescope.sources import source


def ink_for_stdout() -> Ink:
    """Colour on a terminal, unless NO_COLOR says no."""
    return Ink(sys.stdout.isatty() and not os.environ.get("NO_COLOR"))


def list_captures(folder: Path, count: int, as_json: bool) -> None:
    """Prints the newest captures of a folder, the newest last."""
    captures = listed(folder)
    if not captures:
        words = f"no captures in {folder}; record some with ssescope proxy"
        click.echo(safe_text(words), err=True)
    chosen = captures[-count:] if count else captures
    if as_json:
        _print_json([_summary_or_reason(path) for path in chosen])
        return
    for path in chosen:
        click.echo(_listing_line(path))
    if captures:
        click.echo(safe_text(_total(folder, len(captures), len(chosen))), err=True)


def show_capture(argument: str | None, folder: Path, as_json: bool, fail_on: str) -> Exit:
    """Prints everything about one capture, or one saved body; returns the exit code."""
    found = source(argument, folder)
    exchange = found.exchange
    # Beside a saved body there is no note of ours.
    annotation = read_annotation(Path(found.name)) if exchange.is_timed else ""
    if as_json:
        _print_json({**exchange_fields(exchange), "annotation": annotation})
    else:
        for line in exchange_lines(exchange, ink_for_stdout(), annotation):
            click.echo(line)
    return failed(exchange.findings, fail_on)


def print_body(argument: str | None, folder: Path, request: bool, decoded: bool) -> None:
    """Writes the recorded bytes of a body to stdout; escaped if stdout is a terminal."""
    path = capture_named(argument, folder)
    lines = read(path)
    pieces = request_pieces(lines) if request else response_pieces(lines, decoded=decoded)
    try:
        write_raw(pieces)
    except (CaptureError, NotInflatableError) as error:
        fail(Exit.CAPTURE_INVALID, str(error))


def _total(folder: Path, count: int, shown: int) -> str:
    """What the folder holds in all, and how much of it is not shown."""
    words = f"{plural(count, 'capture')}, {size_text(size_of(folder))} in {folder}"
    left_out = f"; {count - shown:,} older ones left out; --all shows them"
    return words if shown == count else words + left_out


def _listing_line(path: Path) -> str:
    ink = ink_for_stdout()
    try:
        exchange = load(path)
    except CaptureError as error:
        return ink(f"- {safe_text(str(error))}", dim=True)
    status = str(exchange.head.status) if exchange.head else "---"
    verdict = verdict_of(exchange)
    total = exchange.timing().total
    seconds = "" if total is None else f"{total:.2f} s"
    id_ = safe_text(exchange.request.id)
    what = safe_text(exchange.message().model or exchange.request.path, max_length=32)
    return (
        f"{verdict.sign} {id_}  {status}  {what:32}"
        f"  {seconds:>9}  {exchange.body.size:>11,} B  {safe_text(verdict.headline)}"
    )


def _summary_or_reason(path: Path) -> dict[str, Any]:
    try:
        return {**summary_fields(load(path)), "annotation": read_annotation(path)}
    except CaptureError as error:
        return {"path": str(path), "unreadable": str(error)}


def _print_json(value: Any) -> None:
    """Escapes everything beyond ASCII, so that peer text cannot reach a terminal raw."""
    click.echo(json.dumps(value, ensure_ascii=True, indent=2))
