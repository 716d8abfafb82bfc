"""The Writer dialect: the text completions of writer.com, ``POST /v1/completions``.

Every event holds a piece of text as its ``value``. Nothing tells that the last one has come.
"""

from __future__ import annotations

from typing import Any

from captures.dialects.answer_dialect import AnswerDialect
from captures.dialects.base import Event
from captures.dialects.payload import parsed, string
from captures.findings.other_protocols import OTHER_RULES
from captures.sse import Frame


def recognises(frame: Frame) -> bool:
    """Whether an event has the shape of this dialect: a text as its value, and nothing else."""
    payload = parsed(frame.data)
    return payload is not None and list(payload) == ["value"] and bool(string(payload, "value"))


class WriterDialect(AnswerDialect):
    """Folds the pieces of one completion."""

    name = "writer.completions"
    rules = OTHER_RULES
    stop_reason_name = "finish_reason"
    due = ()

    @property
    def complete(self) -> bool:
        """Nothing in this protocol says that more is to come."""
        return True

    def handle(self, frame: Frame, payload: dict[str, Any]) -> Event:
        """Takes a piece of text or an error."""
        if payload.get("error"):
            return self.fail(frame, payload["error"])
        if "value" not in payload:
            return self.other(frame, frame.event)
        return self.text(frame, "value", string(payload, "value"))
