"""The dialect of Cohere's first API: ``POST /v1/chat`` and ``/v1/generate``.

A JSON object a line, or, where the client asks for it, an event stream. ``event_type`` says what
an event is: stream-start, pieces of text, of calls and of citations, then stream-end with the
finish_reason and the whole response once more.
"""

from __future__ import annotations

from typing import Any

from captures.dialects.answer import Answer
from captures.dialects.answer_dialect import AnswerDialect
from captures.dialects.base import Event
from captures.dialects.payload import json_text, mapping, mappings, number, parsed, string
from captures.findings.cohere import COHERE_RULES
from captures.findings.ndjson import LINE_NOT_JSON
from captures.message import Message, Usage
from captures.ndjson import LINE
from captures.sse import Frame

TYPES = frozenset(
    {
        "stream-start",
        "search-queries-generation",
        "search-results",
        "text-generation",
        "citation-generation",
        "tool-calls-chunk",
        "tool-calls-generation",
        "stream-end",
        "debug",
    }
)


def recognises(frame: Frame) -> bool:
    """Whether an event has the shape of this dialect: its type, and whether it is the last."""
    payload = parsed(frame.data)
    if payload is None or not isinstance(payload.get("is_finished"), bool):
        return False
    return string(payload, "event_type") in TYPES or "text" in payload


class CohereV1Dialect(AnswerDialect):
    """Folds the events of one answer."""

    name = "cohere.v1"
    rules = COHERE_RULES
    stop_reason_name = "finish_reason"
    due = ("finish_reason", "usage", "stream-end")
    may_append_done = False

    def handle(self, frame: Frame, payload: dict[str, Any]) -> Event:
        """Takes an event by its type."""
        default = "stream-end" if payload.get("is_finished") is True else "text-generation"
        type_ = string(payload, "event_type") or default
        match type_:
            case "stream-start":
                return self._start(frame, payload)
            case "text-generation" if "text" in payload:
                return self.text(frame, type_, string(payload, "text"))
            case "tool-calls-chunk":
                return self._piece_of_call(frame, payload)
            case "tool-calls-generation":
                calls = _take_calls(self.answer, payload)
                return self.structure(frame, type_, calls)
            case "citation-generation":
                citations = mappings(payload, "citations")
                self.answer.text().citations.extend(map(json_text, citations))
                return self.structure(frame, type_)
            case "stream-end":
                return self._end(frame, payload)
        if payload.get("error") or ("event_type" not in payload and "message" in payload):
            return self.fail(frame, payload.get("error") or payload)
        return self.structure(frame, type_) if type_ in TYPES else self.other(frame, type_)

    def handle_text(self, frame: Frame) -> Event:
        """Data that is no JSON object."""
        if frame.event != LINE:
            return super().handle_text(frame)
        self.complaints.add(LINE_NOT_JSON, frame.data[:80])
        return self.other(frame, frame.event)

    def _start(self, frame: Frame, payload: dict[str, Any]) -> Event:
        if self.answer.id:
            rule = self.rules.after_end if self.ended else self.rules.no_end
            self.complaints.once(rule, f"a second stream-start, {self.position}")
            self.earlier = (*self.earlier, self.answer.message())
            self.answer, self.ended = Answer(), ""
        self.answer.id = string(payload, "generation_id")
        return self.start(frame, "stream-start")

    def _piece_of_call(self, frame: Frame, payload: dict[str, Any]) -> Event:
        delta = mapping(payload, "tool_call_delta")
        if not delta:
            return self.thinking(frame, "tool-calls-chunk", string(payload, "text"), "tool plan")
        index = str(number(delta, "index") or 0)
        call = self.answer.call(index)
        call.name = call.name or string(delta, "name")
        piece = string(delta, "parameters")
        if piece:
            return self.arguments(frame, "tool-calls-chunk", piece, index)
        return self.structure(frame, "tool-calls-chunk", call.name)

    def _end(self, frame: Frame, payload: dict[str, Any]) -> Event:
        self.answer.usage = _usage(mapping(payload, "response"))
        if payload.get("error"):
            self.fail(frame, payload["error"])
        return self.end(frame, "stream-end", string(payload, "finish_reason") or None)


def whole_message(payload: Any) -> Message | None:
    """The message of an answer that was not streamed, or None if it is none."""
    if not isinstance(payload, dict) or not isinstance(payload.get("text"), str):
        return None
    if not string(payload, "generation_id") or "finish_reason" not in payload:
        return None
    answer = Answer()
    answer.id = string(payload, "generation_id")
    answer.text().text.add(payload["text"])
    answer.text().citations.extend(map(json_text, mappings(payload, "citations")))
    _take_calls(answer, payload)
    answer.stop_reason = string(payload, "finish_reason") or None
    answer.usage = _usage(payload)
    return answer.message()


def _take_calls(answer: Answer, payload: dict[str, Any]) -> str:
    """Takes the whole calls, which may have come in pieces before; gives their names."""
    names = []
    for index, fields in enumerate(mappings(payload, "tool_calls")):
        call = answer.call(str(index))
        call.name = string(fields, "name")
        if not call.text:
            call.text.add(json_text(fields.get("parameters") or {}))
        call.finished = True
        names.append(call.name)
    return ", ".join(names)


def _usage(response: dict[str, Any]) -> Usage:
    meta = mapping(response, "meta")
    tokens = mapping(meta, "tokens") or mapping(meta, "billed_units")
    return Usage(number(tokens, "input_tokens"), number(tokens, "output_tokens"))
