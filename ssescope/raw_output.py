"""Recorded bytes on stdout: as they are for a program, escaped for a terminal."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterable

import click

from inspector_tui.safe import safe_text


def write_raw(pieces: Iterable[bytes]) -> None:
    """Writes the pieces to stdout; if that is a terminal, nothing of them can drive it."""
    if not sys.stdout.isatty():
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        return
    # A code point may be cut by the pieces.
    decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
    for piece in pieces:
        _show(decoder.decode(piece))
    _show(decoder.decode(b"", final=True))
    click.echo("\nssescope: escaped for the terminal; pipe it for the bytes", err=True)


def _show(text: str) -> None:
    click.echo(safe_text(text, newline="\n", tab="\t"), nl=False)
