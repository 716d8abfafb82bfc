"""The Replicate dialect: a prediction's stream, https://replicate.com/docs/topics/predictions/streaming.

``output`` events whose data is plain text, then ``done``; ``error`` and ``logs`` may come between.
"""

from __future__ import annotations

from typing import Any

from captures.dialects.answer_dialect import AnswerDialect
from captures.dialects.base import Event
from captures.dialects.payload import parsed, string
from captures.findings.other_protocols import OTHER_RULES
from captures.sse import Frame


def recognises(frame: Frame) -> bool:
    """Whether an event has the shape of this dialect: an ``output`` with an id."""
    return frame.event == "output" and bool(frame.last_event_id)


class ReplicateDialect(AnswerDialect):
    """Folds the events of one prediction."""

    name = "replicate"
    rules = OTHER_RULES
    stop_reason_name = "reason"
    due = ("done",)
    may_append_done = False

    def handle(self, frame: Frame, payload: dict[str, Any]) -> Event:
        """Takes an event. Output that happens to be a JSON object is text like any other."""
        match frame.event:
            case "output":
                return self.text(frame, frame.event, frame.data)
            case "error":
                message = string(payload, "detail") or frame.data
                return self.fail(frame, {"type": "error", "message": message})
            case "done":
                return self.end(frame, frame.event, string(payload, "reason") or None)
        return self.other(frame, frame.event)

    def handle_text(self, frame: Frame) -> Event:
        """Takes an event whose data is no JSON object, as most of the output is."""
        return self.handle(frame, parsed(frame.data) or {})
