"""The judge of one event stream's grammar: block by block, before any dialect."""

from __future__ import annotations

import re

from captures.findings.rule import Complaint
from captures.findings.sse import NO_SPACE
from captures.grammar_checks import BYTES_OF, CHECKS, MAX_LINE_SIZE, Block, LineEnd, last_line_end


def _ordinary(end: bytes, space: bytes) -> re.Pattern[bytes]:
    """Blocks of known fields spelt as usual, one data line, and no control character."""
    rest = rb"[^\x00-\x08\n-\x1f]*" + end
    return re.compile(
        rb"(?:(?:event|id):%(space)s%(rest)s|retry:%(space)s[0-9]+%(end)s|:%(rest)s)*"
        rb"(?:data:%(space)s%(rest)s)?%(end)s" % {b"space": space, b"rest": rest, b"end": end}
    )


_ORDINARY = {kind: _ordinary(end, b" ") for kind, end in BYTES_OF.items()}
_ORDINARY_BUT_FOR_SPACES = {kind: _ordinary(end, b" ?") for kind, end in BYTES_OF.items()}


class Grammar:
    """Judges the blocks of one stream in their order. Mutable: it knows the stream's habits."""

    def __init__(self) -> None:
        self._line_end: LineEnd | None = None
        self._ordinary = _ORDINARY

    def judge(self, raw: bytes, *, at_start: bool = False) -> tuple[Complaint, ...]:
        """What is wrong with a block.

        Most blocks are ordinary, which one look tells; the checks see the others alone.

        Args:
            raw: its bytes, up to the end of its last whole line.
            at_start: whether the stream begins with it.
        """
        if self._line_end is not None and self._is_ordinary(raw, self._line_end):
            return ()
        block = Block.of(raw, at_start=at_start, line_end=self._line_end)
        if self._line_end is None:
            self._line_end = last_line_end(raw)
        found = ((rule, check(block)) for rule, check in CHECKS)
        complaints = tuple(Complaint(rule, detail) for rule, detail in found if detail)
        return self._without_habits(complaints)

    def _is_ordinary(self, raw: bytes, line_end: LineEnd) -> bool:
        return (
            self._ordinary[line_end].fullmatch(raw) is not None
            and len(raw) <= MAX_LINE_SIZE
            and (raw.isascii() or _is_ordinary_text(raw))
        )

    def _without_habits(self, complaints: tuple[Complaint, ...]) -> tuple[Complaint, ...]:
        """A stream without spaces has none anywhere: told once, it needs no count."""
        if self._ordinary is _ORDINARY_BUT_FOR_SPACES:
            return tuple(entry for entry in complaints if entry.rule is not NO_SPACE)
        if any(entry.rule is NO_SPACE for entry in complaints):
            self._ordinary = _ORDINARY_BUT_FOR_SPACES
        return complaints


def _is_ordinary_text(raw: bytes) -> bool:
    """Whether it is UTF-8 and holds none of the characters beyond ASCII that split lines."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not ("\x85" in text or "\u2028" in text or "\u2029" in text)
