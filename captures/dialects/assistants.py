"""The dialect of OpenAI's assistants: ``POST /v1/threads/{id}/runs`` with ``stream: true``.

Events named ``thread.*`` whose data is the object itself or its delta. A run ends in one of six
ways, then comes ``done`` with ``[DONE]``. There may be several messages and steps in one run.
"""

from __future__ import annotations

from typing import Any

from captures.dialects.answer_dialect import DONE, AnswerDialect
from captures.dialects.base import Event, EventKind
from captures.dialects.payload import json_text, mapping, mappings, number, string, usage_from
from captures.findings.other_protocols import OTHER_RULES
from captures.message import Message, OtherPart, Text
from captures.sse import Frame

RUN_ENDS = frozenset(
    f"thread.run.{status}"
    for status in ("completed", "failed", "cancelled", "expired", "incomplete", "requires_action")
)


def recognises(frame: Frame) -> bool:
    """Whether an event has the shape of this dialect: its name begins with ``thread.``."""
    return frame.event.startswith("thread.")


class AssistantsDialect(AnswerDialect):
    """Folds the events of one run."""

    name = "openai.assistants"
    rules = OTHER_RULES
    stop_reason_name = "status"
    due = ("status", "usage", DONE)

    def handle(self, frame: Frame, payload: dict[str, Any]) -> Event:
        """Takes an event by its name."""
        type_ = frame.event
        if type_ in RUN_ENDS:
            return self._end(frame, payload)
        match type_:
            case "error":
                return self.fail(frame, payload.get("error") or payload)
            case "thread.run.created":
                self.answer.id, self.answer.model = string(payload, "id"), string(payload, "model")
                return self.start(frame, type_)
            case "thread.message.delta":
                return self._message_delta(frame, payload)
            case "thread.run.step.delta":
                return self._step_delta(frame, payload)
            case "thread.run.step.completed":
                self._take_results(payload)
        if type_.startswith("thread."):
            return self.structure(frame, type_, string(payload, "status"))
        return self.other(frame, type_)

    def _end(self, frame: Frame, payload: dict[str, Any]) -> Event:
        self.answer.usage = usage_from(mapping(payload, "usage"))
        if payload.get("last_error"):
            self.fail(frame, payload["last_error"])
        reason = string(mapping(payload, "incomplete_details"), "reason")
        status = string(payload, "status") or frame.event.rpartition(".")[2]
        return self.end(frame, frame.event, reason or status)

    def _message_delta(self, frame: Frame, payload: dict[str, Any]) -> Event:
        pieces = []
        for content in mappings(mapping(payload, "delta"), "content"):
            key = (string(payload, "id"), str(number(content, "index") or 0))
            if content.get("type") == "text":
                pieces.append(string(mapping(content, "text"), "value"))
                self.answer.text(*key).text.add(pieces[-1])
            else:
                type_ = string(content, "type") or "unknown"
                self.answer.put(OtherPart(type_, json_text(content)), type_, *key)
        return Event(frame, EventKind.TEXT, frame.event, "".join(pieces))

    def _step_delta(self, frame: Frame, payload: dict[str, Any]) -> Event:
        pieces = []
        details = mapping(mapping(payload, "delta"), "step_details")
        for tool in mappings(details, "tool_calls"):
            function, code = mapping(tool, "function"), mapping(tool, "code_interpreter")
            pieces.append(string(function, "arguments") or string(code, "input"))
            if tool.get("type") == "function":
                call = self.answer.call(string(payload, "id"), str(number(tool, "index") or 0))
                call.id = call.id or string(tool, "id")
                call.name = call.name or string(function, "name")
                call.text.add(string(function, "arguments"))
        return Event(frame, EventKind.TOOL, frame.event, "".join(pieces))

    def _take_results(self, payload: dict[str, Any]) -> None:
        """The tools that run on the server, each with its input and its results."""
        for tool in mappings(mapping(payload, "step_details"), "tool_calls"):
            if tool.get("type") != "function":
                self.answer.put(OtherPart(string(tool, "type") or "unknown", json_text(tool)))


def whole_message(payload: Any) -> Message | None:
    """The message of a thread, or None if it is none."""
    if not isinstance(payload, dict) or payload.get("object") != "thread.message":
        return None
    return Message(
        id=string(payload, "id"),
        parts=tuple(
            Text(string(mapping(content, "text"), "value"))
            if content.get("type") == "text"
            else OtherPart(string(content, "type") or "unknown", json_text(content))
            for content in mappings(payload, "content")
        ),
        stop_reason=string(payload, "status") or None,
    )
