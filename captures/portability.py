"""What the SDKs of a stream's own protocol fail on, although the standard allows it.

The standard's grammar is judged in captures/grammar.py, which knows no protocol.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from captures.findings.rule import Complaint, Rule, explained_by
from captures.findings.sse import (
    CRLF_WHERE_LF_IS_USUAL,
    NEVER_DISPATCHED,
    NO_DATA_FOR_OPENAI,
    NOT_DATA_FOR_GEMINI,
)
from captures.sse import Frame, FrameKind

_LINE_END = re.compile(rb"[\r\n]+")
_MAX_QUOTED = 80

Raw = Callable[[Frame], bytes]
"""Gives the bytes of a frame."""


def no_data_for_openai(frame: Frame, raw: Raw) -> str:
    """openai-py hands over a block without data too, once it has an event, an id or a retry.

    Its decoder keeps the id over the blocks, so that every later comment is such a block.
    """
    if frame.kind is FrameKind.EVENT:
        return ""
    if frame.retry is not None:
        return f"retry: {frame.retry}"
    if frame.event:
        return f"event: {frame.event}"
    if frame.last_event_id:
        return f"a {frame.kind.value} block after id: {frame.last_event_id[:_MAX_QUOTED]}"
    return ""


def not_data_for_gemini(frame: Frame, raw: Raw) -> str:
    """google-genai knows blank lines, ``data: `` lines and the lines of a JSON error."""
    for line in _LINE_END.split(raw(frame)):
        if line and not line.startswith(b"data: "):
            return line[:_MAX_QUOTED].decode("utf-8", "replace")
    return ""


def crlf_where_lf_is_usual(frame: Frame, raw: Raw) -> str:
    """A client that splits at LF LF waits for ever."""
    return "the first event ends in CR LF CR LF" if raw(frame).endswith(b"\r\n\r\n") else ""


def never_dispatched(frame: Frame, raw: Raw) -> str:
    """ "If the data buffer is an empty string, set [it] and the event type buffer to the empty
    string and return." Pings without data are meant to do nothing.
    """
    silent = frame.kind is FrameKind.SILENT and frame.event not in {"", "ping"}
    return f"event: {frame.event[:_MAX_QUOTED]}" if silent else ""


@dataclass(frozen=True, slots=True)
class _Row:
    """One check and the streams it is for."""

    rule: Rule
    dialects: tuple[str, ...]
    """How the names of the dialects begin."""
    kinds: tuple[FrameKind, ...]
    check: Callable[[Frame, Raw], str]
    first_event_alone: bool = False


_EVENTS = (FrameKind.EVENT,)
_NOT_EVENTS = (FrameKind.SILENT, FrameKind.COMMENT, FrameKind.BLANK)

CHECKS: tuple[_Row, ...] = (
    _Row(NO_DATA_FOR_OPENAI, ("openai.",), _NOT_EVENTS, no_data_for_openai),
    _Row(
        NOT_DATA_FOR_GEMINI,
        ("gemini.generateContent",),
        _EVENTS + _NOT_EVENTS,
        not_data_for_gemini,
    ),
    _Row(
        CRLF_WHERE_LF_IS_USUAL,
        ("openai.", "anthropic.messages", "ag_ui"),
        _EVENTS,
        crlf_where_lf_is_usual,
        first_event_alone=True,
    ),
    _Row(NEVER_DISPATCHED, ("",), (FrameKind.SILENT,), never_dispatched),
)


class Portability:
    """Sees the frames of one stream; tells each rule once. Mutable."""

    def __init__(self, raw: Raw) -> None:
        self._raw = raw
        self._before: dict[tuple[FrameKind, bool], tuple[int, Frame]] = {}
        """What came before the dialect was known; of a kind one is enough."""
        self._rows: tuple[_Row, ...] | None = None
        """What is still looked for; None until the dialect is known."""

    def see(self, index: int, frame: Frame, dialect: str | None) -> list[tuple[int, Complaint]]:
        """What is wrong with this frame, or with one that came before the dialect was known.

        Args:
            index: the number of its event.
            frame: the next frame of the stream.
            dialect: the name of the stream's dialect, once an event has told it.

        Returns:
            Complaints, each with the number of the event it speaks of.
        """
        if self._rows is not None:
            return self._judge(index, frame)
        if dialect is None:
            self._before.setdefault((frame.kind, bool(frame.last_event_id)), (index, frame))
            return []
        self._rows = tuple(row for row in CHECKS if dialect.startswith(row.dialects))
        found = []
        for entry in (*self._before.values(), (index, frame)):
            found += self._judge(*entry)
        self._rows = tuple(row for row in self._rows if not row.first_event_alone)
        self._before.clear()
        return found

    def _judge(self, index: int, frame: Frame) -> list[tuple[int, Complaint]]:
        found: list[tuple[int, Complaint]] = []
        if not self._rows:
            return found
        for row in self._rows:
            if frame.kind in row.kinds and (detail := row.check(frame, self._raw)):
                if row.rule.code in explained_by(frame.complaints):
                    continue
                found.append((index, Complaint(row.rule, detail)))
                self._rows = tuple(left for left in self._rows or () if left is not row)
        if frame.data.startswith("[DONE]"):
            # Clients stop reading here.
            self._rows = ()
        return found
