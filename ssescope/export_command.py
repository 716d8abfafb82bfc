"""``ssescope export``: one capture handed on in another form, its known secrets written over."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import NoReturn

import click

from captures.inflate import NotInflatableError
from captures.record_lines import encode, encode_request
from captures.records import Damage, Gap, Head, Record, Request, RequestChunk
from captures.scrub import mask
from captures.scrub_capture import UnscrubbableError, scrub
from captures.secret_shapes import Shape
from captures.store import CaptureError, Follower, joined, read
from captures.whole_files import write_whole
from inspector_tui.safe import safe_text
from proxy.target import UpstreamError, parse_upstream
from ssescope.bodies import Line, request_pieces, response_pieces
from ssescope.curl_command import CurlCommand, curl_command, fits_inline
from ssescope.exits import Exit, fail
from ssescope.places import capture_named
from ssescope.raw_output import write_raw
from ssescope.scrub_command import counted, settled, shapes_with

BODY_SUFFIX = ".body"


class Format(StrEnum):
    """What a capture is exported as."""

    SSE = "sse"
    CAPTURE = "capture"
    CURL = "curl"


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What the user asked for."""

    capture: str | None
    folder: Path
    format: Format = Format.SSE
    redact: bool = False
    patterns: tuple[str, ...] = ()
    output: Path | None = None
    """None writes to stdout."""
    replacing: bool = False
    """Whether the file takes the place of one that is there."""


def run_export(options: ExportOptions) -> int:
    """Writes the export, and says what was replaced and what is missing; returns the exit code."""
    if options.patterns and not options.redact:
        fail(Exit.USAGE, "--pattern names what is to be written over; give --redact with it")
    if options.replacing and options.output is None:
        fail(Exit.USAGE, "--force replaces a file; name it with --output")
    shapes = shapes_with(options.patterns) if options.redact else ()
    path = capture_named(options.capture, options.folder)
    try:
        lines = _Lines(path, whole=options.redact)
        match options.format:
            case Format.SSE:
                _write(options, _event_stream(lines, shapes))
            case Format.CAPTURE:
                _write(options, _capture(lines, shapes))
            case Format.CURL:
                _write_curl(options, _request(lines, shapes))
    except (CaptureError, NotInflatableError) as error:
        fail(Exit.CAPTURE_INVALID, str(error))
    except UnscrubbableError as error:
        fail(Exit.FINDINGS, f"{error}; ssescope scrub --drop-coded makes a copy without that body")
    for words in lines.missing(options.format):
        _say(words)
    return Exit.FINE


class _Lines:
    """The lines of a capture, and what was seen in passing. Mutable: counts while it is read."""

    def __init__(self, path: Path, *, whole: bool) -> None:
        self.path = path
        self._whole = whole
        self._lost = 0
        self._damaged = 0
        self._has_head = False
        self._is_running = False

    def __iter__(self) -> Iterator[Line]:
        for line in self._source():
            match line:
                case Gap(size=size):
                    self._lost += size
                case Damage():
                    self._damaged += 1
                case Head():
                    self._has_head = True
            yield line

    def missing(self, format_: Format) -> Iterator[str]:
        """What the export lacks, in words."""
        if self._is_running:
            yield "it is still being recorded; this is how far it went"
        if format_ is Format.SSE and not self._has_head:
            yield "no answer was recorded, so there is nothing to export; --format curl asks again"
        if self._lost:
            yield f"{self._lost:,} bytes of its bodies were not recorded and are missing"
        if self._damaged:
            yield f"lines of the file that cannot be read: {self._damaged}"

    def _source(self) -> Iterator[Line]:
        if self._whole:
            request, lines = settled(self.path)
            return chain([request], lines)
        with Follower(self.path) as follower:
            self._is_running = follower.is_being_written()
        return read(self.path)


def _event_stream(lines: _Lines, shapes: tuple[Shape, ...]) -> Iterator[bytes]:
    """The response body, decoded."""
    pieces = response_pieces(lines, decoded=True)
    if not shapes:
        yield from pieces
        return
    masked, secrets = mask(b"".join(pieces), shapes)
    _tell_replaced(dict(sorted(Counter(secret.name for secret in secrets).items())))
    yield masked


