"""The Sourcegraph dialect: Cody's ``/.api/completions/stream``.

``completion`` events, then ``done``. Since version 2 of the API each carries the ``deltaText``;
before, the whole ``completion`` so far.
"""

from __future__ import annotations

from typing import Any

from captures.dialects.answer_dialect import AnswerDialect
from captures.dialects.base import Event
from captures.dialects.payload import parsed, string
from captures.findings.other_protocols import OTHER_RULES
from captures.growing_text import GrowingText
from captures.sse import Frame


def recognises(frame: Frame) -> bool:
    """Whether an event has the shape of this dialect: a ``completion`` without a type."""
    payload = parsed(frame.data)
    if payload is None or frame.event != "completion" or "type" in payload:
        return False
    return "deltaText" in payload or "completion" in payload


class SourcegraphDialect(AnswerDialect):
    """Folds the events of one completion."""

    name = "sourcegraph.completions"
    rules = OTHER_RULES
    stop_reason_name = "stopReason"
    due = ("done",)

    def handle(self, frame: Frame, payload: dict[str, Any]) -> Event:
        """Takes a completion, an error or the end."""
        match frame.event:
            case "completion":
                self.stop(string(payload, "stopReason") or None)
                return self.text(frame, frame.event, self._piece(payload))
            case "error":
                return self.fail(frame, payload.get("error"))
            case "done":
                return self.end(frame, frame.event, self.answer.stop_reason)
        return self.other(frame, frame.event)

    def _piece(self, payload: dict[str, Any]) -> str:
        if "completion" not in payload:
            return string(payload, "deltaText")
        whole = string(payload, "completion")
        part = self.answer.text()
        if whole.startswith(part.text.text):
            return whole[len(part.text.text) :]
        part.text = GrowingText()
        return whole
