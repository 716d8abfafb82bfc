"""``ssescope ls``, ``show`` and ``cat``: captures on stdout."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from captures.exchange import Exchange
from captures.inflate import NotInflatableError, inflater_for
from captures.loading import load
from captures.records import Chunk, Head, RequestChunk
from captures.store import CaptureError, read
from captures.verdict import verdict_of
from inspector_tui.numbers import plural, size_text
from inspector_tui.safe import safe_text
from ssescope.exits import Exit, fail
from ssescope.json_report import exchange_fields, summary_fields
from ssescope.lint import failed
from ssescope.places import capture_named, listed, size_of
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
    exchange = source(argument, folder).exchange
    if as_json:
        _print_json(exchange_fields(exchange))
    else:
        for line in exchange_lines(exchange, ink_for_stdout()):
            click.echo(line)
    return failed(exchange.findings, fail_on)


def print_body(argument: str | None, folder: Path, request: bool, decoded: bool) -> None:
    """Writes the recorded bytes of a body to stdout; escaped if stdout is a terminal."""
    path = capture_named(argument, folder)
    pieces = _request_pieces(path) if request else _response_pieces(path, decoded)
    try:
        if sys.stdout.isatty():
            for piece in pieces:
                text = piece.decode("utf-8", "backslashreplace")
                click.echo(safe_text(text, newline="\n", tab="\t"), nl=False)
            click.echo("\nssescope: escaped for the terminal; pipe it for the bytes", err=True)
            return
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
    except (CaptureError, NotInflatableError) as error:
        fail(Exit.CAPTURE_INVALID, str(error))


def loaded(path: Path) -> Exchange:
    """The exchange of a capture; ends with code 5 if it is none."""
    try:
        return load(path)
    except CaptureError as error:
        fail(Exit.CAPTURE_INVALID, str(error))


def _request_pieces(path: Path) -> Iterator[bytes]:
    return (record.data for record in read(path) if isinstance(record, RequestChunk))


def _response_pieces(path: Path, decoded: bool) -> Iterator[bytes]:
    inflater = inflater_for("")
    for record in read(path):
        if decoded and isinstance(record, Head):
            codings = [v for name, v in record.headers if name.lower() == "content-encoding"]
            inflater = inflater_for(codings[0] if codings else "")
        elif isinstance(record, Chunk):
            yield inflater.feed(record.data)


def _total(folder: Path, count: int, shown: int) -> str:
    """What the folder holds in all, and how much of it is not shown."""
    words = f"{plural(count, 'capture')}, {size_text(size_of(folder))} in {folder}"
    left_out = f"; {count - shown} older ones left out; --all shows them"
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
    what = exchange.message().model or exchange.request.path
    return (
        f"{verdict.sign} {exchange.request.id}  {status}  {safe_text(what, max_length=32):32}"
        f"  {seconds:>9}  {exchange.body.size:>11,} B  {safe_text(verdict.headline)}"
    )


def _summary_or_reason(path: Path) -> dict[str, Any]:
    try:
        return summary_fields(load(path))
    except CaptureError as error:
        return {"path": str(path), "unreadable": str(error)}


def _print_json(value: Any) -> None:
    """Escapes everything beyond ASCII, so that peer text cannot reach a terminal raw."""
    click.echo(json.dumps(value, ensure_ascii=True, indent=2))