def _capture(lines: _Lines, shapes: tuple[Shape, ...]) -> Iterator[bytes]:
    """The capture as one file."""
    if not shapes:
        # Read for what is missing in it; every byte is handed on.
        for _ in lines:
            pass
        yield from joined(lines.path)
        return
    request, records = _split(lines)
    scrubbed = scrub(request, records, shapes)
    _tell_replaced(scrubbed.counts)
    yield encode_request(scrubbed.request)
    yield from map(encode, scrubbed.records)


def _request(lines: _Lines, shapes: tuple[Shape, ...]) -> tuple[Request, bytes]:
    """The request with its body."""
    request, records = _split(lines)
    parts: list[Record | Damage] = [part for part in records if isinstance(part, RequestChunk)]
    if shapes:
        scrubbed = scrub(request, parts, shapes)
        _tell_replaced(scrubbed.counts)
        request, parts = scrubbed.request, list(scrubbed.records)
    return request, b"".join(request_pieces(parts))


def _split(lines: Iterable[Line]) -> tuple[Request, list[Record | Damage]]:
    request, *records = lines
    assert isinstance(request, Request)  # noqa: S101 - it comes first
    return request, [record for record in records if not isinstance(record, Request)]


def _write(options: ExportOptions, pieces: Iterable[bytes]) -> None:
    if options.output is None:
        write_raw(pieces)
    else:
        _write_file(options.output, pieces, replacing=options.replacing)


def _write_file(path: Path, pieces: Iterable[bytes], *, replacing: bool) -> None:
    try:
        write_whole(path, pieces, replacing=replacing)
    except OSError as error:
        _fail_to_write(path, error)


def _write_curl(options: ExportOptions, asked: tuple[Request, bytes]) -> None:
    output = options.output
    request, body = asked
    body_file = None
    if not fits_inline(body):
        if output is None:
            fail(
                Exit.USAGE,
                f"the request body ({len(body):,} bytes) is too large for a command line, or no "
                "text; give --output FILE, and the body is written beside it as FILE.body",
            )
        body_file = output.with_name(output.name + BODY_SUFFIX)
    try:
        upstream = parse_upstream(request.upstream)
    except UpstreamError as error:
        fail(Exit.CAPTURE_INVALID, f"the request cannot be repeated: {error}")
    command = curl_command(request, upstream, body, str(body_file) if body_file else None)
    if output is None:
        # Safe for a terminal as it is; escaped it would not be the same command.
        click.echo(command.text)
    else:
        files = [(output, command.text.encode("utf-8", "surrogateescape") + b"\n")]
        if body_file is not None:
            files.insert(0, (body_file, body))
        _write_files(files, replacing=options.replacing)
    _tell_curl(command, request, len(body), str(upstream))


def _write_files(files: Sequence[tuple[Path, bytes]], *, replacing: bool) -> None:
    """Writes the files in their order; if one cannot be, those that were new are gone again."""
    written: list[Path] = []
    for path, data in files:
        is_new = not os.path.lexists(path)
        try:
            write_whole(path, [data], replacing=replacing)
        except OSError as error:
            for fresh in written:
                with suppress(OSError):
                    fresh.unlink()
            _fail_to_write(path, error)
        if is_new:
            written.append(path)


def _tell_curl(command: CurlCommand, request: Request, size: int, upstream: str) -> None:
    if command.variables:
        names = ", ".join(command.variables)
        _say(f"set {names} before you run it: no capture holds secrets; they go to {upstream}")
    for what in command.left_out:
        _say(f"left out: {what}")
    lengths = [value for name, value in request.headers if name.lower() == "content-length"]
    if lengths and lengths[0] != str(size):
        _say(f"the request body is incomplete: {size:,} of {lengths[0]} bytes were recorded")


def _tell_replaced(counts: dict[str, int]) -> None:
    words = counted(counts)
    _say(f"replaced {words}" if words else "replaced nothing: no known secret is in it")


def _fail_to_write(path: Path, error: OSError) -> NoReturn:
    if isinstance(error, FileExistsError):
        fail(Exit.USAGE, f"{path} is there already; name another file, or give --force")
    fail(Exit.FOLDER_UNUSABLE, f"cannot write {path}: {error.strerror}")


def _say(words: str) -> None:
    click.echo(f"ssescope: {safe_text(words)}", err=True)
