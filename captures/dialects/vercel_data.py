"""The dialect of Vercel's AI SDK up to its version 4: the data stream, one part a line.

https://v4.ai-sdk.dev/docs/ai-sdk-ui/stream-protocol. A letter or digit tells the kind of a part;
JSON follows the colon: ``0:"text"``. The last part is ``d``, with the finishReason and the usage.
"""

from __future__ import annotations

import re
from typing import Any

import orjson

from captures.dialects.answer_dialect import AnswerDialect
from captures.dialects.base import Event, EventKind
from captures.dialects.payload import json_text, mapping, number, string
from captures.findings.ndjson import LINE_NOT_JSON
from captures.findings.vercel_ui import VERCEL_NEVER_STARTED, VERCEL_RULES
from captures.message import OtherPart, Usage
from captures.ndjson import LINE
from captures.sse import Frame

KINDS = {
    "0": "text",
    "2": "data",
    "3": "error",
    "8": "message_annotations",
    "9": "tool_call",
    "a": "tool_result",
    "b": "tool_call_streaming_start",
    "c": "tool_call_delta",
    "d": "finish_message",
    "e": "finish_step",
    "f": "start_step",
    "g": "reasoning",
    "h": "source",
    "i": "redacted_reasoning",
    "j": "reasoning_signature",
    "k": "file",
}
"""The kinds of parts by the letter or digit before the colon."""

_PART = re.compile(r"([0-9a-z]):(.*)", re.DOTALL)


def recognises(frame: Frame) -> bool:
    """Whether a line has the shape of this dialect: a part of a known kind."""
    found = _PART.fullmatch(frame.data)
    return frame.event == LINE and found is not None and found[1] in KINDS


class VercelDataDialect(AnswerDialect):
    """Folds the parts of one message."""

    name = "vercel.data"
    rules = VERCEL_RULES
    stop_reason_name = "finishReason"
    due = ("finishReason", "usage")
    may_append_done = False

    def handle(self, frame: Frame, payload: dict[str, Any]) -> Event:
        """A line that is a JSON object is none of this protocol."""
        return self.handle_text(frame)

    def handle_text(self, frame: Frame) -> Event:
        """Takes a line."""
        found = _PART.fullmatch(frame.data)
        try:
            value = orjson.loads(found[2]) if found is not None else None
        except orjson.JSONDecodeError:
            found = None
        if found is None:
            self.complaints.add(LINE_NOT_JSON, frame.data[:80])
            return self.other(frame, frame.event)
        kind = KINDS.get(found[1])
        if kind is None:
            return self.other(frame, found[1])
        return self._part(frame, kind, value)

    def _part(self, frame: Frame, kind: str, value: Any) -> Event:
        words = value if isinstance(value, str) else ""
        fields = value if isinstance(value, dict) else {}
        match kind:
            case "text":
                return self.text(frame, kind, words)
            case "reasoning":
                return self.thinking(frame, kind, words)
            case "error":
                return self.fail(frame, words, kind)
            case "start_step":
                self.answer.id = self.answer.id or string(fields, "messageId")
                return self.start(frame, kind)
            case "finish_message":
                self.answer.usage = _usage(mapping(fields, "usage"))
                return self.end(frame, kind, string(fields, "finishReason") or None)
            case "tool_call" | "tool_call_streaming_start" | "tool_call_delta":
                return self._call(frame, kind, fields)
            case "finish_step" | "reasoning_signature" | "message_annotations":
                return self.structure(frame, kind)
        self.answer.put(OtherPart(kind, json_text(value)))
        return self.structure(frame, kind)

    def _call(self, frame: Frame, kind: str, fields: dict[str, Any]) -> Event:
        id_ = string(fields, "toolCallId")
        if kind == "tool_call_delta" and not self.answer.has_call(id_):
            self.complaints.once(VERCEL_NEVER_STARTED, f"{kind} for {id_}")
        call = self.answer.call(id_)
        call.id, call.name = id_, string(fields, "toolName") or call.name
        if kind == "tool_call_delta":
            return self.arguments(frame, kind, string(fields, "argsTextDelta"), id_)
        if kind == "tool_call":
            if not call.text:
                call.text.add(json_text(fields.get("args")))
            self.close(call)
        return Event(frame, EventKind.STRUCTURE, kind, call.name)


def _usage(usage: dict[str, Any]) -> Usage:
    return Usage(number(usage, "promptTokens"), number(usage, "completionTokens"))
