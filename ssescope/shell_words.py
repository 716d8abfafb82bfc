"""Words of a shell command that can be pasted into bash or zsh. Pure.

A word shows nothing but printable characters and line feeds, whatever is in it: what a terminal
could obey, or a shell at its prompt expand, is written as an escape.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from inspector_tui.safe import safe_text

_BARE = re.compile(rb"[A-Za-z0-9%+:,./_@-]+")
_PLAIN_IN_DOUBLE_QUOTES = re.compile(rb"[A-Za-z0-9 %+=:,./_@?&;()*-]*")
_ESCAPED = re.compile(rb"[^ -~]|[\\'!]")
_NAMED_ESCAPES = {b"\n": "\\n", b"\t": "\\t", b"\r": "\\r", b"\\": "\\\\"}
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Variable:
    """A shell variable, whose value stands in a word."""

    name: str


Piece = bytes | Variable


def word(*pieces: Piece) -> str:
    """One word of these pieces, each byte of which the command gets as it is.

    Raises:
        ValueError: a piece holds NUL, which no argument can.
    """
    pieces = tuple(piece for piece in pieces if piece != b"")
    literals = [piece for piece in pieces if isinstance(piece, bytes)]
    if len(literals) == len(pieces):
        return _quoted(b"".join(literals))
    if all(_PLAIN_IN_DOUBLE_QUOTES.fullmatch(literal) for literal in literals):
        *others, last = pieces
        # At the end no letter and no modifier of zsh can follow the name.
        end = f"${last.name}" if isinstance(last, Variable) else _in_double_quotes(last)
        return '"' + "".join(map(_in_double_quotes, others)) + end + '"'
    return "".join(
        f'"${piece.name}"' if isinstance(piece, Variable) else _quoted(piece) for piece in pieces
    )


def variable_name(text: str) -> str:
    """A name for a variable: ``X_AUTH_TOKEN`` for ``x-auth-token``."""
    name = _NOT_IN_A_NAME.sub("_", text).strip("_").upper()
    return f"_{name}" if name[:1].isdigit() or not name else name


def _in_double_quotes(piece: Piece) -> str:
    return f"${{{piece.name}}}" if isinstance(piece, Variable) else piece.decode("ascii")


def _quoted(data: bytes) -> str:
    if b"\0" in data:
        raise ValueError("an argument cannot hold NUL")
    if _BARE.fullmatch(data):
        return data.decode("ascii")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _escaped(data)
    # A tab at a prompt completes, and a lone CR sends what is there.
    if safe_text(text, newline="\n") != text:
        return _escaped(data)
    return "'" + text.replace("'", "'\\''") + "'"


def _escaped(data: bytes) -> str:
    """The ANSI-C quoting of bash, zsh, ksh and POSIX.1-2024: three octal digits for a byte."""

    def shown(match: re.Match[bytes]) -> str:
        byte = match.group()
        return _NAMED_ESCAPES.get(byte, f"\\{byte[0]:03o}")

    pieces: list[str] = []
    start = 0
    for match in _ESCAPED.finditer(data):
        pieces += [data[start : match.start()].decode("ascii"), shown(match)]
        start = match.end()
    return "$'" + "".join(pieces) + data[start:].decode("ascii") + "'"
