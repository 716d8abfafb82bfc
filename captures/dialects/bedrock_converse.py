"""The Converse dialect: ``POST /model/…/converse-stream`` of Amazon Bedrock.

messageStart, then content blocks one after the other (contentBlockStart for calls of tools alone,
contentBlockDelta*, contentBlockStop), then messageStop with the stopReason, then metadata with the
usage. Amazon Nova sends the same within the chunks of InvokeModelWithResponseStream.
"""

from __future__ import annotations

from typing import Any

from captures.dialects.answer import Answer
from captures.dialects.base import Event, EventKind
from captures.dialects.bedrock import BedrockDialect, failure, usage_in
from captures.dialects.payload import json_text, mapping, mappings, number, parsed, string
from captures.findings.aws import CONVERSE_NO_METADATA, CONVERSE_OUT_OF_ORDER
from captures.findings.rule import Complaint
from captures.message import Message, OtherPart
from captures.sse import Frame

EVENTS = frozenset(
    {
        "messageStart",
        "contentBlockStart",
        "contentBlockDelta",
        "contentBlockStop",
        "messageStop",
        "metadata",
    }
)


def recognises(frame: Frame) -> bool:
    """Whether a message is one of this dialect, or an exception."""
    return frame.is_error or (frame.event in EVENTS and parsed(frame.data) is not None)


class ConverseDialect(BedrockDialect):
    """Folds the events of one message."""

    name = "bedrock.converse"
    stop_reason_name = "stopReason"
    due = ("stopReason", "messageStop", "usage", "metadata")
    may_follow = frozenset({"metadata"})

    def __init__(self) -> None:
        super().__init__()
        self._has_begun = False
        self._has_metadata = False
        self._begun: set[int] = set()
        self._stopped: set[int] = set()

    def handle(self, frame: Frame, payload: dict[str, Any]) -> Event:
        """Takes an event by its type."""
        if frame.is_error:
            return self.fail(frame, failure(frame), frame.event)
        return self.take(frame, frame.event, payload)

    def finish(self) -> tuple[Complaint, ...]:
        """What is missing: the end of the message, or the metadata behind it."""
        if self.failed or not self.ended:
            return super().finish()
        due = Complaint(CONVERSE_NO_METADATA, "it ended after messageStop")
        return () if self._has_metadata else (due,)

    @property
    def finished(self) -> bool:
        """Whether the metadata or an error has come."""
        return self._has_metadata or self.failed

    @property
    def missing(self) -> tuple[str, ...]:
        """What is still due."""
        if self.finished:
            return () if self.may_end else self.due[:2]
        return self.due[2:] if self.ended else self.due

    def take(self, frame: Frame, type_: str, payload: dict[str, Any]) -> Event:
        """Takes the payload of an event of this type."""
        index = number(payload, "contentBlockIndex") or 0
        if type_.startswith("contentBlock"):
            self._check_order(type_, index)
        match type_:
            case "messageStart":
                return self._start(frame)
            case "contentBlockStart":
                return self._block(frame, mapping(payload, "start"), index)
            case "contentBlockDelta":
                return self._delta(frame, mapping(payload, "delta"), index)
            case "contentBlockStop":
                self._stopped.add(index)
                return self.structure(frame, type_)
            case "messageStop":
                ending = self.end(frame, type_, string(payload, "stopReason") or None)
                return Event(frame, EventKind.STOP_REASON, type_, "", ending.stop_reason)
            case "metadata":
                self._has_metadata = True
                self.answer.usage = usage_in(mapping(payload, "usage"))
                tokens = self.answer.usage.output_tokens
                account = "" if tokens is None else f"{tokens} output tokens"
                return Event(frame, EventKind.TERMINAL, type_, account)
        return self.other(frame, type_)

    def _check_order(self, type_: str, index: int) -> None:
        if not self._has_begun:
            self.complaints.once(CONVERSE_OUT_OF_ORDER, f"{type_} before messageStart")
        elif index in self._stopped:
            self.complaints.once(CONVERSE_OUT_OF_ORDER, f"{type_} for block {index}, which stopped")
        elif type_ == "contentBlockStart" and index in self._begun:
            self.complaints.once(CONVERSE_OUT_OF_ORDER, f"block {index} starts a second time")
        self._begun.add(index)

    def _start(self, frame: Frame) -> Event:
        if self._has_begun:
            detail = f"messageStart a second time, {self.position}"
            self.complaints.once(CONVERSE_OUT_OF_ORDER, detail)
            self.earlier = (*self.earlier, self.answer.message())
            self.answer, self.ended, self._has_metadata = Answer(), "", False
            self._begun, self._stopped = set(), set()
        self._has_begun = True
        return self.start(frame, "messageStart")

    def _block(self, frame: Frame, start: dict[str, Any], index: int) -> Event:
        use = mapping(start, "toolUse")
        if use:
            call = self.answer.call(str(index))
            call.id, call.name = string(use, "toolUseId"), string(use, "name")
            return self.structure(frame, "contentBlockStart", f"toolUse {call.name}")
        kind = next(iter(start), "")
        if kind:
            self.answer.put(OtherPart(kind, json_text(start[kind])))
        return self.structure(frame, "contentBlockStart", kind)

    def _delta(self, frame: Frame, delta: dict[str, Any], index: int) -> Event:
        key, type_ = str(index), "contentBlockDelta"
        if isinstance(delta.get("text"), str):
            return self.text(frame, type_, delta["text"], key)
        if isinstance(delta.get("toolUse"), dict):
            return self.arguments(frame, type_, string(delta["toolUse"], "input"), key)
        if isinstance(delta.get("reasoningContent"), dict):
            return self.thinking(frame, type_, string(delta["reasoningContent"], "text"), key)
        if isinstance(delta.get("citation"), dict):
            self.answer.text(key).citations.append(json_text(delta["citation"]))
            return self.structure(frame, type_, "citation")
        return self.other(frame, type_)


class NovaDialect(ConverseDialect):
    """Folds the same events where each stands within a chunk, under its type."""

    def handle(self, frame: Frame, payload: dict[str, Any]) -> Event:
        """Takes a chunk by the type that is in it."""
        type_ = next((name for name in payload if name in EVENTS), "")
        if not type_:
            return self.other(frame, frame.event)
        return self.take(frame, type_, mapping(payload, type_))


def whole_message(payload: Any) -> Message | None:
    """The message of an answer of Converse that was not streamed, or None if it is none."""
    if not isinstance(payload, dict) or "stopReason" not in payload:
        return None
    message = mapping(mapping(payload, "output"), "message")
    if not message:
        return None
    answer = Answer()
    for index, block in enumerate(mappings(message, "content")):
        _take_block(answer, block, str(index))
    answer.stop_reason = string(payload, "stopReason") or None
    answer.usage = usage_in(mapping(payload, "usage"))
    return answer.message()


def _take_block(answer: Answer, block: dict[str, Any], key: str) -> None:
    if isinstance(block.get("text"), str):
        answer.text(key).text.add(block["text"])
        return
    reasoning = mapping(mapping(block, "reasoningContent"), "reasoningText")
    if reasoning:
        answer.thinking(key).text.add(string(reasoning, "text"))
        return
    use = mapping(block, "toolUse")
    if use:
        call = answer.call(key)
        call.id, call.name = string(use, "toolUseId"), string(use, "name")
        call.text.add(json_text(use.get("input") or {}))
        call.finished = True
        return
    for kind, value in list(block.items())[:1]:
        answer.put(OtherPart(kind, json_text(value)))
