"""The dialect of Mistral's agents: ``POST /v1/conversations`` with ``stream: true``.

conversation.response.started, then deltas of messages and function calls, executions of tools on
the server and handoffs between agents, and conversation.response.done or .error.
"""

from __future__ import annotations

from typing import Any

from captures.dialects.answer import Answer
from captures.dialects.answer_dialect import AnswerDialect
from captures.dialects.base import Event
from captures.dialects.payload import (
    json_text,
    mapping,
    mappings,
    number,
    parsed,
    string,
    usage_from,
)
from captures.findings.other_protocols import OTHER_RULES
from captures.message import Message, OtherPart
from captures.sse import Frame

STARTED = "conversation.response.started"
DONE_EVENT = "conversation.response.done"
ERROR_EVENT = "conversation.response.error"
TYPES = frozenset(
    {
        STARTED,
        DONE_EVENT,
        ERROR_EVENT,
        "message.output.delta",
        "function.call.delta",
        "tool.execution.started",
        "tool.execution.delta",
        "tool.execution.done",
        "agent.handoff.started",
        "agent.handoff.done",
    }
)


def recognises(frame: Frame) -> bool:
    """Whether an event has the shape of this dialect: one of its types."""
    payload = parsed(frame.data)
    return payload is not None and string(payload, "type") in TYPES


class MistralConversationsDialect(AnswerDialect):
    """Folds the events of one response of a conversation."""

    name = "mistral.conversations"
    rules = OTHER_RULES
    stop_reason_name = DONE_EVENT
    due = (DONE_EVENT, "usage")

    def handle(self, frame: Frame, payload: dict[str, Any]) -> Event:
        """Takes an event by its type."""
        type_ = string(payload, "type") or frame.event
        self.answer.model = self.answer.model or string(payload, "model")
        match type_:
            case "conversation.response.started":
                self.answer.id = string(payload, "conversation_id")
                return self.start(frame, type_)
            case "conversation.response.done":
                self.answer.usage = usage_from(mapping(payload, "usage"))
                return self.end(frame, type_, None)
            case "conversation.response.error":
                return self.fail(frame, payload | {"type": str(payload.get("code") or "error")})
            case "message.output.delta":
                return self._message(frame, type_, payload)
            case "function.call.delta":
                return self._call(frame, type_, payload)
            case "tool.execution.done":
                _put_execution(self.answer, payload)
                return self.structure(frame, type_, string(payload, "name"))
            case "tool.execution.started" | "agent.handoff.started" | "agent.handoff.done":
                name = string(payload, "name") or string(payload, "next_agent_name")
                return self.structure(frame, type_, name)
        return self.other(frame, type_)

    def _message(self, frame: Frame, type_: str, payload: dict[str, Any]) -> Event:
        content, key = payload.get("content"), _key(payload)
        if isinstance(content, str):
            return self.text(frame, type_, content, *key)
        chunk = content if isinstance(content, dict) else {}
        match chunk.get("type"):
            case "text":
                return self.text(frame, type_, string(chunk, "text"), *key)
            case "thinking":
                return self.thinking(frame, type_, _thinking(chunk), *key)
        self.answer.put(OtherPart(string(chunk, "type") or "unknown", json_text(chunk)))
        return self.structure(frame, type_, string(chunk, "type"))

    def _call(self, frame: Frame, type_: str, payload: dict[str, Any]) -> Event:
        key = string(payload, "tool_call_id")
        call = self.answer.call(key)
        call.id, call.name = key, string(payload, "name") or call.name
        return self.arguments(frame, type_, _arguments(payload), key)


def whole_message(payload: Any) -> Message | None:
    """The message of a response that was not streamed, or None if it is none."""
    if not isinstance(payload, dict) or payload.get("object") != "conversation.response":
        return None
    answer = Answer()
    answer.id = string(payload, "conversation_id")
    answer.usage = usage_from(mapping(payload, "usage"))
    for index, output in enumerate(mappings(payload, "outputs")):
        answer.model = answer.model or string(output, "model")
        match output.get("type"):
            case "message.output":
                _add_message(answer, str(index), output)
            case "function.call":
                call = answer.call(str(index))
                call.id, call.name = string(output, "tool_call_id"), string(output, "name")
                call.text.add(_arguments(output))
                call.finished = True
            case _:
                _put_execution(answer, output)
    return answer.message()


def _add_message(answer: Answer, key: str, output: dict[str, Any]) -> None:
    answer.text(key).text.add(string(output, "content"))
    for chunk in mappings(output, "content"):
        match chunk.get("type"):
            case "text":
                answer.text(key).text.add(string(chunk, "text"))
            case "thinking":
                answer.thinking(key).text.add(_thinking(chunk))
            case type_:
                answer.put(OtherPart(str(type_), json_text(chunk)))


def _put_execution(answer: Answer, payload: dict[str, Any]) -> None:
    answer.put(OtherPart(string(payload, "type") or "unknown", json_text(payload)))


def _thinking(chunk: dict[str, Any]) -> str:
    pieces = "".join(string(piece, "text") for piece in mappings(chunk, "thinking"))
    return pieces or string(chunk, "thinking")


def _arguments(payload: dict[str, Any]) -> str:
    arguments = payload.get("arguments")
    return json_text(arguments) if isinstance(arguments, dict) else string(payload, "arguments")


def _key(payload: dict[str, Any]) -> tuple[str, str]:
    return (str(number(payload, "output_index") or 0), str(number(payload, "content_index") or 0))
