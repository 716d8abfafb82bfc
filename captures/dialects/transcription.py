"""The dialect of OpenAI's transcription: ``POST /v1/audio/transcriptions`` with ``stream: true``.

transcript.text.delta events, and segments with their speakers where the model tells them, then
transcript.text.done with the whole text, then ``[DONE]``.
"""

from __future__ import annotations

from typing import Any

from captures.dialects.answer_dialect import AnswerDialect
from captures.dialects.base import Event, EventKind
from captures.dialects.payload import json_text, mapping, parsed, string, usage_from
from captures.findings.other_protocols import OTHER_RULES
from captures.message import Message, OtherPart, Text
from captures.sse import Frame


def recognises(frame: Frame) -> bool:
    """Whether an event has the shape of this dialect: its type begins with ``transcript.text.``."""
    payload = parsed(frame.data)
    return payload is not None and string(payload, "type").startswith("transcript.text.")


class TranscriptionDialect(AnswerDialect):
    """Folds the events of one transcription."""

    name = "openai.transcription"
    rules = OTHER_RULES
    stop_reason_name = "transcript.text.done"
    due = ("transcript.text.done", "usage")

    def handle(self, frame: Frame, payload: dict[str, Any]) -> Event:
        """Takes an event by its type."""
        type_ = string(payload, "type")
        match type_:
            case "transcript.text.delta":
                return self.text(frame, type_, string(payload, "delta"))
            case "transcript.text.segment":
                self.answer.put(OtherPart("segment", json_text(payload)))
                return Event(frame, EventKind.TEXT, type_, string(payload, "text"))
            case "transcript.text.done":
                text = self.answer.text().text
                if not text:
                    text.add(string(payload, "text"))
                self.answer.usage = usage_from(mapping(payload, "usage"))
                return self.end(frame, type_, None)
        if type_ == "error" or payload.get("error"):
            return self.fail(frame, payload.get("error") or payload)
        return self.other(frame, type_ or frame.event)


def whole_message(payload: Any) -> Message | None:
    """The text of a transcription that was not streamed, or None if it is none."""
    if not isinstance(payload, dict) or not isinstance(payload.get("text"), str):
        return None
    if not isinstance(payload.get("usage"), dict) and "duration" not in payload:
        return None
    return Message(parts=(Text(payload["text"]),), usage=usage_from(mapping(payload, "usage")))
