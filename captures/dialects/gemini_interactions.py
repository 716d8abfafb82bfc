"""The dialect of Gemini's interactions: ``POST /v1beta/interactions`` with ``stream: true``.

After the types of google-genai: interaction.created, then steps that start, grow by deltas and
stop, keyed by ``index``, then interaction.completed with the status and the usage, then ``[DONE]``.
The preview of the protocol said content.* for step.*, interaction.start and interaction.complete.
A stream that is resumed begins in the middle.
"""

from __future__ import annotations

from typing import Any

from captures.dialects.answer import Answer
from captures.dialects.answer_dialect import AnswerDialect
from captures.dialects.base import Event
from captures.dialects.payload import (
    error_from,
    json_text,
    mapping,
    mappings,
    number,
    parsed,
    string,
)
from captures.findings.gemini_interactions import (
    INTERACTION_RULES,
    INTERACTION_STEP_NEVER_STARTED,
)
from captures.message import Message, OtherPart, Usage
from captures.sse import Frame

PREVIEW_TYPES = {
    "interaction.start": "interaction.created",
    "interaction.complete": "interaction.completed",
    "content.start": "step.start",
    "content.delta": "step.delta",
    "content.stop": "step.stop",
}
"""What the events of the preview are called today."""


def recognises(frame: Frame) -> bool:
    """Whether an event has the shape of this dialect: its event_type is one of an interaction's."""
    payload = parsed(frame.data)
    return payload is not None and string(payload, "event_type").startswith(
        ("interaction.", "step.", "content.")
    )


class GeminiInteractionsDialect(AnswerDialect):
    """Folds the events of one interaction."""

    name = "gemini.interactions"
    rules = INTERACTION_RULES
    stop_reason_name = "status"
    due = ("status", "usage", "interaction.completed")

    def __init__(self) -> None:
        super().__init__()
        self._steps: dict[str, dict[str, Any]] = {}
        """The steps that have started, as they stood then."""
        self._created = False

    def handle(self, frame: Frame, payload: dict[str, Any]) -> Event:
        """Takes an event by its type."""
        type_ = string(payload, "event_type") or frame.event
        index = str(number(payload, "index") or 0)
        match PREVIEW_TYPES.get(type_, type_):
            case "interaction.created":
                self._created = True
                _take_interaction(self.answer, mapping(payload, "interaction"))
                return self.start(frame, type_)
            case "interaction.completed":
                return self._complete(frame, type_, mapping(payload, "interaction"))
            case "error":
                return self.fail(frame, payload.get("error"))
            case "step.start":
                self._steps[index] = mapping(payload, "step") or mapping(payload, "content")
                _take_step(self.answer, index, self._steps[index])
                return self.structure(frame, type_, _account(self._steps[index]))
            case "step.delta":
                self._check_started(index)
                return self._delta(frame, type_, mapping(payload, "delta"), index)
            case "step.stop":
                return self.structure(frame, type_)
            case "interaction.status_update":
                return self.structure(frame, type_, string(payload, "status"))
        return self.other(frame, type_)

    def _check_started(self, index: str) -> None:
        if self._created and index not in self._steps:
            self._steps[index] = {}
            self.complaints.add(INTERACTION_STEP_NEVER_STARTED, f"step.delta for step {index}")

    def _delta(self, frame: Frame, type_: str, delta: dict[str, Any], index: str) -> Event:
        kind = string(delta, "type")
        match kind:
            case "text":
                return self.text(frame, type_, string(delta, "text"), index)
            case "thought_summary":
                piece = string(mapping(delta, "content"), "text")
                return self.thinking(frame, type_, piece, index)
            case "arguments_delta":
                return self.arguments(frame, type_, string(delta, "arguments"), index)
            case "text_annotation_delta":
                citations = [json_text(entry) for entry in mappings(delta, "annotations")]
                self.answer.text(index).citations.extend(citations)
            case "function_call":
                _take_step(self.answer, index, delta)
            case "thought_signature":
                pass
            case _:
                self._put(kind, delta, index)
        return self.structure(frame, type_, _account(delta))

    def _put(self, kind: str, delta: dict[str, Any], index: str) -> None:
        """A part that comes whole: the rest of the step as it started, or one of its contents."""
        step = self._steps.get(index, {})
        if step.get("type") == kind:
            self._steps[index] = {}
            self.answer.put(OtherPart(kind, json_text(step | delta)), index)
        else:
            self.answer.put(OtherPart(kind or "unknown", json_text(delta)))

    def _complete(self, frame: Frame, type_: str, interaction: dict[str, Any]) -> Event:
        _take_interaction(self.answer, interaction)
        return self.end(frame, type_, string(interaction, "status") or None)


def whole_message(payload: Any) -> Message | None:
    """The message of an interaction that was not streamed, or None if it is none."""
    if not isinstance(payload, dict) or "status" not in payload:
        return None
    steps = mappings(payload, "steps") or mappings(payload, "outputs")
    if payload.get("object") != "interaction" and not steps:
        return None
    answer = Answer()
    _take_interaction(answer, payload)
    answer.stop_reason = string(payload, "status") or None
    for index, step in enumerate(steps):
        _take_step(answer, str(index), step)
    for call in answer.calls:
        call.finished = True
    if payload.get("error"):
        answer.error = error_from(payload["error"])
    return answer.message()


def _take_interaction(answer: Answer, interaction: dict[str, Any]) -> None:
    answer.id = string(interaction, "id") or answer.id
    name = string(interaction, "model") or string(interaction, "agent")
    answer.model = name or answer.model
    usage = mapping(interaction, "usage")
    if usage:
        answer.usage = Usage(
            input_tokens=number(usage, "total_input_tokens"),
            output_tokens=number(usage, "total_output_tokens"),
            cache_read_tokens=number(usage, "total_cached_tokens"),
            thinking_tokens=number(usage, "total_thought_tokens"),
        )


def _take_step(answer: Answer, index: str, step: dict[str, Any]) -> None:
    """A step as it starts, mostly empty, or as it stands in an answer that was not streamed."""
    match step.get("type"):
        case "text":
            answer.text(index).text.add(string(step, "text"))
        case "model_output":
            for content in mappings(step, "content"):
                _take_content(answer, index, content)
        case "thought":
            for content in mappings(step, "summary"):
                answer.thinking(index).text.add(string(content, "text"))
        case "function_call":
            call = answer.call(index)
            call.id, call.name = string(step, "id"), string(step, "name")
            if mapping(step, "arguments"):
                call.text.add(json_text(step["arguments"]))
        case type_:
            answer.put(OtherPart(str(type_), json_text(step)), index)


def _take_content(answer: Answer, index: str, content: dict[str, Any]) -> None:
    if content.get("type") != "text":
        answer.put(OtherPart(string(content, "type") or "unknown", json_text(content)))
        return
    part = answer.text(index)
    part.text.add(string(content, "text"))
    part.citations.extend(json_text(entry) for entry in mappings(content, "annotations"))


def _account(step: dict[str, Any]) -> str:
    return f"{string(step, 'type')} {string(step, 'name')}".rstrip()
