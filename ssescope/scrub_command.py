"""``ssescope scrub``: captures made fit to be shared, or checked for known secrets."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import click

from captures.record_lines import encode, encode_request
from captures.records import Damage, Record, Request
from captures.scrub_capture import Scrubbed, UnscrubbableError, scrub
from captures.secret_shapes import SHAPES, Shape, user_shape
from captures.store import CaptureError, Follower, read, segments_of
from captures.whole_files import write_whole
from inspector_tui.safe import safe_text
from ssescope.exits import Exit, fail
from ssescope.places import is_folder, listed


@dataclass(frozen=True, slots=True)
class ScrubOptions:
    """What the user asked for."""

    paths: tuple[Path, ...]
    """Captures, and folders of them."""
    output: Path | None = None
    """Folder for the new files."""
    in_place: bool = False
    check: bool = False
    drop_coded: bool = False
    patterns: tuple[str, ...] = ()
    as_json: bool = False


def run_scrub(options: ScrubOptions) -> int:
    """Scrubs or checks every capture; returns the exit code."""
    shapes = shapes_with(options.patterns)
    _prepare(options)
    worst = Exit.FINE
    rows: list[dict[str, Any]] = []
    for path in _captures(options.paths):
        try:
            code, row, lines = _one(path, options, shapes)
        except (CaptureError, UnscrubbableError, OSError) as error:
            code, row, lines = _not_done(path, error)
        worst = max(worst, code)
        rows.append(row)
        if not options.as_json:
            for line in lines:
                click.echo(safe_text(line))
    if options.as_json:
        click.echo(json.dumps(rows, ensure_ascii=True, indent=2))
    return worst


def shapes_with(patterns: Sequence[str]) -> tuple[Shape, ...]:
    """The known shapes and those of a user; ends with code 2 if one of these cannot be used."""
    try:
        own = [user_shape(number, text) for number, text in enumerate(patterns, 1)]
    except ValueError as error:
        fail(Exit.USAGE, str(error))
    return (*SHAPES, *own)


def _prepare(options: ScrubOptions) -> None:
    chosen = [options.output is not None, options.in_place, options.check]
    if sum(chosen) != 1:
        fail(
            Exit.USAGE,
            "give one of --output DIR for new files, --in-place to rewrite the captures "
            "themselves, and --check to rewrite nothing",
        )
    if options.output is not None:
        try:
            options.output.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            fail(Exit.FOLDER_UNUSABLE, f"cannot make {options.output}: {error.strerror}")


def _captures(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if is_folder(path):
            yield from listed(path)
        else:
            yield path


def _one(
    path: Path, options: ScrubOptions, shapes: Sequence[Shape]
) -> tuple[Exit, dict[str, Any], list[str]]:
    request, records = settled(path)
    scrubbed = scrub(request, records, shapes, drop_coded=options.check or options.drop_coded)
    row: dict[str, Any] = {"path": str(path), "counts": scrubbed.counts}
    row["unreadable_lines"] = [damage.line for damage in scrubbed.unreadable]
    if options.check:
        lines = list(_where(path, scrubbed))
        row["found"] = [
            {"name": found.name, "where": found.where, "offset": found.offset}
            for found in scrubbed.found
        ]
        return (Exit.FINDINGS if lines else Exit.FINE), row, lines
    target = path if options.output is None else options.output / path.name
    _write(target, scrubbed, replacing=options.in_place)
    row |= {"output": str(target), "dropped": list(scrubbed.dropped)}
    return Exit.FINE, row, [f"{target}: {_result(scrubbed)}"]


def settled(path: Path) -> tuple[Request, list[Record | Damage]]:
    """The whole capture, if nobody writes it any more.

    Raises:
        CaptureError: when it is being recorded, is no capture, or cannot be read to its end.
    """
    with Follower(path) as follower:
        if follower.is_being_written():
            raise CaptureError(f"{path} is still being recorded; wait for its end")
    request, *records = read(path)
    assert isinstance(request, Request)  # noqa: S101 - read yields it first
    if records and isinstance(last := records[-1], Damage) and not last.size:
        # Every other damage without bytes stands before the record that showed it.
        raise CaptureError(f"{path} {last.why}")
    return request, [record for record in records if not isinstance(record, Request)]


def _where(path: Path, scrubbed: Scrubbed) -> Iterator[str]:
    for found in scrubbed.found:
        yield f"{path}: {found.name} in the {found.where} at byte {found.offset}"
    for dropped in scrubbed.dropped:
        if "cannot be looked through" in dropped:
            yield f"{path}: {dropped}"
    for damage in scrubbed.unreadable:
        yield f"{path}: line {damage.line} cannot be looked through: {damage.why}"


def counted(counts: Mapping[str, int]) -> str:
    """Numbers of secrets by the names of their shapes, in words."""
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _result(scrubbed: Scrubbed) -> str:
    words = [counted(scrubbed.counts)] if scrubbed.counts else []
    words += [f"dropped the {dropped}" for dropped in scrubbed.dropped]
    if scrubbed.unreadable:
        words.append(f"left out {len(scrubbed.unreadable)} unreadable lines")
    return ", ".join(words) or "nothing found"


def _not_done(path: Path, error: Exception) -> tuple[Exit, dict[str, Any], list[str]]:
    if isinstance(error, UnscrubbableError):
        code, words = Exit.FINDINGS, f"{path}: {error}; --drop-coded leaves that body out"
    elif isinstance(error, OSError):
        named = error.filename2 or error.filename
        code, words = Exit.FOLDER_UNUSABLE, f"cannot write {named}: {error.strerror}"
    else:
        code, words = Exit.CAPTURE_INVALID, str(error)
    click.echo(f"ssescope: {safe_text(words)}", err=True)
    return code, {"path": str(path), "failed": words}, []


def _write(target: Path, scrubbed: Scrubbed, *, replacing: bool) -> None:
    """Writes a capture as one file."""
    lines = chain([encode_request(scrubbed.request)], map(encode, scrubbed.records))
    further = segments_of(target)[1:] if replacing else []
    write_whole(target, lines, replacing=replacing)
    for segment in reversed(further):
        segment.unlink()
