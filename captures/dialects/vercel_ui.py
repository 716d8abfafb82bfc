"""The dialect of Vercel's AI SDK since its version 5: the UI message stream.

https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol. Events without a name, each a chunk with a
``type``: start, then texts and reasoning that start, grow and end under their ids, tool calls
under theirs, sources, files and data of the application, then finish, then ``[DONE]``. An
application may write streams of its own: only ``[DONE]`` is sure. Streams may be merged into one,
so that start and finish come several times.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from captures.dialects.answer_dialect import DONE, AnswerDialect
from captures.dialects.base import Event
from captures.dialects.payload import json_text, parsed, string
from captures.findings.vercel_ui import (
    VERCEL_NEVER_STARTED,
    VERCEL_RULES,
    VERCEL_TOOL_FAILED,
)
from captures.message import OtherPart
from captures.sse import Frame

HEADER = "x-vercel-ai-ui-message-stream"
"""The response header that names this protocol."""

FIELDS: dict[str, tuple[str, ...]] = {
    "start": (),
    "start-step": (),
    "finish-step": (),
    "finish": (),
    "abort": (),
    "message-metadata": ("messageMetadata",),
    "error": ("errorText",),
    "text-start": ("id",),
    "text-delta": ("id", "delta"),
    "text-end": ("id",),
    "reasoning-start": ("id",),
    "reasoning-delta": ("id", "delta"),
    "reasoning-end": ("id",),
    "tool-input-start": ("toolCallId", "toolName"),
    "tool-input-delta": ("toolCallId", "inputTextDelta"),
    "tool-input-available": ("toolCallId", "toolName"),
    "tool-input-error": ("toolCallId", "errorText"),
    "tool-output-available": ("toolCallId",),
    "tool-output-error": ("toolCallId", "errorText"),
    "tool-output-denied": ("toolCallId",),
    "tool-approval-request": ("toolCallId", "approvalId"),
    "source-url": ("sourceId", "url"),
    "source-document": ("sourceId", "mediaType"),
    "file": ("url", "mediaType"),
}
"""The types of chunks, and the fields that each must have."""

_ALONE = frozenset({"type", "messageId", "messageMetadata", "finishReason", "reason"})
"""What else may stand in chunks that need no field."""


def recognises(frame: Frame) -> bool:
    """Whether an event has the shape of this dialect: a chunk of a known type with its fields."""
    payload = parsed(frame.data)
    if payload is None or frame.event != "message":
        return False
    type_ = string(payload, "type")
    if type_.startswith("data-"):
        return "data" in payload
    fields = FIELDS.get(type_)
    if fields is None:
        return False
    return set(payload) <= _ALONE if not fields else all(name in payload for name in fields)


class VercelUiDialect(AnswerDialect):
    """Folds the chunks of one message."""

    name = "vercel.ui"
    rules = VERCEL_RULES
    stop_reason_name = "finish"
    due = ("finish", DONE)

    def __init__(self) -> None:
        super().__init__()
        self._open: set[tuple[str, str]] = set()
        """The texts and reasoning that have started: kind and id."""

    @property
    def complete(self) -> bool:
        """Whether finish or ``[DONE]`` has come."""
        return bool(self.ended) or self.done

    @property
    def is_over(self) -> bool:
        """Whether ``[DONE]`` has come: behind finish there may be another merged stream."""
        return self.done

    def handle(self, frame: Frame, payload: dict[str, Any]) -> Event:
        """Takes a chunk by its type."""
        type_ = string(payload, "type") or frame.event
        kind, _, verb = type_.partition("-")
        match type_:
            case "start":
                self.answer.id = string(payload, "messageId") or self.answer.id
                return self.start(frame, type_)
            case "finish":
                return self.end(frame, type_, string(payload, "finishReason") or None)
            case "abort":
                ended = self.end(frame, type_, type_)
                return replace(ended, text=string(payload, "reason"))
            case "error":
                return self.fail(frame, string(payload, "errorText"))
            case "finish-step":
                # The client forgets what was open in a step.
                self._open.clear()
                return self.structure(frame, type_)
            case "source-url" | "source-document" | "file":
                self.answer.put(OtherPart(type_, json_text(payload)))
                return self.structure(frame, type_, string(payload, "url"))
        if kind in {"text", "reasoning"}:
            return self._grow(frame, kind, verb, payload)
        if kind == "tool":
            return self._tool(frame, type_, payload)
        if kind == "data" and payload.get("transient") is not True:
            id_ = string(payload, "id")
            self.answer.put(OtherPart(type_, json_text(payload)), *((type_, id_) if id_ else ()))
        known = kind == "data" or type_ in FIELDS
        return self.structure(frame, type_) if known else self.other(frame, type_)

    def _grow(self, frame: Frame, kind: str, verb: str, payload: dict[str, Any]) -> Event:
        type_, key = f"{kind}-{verb}", (kind, string(payload, "id"))
        if verb == "start":
            self._open.add(key)
        elif key not in self._open and not self.is_over:
            self.complaints.once(VERCEL_NEVER_STARTED, f"{type_} for {key[1]}")
        if verb == "end":
            self._open.discard(key)
        if verb != "delta":
            return self.structure(frame, type_)
        grow = self.text if kind == "text" else self.thinking
        return grow(frame, type_, string(payload, "delta"), key[1])

    def _tool(self, frame: Frame, type_: str, payload: dict[str, Any]) -> Event:
        id_ = string(payload, "toolCallId")
        if type_ == "tool-input-delta" and not self.answer.has_call(id_) and not self.is_over:
            self.complaints.once(VERCEL_NEVER_STARTED, f"{type_} for {id_}")
        if type_.startswith("tool-input-"):
            return self._input(frame, type_, id_, payload)
        if type_ == "tool-output-error":
            self.complaints.add(VERCEL_TOOL_FAILED, string(payload, "errorText"))
        # Preliminary outputs are replaced by the ones that follow.
        self.answer.put(OtherPart("tool_output", json_text(payload)), type_, id_)
        return self.structure(frame, type_, string(payload, "errorText"))

    def _input(self, frame: Frame, type_: str, id_: str, payload: dict[str, Any]) -> Event:
        call = self.answer.call(id_)
        call.id, call.name = id_, string(payload, "toolName") or call.name
        if type_ == "tool-input-delta":
            return self.arguments(frame, type_, string(payload, "inputTextDelta"), id_)
        if type_ == "tool-input-error":
            call.finished = call.judged = True
            self.complaints.add(VERCEL_TOOL_FAILED, string(payload, "errorText"))
        if type_ == "tool-input-available":
            if not call.text and payload.get("input") is not None:
                call.text.add(json_text(payload["input"]))
            self.close(call)
        return self.structure(frame, type_, call.name)
