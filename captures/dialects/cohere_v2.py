"""The Cohere dialect: ``POST /v2/chat`` with ``stream: true``.

message-start, then parts that start, grow by deltas and end, keyed by ``index``, then message-end
with the finish_reason and the usage, then ``[DONE]``.
"""

from __future__ import annotations

from typing import Any

from captures.dialects.answer import Answer
from captures.dialects.answer_dialect import AnswerDialect
from captures.dialects.base import Event
from captures.dialects.payload import json_text, mapping, mappings, number, parsed, string
from captures.findings.cohere import COHERE_RULES
from captures.message import Message, Usage
from captures.sse import Frame

TYPES = frozenset(
    {
        "message-start",
        "content-start",
        "content-delta",
        "content-end",
        "tool-plan-delta",
        "tool-call-start",
        "tool-call-delta",
        "tool-call-end",
        "citation-start",
        "citation-end",
        "message-end",
    }
)


def recognises(frame: Frame) -> bool:
    """Whether an event has the shape of this dialect: one of its types."""
    payload = parsed(frame.data)
    return payload is not None and string(payload, "type") in TYPES


class CohereDialect(AnswerDialect):
    """Folds the events of one answer."""

    name = "cohere.v2"
    rules = COHERE_RULES
    stop_reason_name = "finish_reason"
    due = ("finish_reason", "usage", "message-end")

    def handle(self, frame: Frame, payload: dict[str, Any]) -> Event:
        """Takes an event by its type."""
        type_ = string(payload, "type") or frame.event
        message = mapping(mapping(payload, "delta"), "message")
        index = str(number(payload, "index") or 0)
        match type_:
            case "message-start":
                self.answer.id = string(payload, "id")
                return self.start(frame, type_)
            case "message-end":
                return self._end(frame, payload)
            case "content-start" | "content-delta":
                return self._content(frame, type_, mapping(message, "content"), index)
            case "tool-plan-delta":
                return self.thinking(frame, type_, string(message, "tool_plan"), "tool plan")
            case "tool-call-start" | "tool-call-delta":
                return self._call(frame, type_, mapping(message, "tool_calls"), index)
            case "tool-call-end":
                self.close(self.answer.call(index))
            case "citation-start":
                where = str(number(mapping(message, "citations"), "content_index") or 0)
                citation = json_text(mapping(message, "citations"))
                self.answer.text(where).citations.append(citation)
        if type_ in TYPES:
            return self.structure(frame, type_)
        if type_ == "error" or payload.get("error"):
            return self.fail(frame, payload.get("error") or payload)
        return self.other(frame, type_)

    def _content(self, frame: Frame, type_: str, content: dict[str, Any], index: str) -> Event:
        thought, text = string(content, "thinking"), string(content, "text")
        if thought:
            return self.thinking(frame, type_, thought, index)
        if text or type_ == "content-delta":
            return self.text(frame, type_, text, index)
        return self.structure(frame, type_, string(content, "type"))

    def _call(self, frame: Frame, type_: str, fields: dict[str, Any], index: str) -> Event:
        call, function = self.answer.call(index), mapping(fields, "function")
        call.id = call.id or string(fields, "id")
        call.name = call.name or string(function, "name")
        piece = string(function, "arguments")
        if piece or type_ == "tool-call-delta":
            return self.arguments(frame, type_, piece, index)
        return self.structure(frame, type_, call.name)

    def _end(self, frame: Frame, payload: dict[str, Any]) -> Event:
        delta = mapping(payload, "delta")
        self.answer.usage = _usage(delta)
        if delta.get("error"):
            self.fail(frame, delta["error"])
        return self.end(frame, "message-end", string(delta, "finish_reason") or None)


def whole_message(payload: Any) -> Message | None:
    """The message of an answer that was not streamed, or None if it is none."""
    if not isinstance(payload, dict) or not isinstance(payload.get("message"), dict):
        return None
    message = payload["message"]
    if message.get("role") != "assistant" or "finish_reason" not in payload:
        return None
    answer = Answer()
    answer.id = string(payload, "id")
    answer.stop_reason = string(payload, "finish_reason") or None
    answer.usage = _usage(payload)
    answer.thinking("tool plan").text.add(string(message, "tool_plan"))
    for index, content in enumerate(mappings(message, "content")):
        answer.thinking(str(index)).text.add(string(content, "thinking"))
        answer.text(str(index)).text.add(string(content, "text"))
    for citation in mappings(message, "citations"):
        where = str(number(citation, "content_index") or 0)
        answer.text(where).citations.append(json_text(citation))
    for index, fields in enumerate(mappings(message, "tool_calls")):
        call, function = answer.call(str(index)), mapping(fields, "function")
        call.id, call.name = string(fields, "id"), string(function, "name")
        call.text.add(string(function, "arguments"))
        call.finished = True
    return answer.message()


def _usage(fields: dict[str, Any]) -> Usage:
    usage = mapping(fields, "usage")
    tokens = mapping(usage, "tokens") or mapping(usage, "billed_units")
    return Usage(
        input_tokens=number(tokens, "input_tokens"),
        output_tokens=number(tokens, "output_tokens"),
        cache_read_tokens=number(usage, "cached_tokens"),
    )
