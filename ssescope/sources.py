"""What a command is told to judge: captures, folders of them, saved bodies, or standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from captures.exchange import Exchange
from captures.loading import load
from captures.plain_body import content_type_of, exchange_of_body
from captures.store import POLL_SIZE, SUFFIX, CaptureError, captures_in, pieces_of
from ssescope.exits import Exit, fail
from ssescope.places import capture_named, is_folder, listed

STANDARD_INPUT = "-"
_FIRST_FIELD = b'{"ssescope":'


@dataclass(frozen=True, slots=True)
class Source:
    """One exchange and where it was found."""

    name: str
    """A path as it was given, or ``-``."""
    exchange: Exchange


def sources(arguments: Iterable[str], folder: Path) -> Iterator[Source | CaptureError]:
    """The exchanges that these arguments name, one after the other.

    Args:
        arguments: paths of captures, of folders and of saved bodies, ids as ``ssescope ls`` shows
            them, or ``-`` for standard input; none at all means the newest capture.
        folder: where ids are looked up.
    """
    for argument in list(arguments) or [str(capture_named(None, folder))]:
        path = Path(argument)
        if argument == STANDARD_INPUT:
            yield Source(argument, _body(argument, _read(sys.stdin.buffer)))
        elif is_folder(path):
            yield from (_capture(capture) for capture in listed(path))
        elif is_saved_body(path):
            yield _source(argument, path)
        else:
            yield _capture(capture_named(argument, folder))


def source(argument: str | None, folder: Path) -> Source:
    """The one exchange that an argument names; ends with a clear line if it is not one."""
    if argument is not None and is_folder(Path(argument)):
        newest = captures_in(Path(argument))[-1:]
        if not newest:
            fail(Exit.CAPTURE_INVALID, f"no captures in {argument}")
        argument = str(newest[0])
    found = next(sources([] if argument is None else [argument], folder))
    if isinstance(found, CaptureError):
        fail(Exit.CAPTURE_INVALID, str(found))
    return found


def is_saved_body(path: Path) -> bool:
    """Whether there is a file that does not begin as a capture does."""
    try:
        if not path.is_file():
            return False
        beginning = next(pieces_of(path), b"")
    except (OSError, CaptureError):
        return False
    return not (path.suffix == SUFFIX or beginning.startswith(_FIRST_FIELD))


def _capture(path: Path) -> Source | CaptureError:
    try:
        return Source(str(path), load(path))
    except CaptureError as error:
        return error


def _source(name: str, path: Path) -> Source | CaptureError:
    try:
        return Source(name, _body(path.name, pieces_of(path)))
    except CaptureError as error:
        return error


def _body(name: str, pieces: Iterator[bytes]) -> Exchange:
    beginning = next(pieces, b"")
    return exchange_of_body(name, content_type_of(name, beginning), chain([beginning], pieces))


def _read(stream: BinaryIO) -> Iterator[bytes]:
    while data := stream.read(POLL_SIZE):
        yield data
