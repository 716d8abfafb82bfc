"""The judge of one event stream's grammar: block by block, before any dialect."""

from __future__ import annotations

from captures.findings.rule import Complaint
from captures.findings.sse import NO_SPACE
from captures.grammar_checks import CHECKS, MAX_LINE_SIZE, Block, LineEnd, last_line_end

_LF, _CRLF, _CR = LineEnd


class Grammar:
    """Judges the blocks of one stream in their order. Mutable: it knows the stream's habits."""

    def __init__(self) -> None:
        self._line_end: LineEnd | None = None
        self._never_spaces = False

    def judge(
        self, raw: bytes, text: str, *, at_start: bool, is_odd: bool, lacks_space: bool
    ) -> tuple[Complaint, ...]:
        """What is wrong with a block. Most are ordinary, which costs next to nothing to tell.

        Args:
            raw: its bytes, up to the end of its last whole line.
            text: its text, what is not UTF-8 replaced.
            at_start: whether the stream begins with it.
            is_odd: whether it has a field that is none of the standard's or is not taken, or
                more than one data or event field.
            lacks_space: whether a field has a value and no space before it.
        """
        if (
            is_odd
            or (lacks_space and not self._never_spaces)
            or not self._has_usual_line_ends(text)
            or len(raw) > MAX_LINE_SIZE
            or not _is_plain(text)
        ):
            return self.look_at(raw, at_start=at_start)
        return ()

    def look_at(self, raw: bytes, *, at_start: bool) -> tuple[Complaint, ...]:
        """What the checks find wrong with a block, each of them asked."""
        block = Block.of(raw, at_start=at_start, line_end=self._line_end)
        if self._line_end is None:
            self._line_end = last_line_end(raw)
        found = ((rule, check(block)) for rule, check in CHECKS)
        complaints = [Complaint(rule, detail) for rule, detail in found if detail]
        if self._never_spaces:
            # A stream without spaces has them nowhere: told once, it needs no count.
            complaints = [entry for entry in complaints if entry.rule is not NO_SPACE]
        self._never_spaces |= any(entry.rule is NO_SPACE for entry in complaints)
        return tuple(complaints)

    def _has_usual_line_ends(self, text: str) -> bool:
        if self._line_end is _LF:
            return "\r" not in text
        if self._line_end is _CRLF:
            return text.count("\r\n") == text.count("\n") == text.count("\r")
        return self._line_end is _CR and "\n" not in text


def _is_plain(text: str) -> bool:
    """Whether it holds nothing that splits lines for some, and was UTF-8."""
    if "\x0b" in text or "\x0c" in text or "\x1c" in text or "\x1d" in text or "\x1e" in text:
        return False
    return text.isascii() or not (
        "\x85" in text or "\u2028" in text or "\u2029" in text or "\ufffd" in text
    )
