"""The dialect of AG-UI, the Agent-User Interaction protocol, https://docs.ag-ui.com.

Events whose ``type`` is in capitals: RUN_STARTED, then messages, reasoning, tool calls and steps
that start, grow and end, each under its id and several at a time, then RUN_FINISHED or RUN_ERROR.
Events named ``_CHUNK`` start and end what they belong to by themselves. Another run may follow.
The order is checked as the client of the protocol checks it.
"""

from __future__ import annotations

from typing import Any

from captures.dialects.answer import Answer
from captures.dialects.answer_dialect import AnswerDialect
from captures.dialects.base import Event
from captures.dialects.payload import json_text, mapping, parsed, string
from captures.findings.ag_ui import AG_UI_LEFT_OPEN, AG_UI_ORDER, AG_UI_RULES, AG_UI_WAITS
from captures.message import OtherPart
from captures.sse import Frame

PREFIXES = ("RUN_", "STEP_", "TEXT_MESSAGE_", "TOOL_CALL_", "REASONING_", "THINKING_", "STATE_")
"""How the types begin that tell this dialect from others."""

IDS = {
    "TEXT_MESSAGE": "messageId",
    "REASONING_MESSAGE": "messageId",
    "THINKING_TEXT_MESSAGE": "messageId",
    "TOOL_CALL": "toolCallId",
}
"""The families of events that grow something, and the field of their id."""

CHECKED = {"TEXT_MESSAGE": "message", "TOOL_CALL": "tool call", "STEP": "step"}
"""The families whose order clients check, in words."""


def recognises(frame: Frame) -> bool:
    """Whether an event has the shape of this dialect: its type is one of those in capitals."""
    payload = parsed(frame.data)
    type_ = "" if payload is None else string(payload, "type")
    return type_.isupper() and type_.startswith(PREFIXES)


class AgUiDialect(AnswerDialect):
    """Folds the events of one run after the other."""

    name = "ag-ui"
    rules = AG_UI_RULES
    stop_reason_name = "RUN_FINISHED"
    due = ("RUN_FINISHED",)

    def __init__(self) -> None:
        super().__init__()
        self._running = False
        self._open: dict[tuple[str, str], None] = {}
        """What has started and not ended, in order: family and id."""
        self._chunk_ids: dict[str, str] = {}
        """The id that the chunks of a family without one belong to."""

    def handle(self, frame: Frame, payload: dict[str, Any]) -> Event:
        """Takes an event by its type."""
        type_ = string(payload, "type") or frame.event
        if not self._running and not self.is_over and type_ not in {"RUN_STARTED", "RUN_ERROR"}:
            # A stream is told once that it does not begin with a run.
            self._running = True
            self.complaints.once(AG_UI_ORDER, f"{type_} before RUN_STARTED")
        family, _, verb = type_.rpartition("_")
        match type_:
            case "RUN_STARTED":
                return self._start(frame, type_, payload)
            case "RUN_FINISHED":
                return self._finish(frame, type_, payload)
            case "RUN_ERROR":
                code = string(payload, "code") or "error"
                error = {"type": code, "message": string(payload, "message")}
                return self.fail(frame, error, type_)
            case "STEP_STARTED" | "STEP_FINISHED":
                name = string(payload, "stepName")
                self._check("STEP", verb, name)
                return self.structure(frame, type_, name)
            case "TOOL_CALL_RESULT":
                self.answer.put(OtherPart("tool_result", json_text(payload)))
                return self.structure(frame, type_, string(payload, "content"))
            case "ACTIVITY_SNAPSHOT":
                kind = string(payload, "activityType") or "activity"
                self.answer.put(OtherPart(kind, json_text(payload)), string(payload, "messageId"))
        if family in IDS:
            return self._grow(frame, family, verb, payload)
        return self.other(frame, type_)

    def _start(self, frame: Frame, type_: str, payload: dict[str, Any]) -> Event:
        if self.ended:
            self.earlier = (*self.earlier, self.answer.message())
            self.answer, self.ended = Answer(), ""
        elif self._running:
            self.complaints.once(AG_UI_ORDER, f"{type_} while a run is going on")
        self._running = True
        self._open.clear()
        self.answer.id = string(payload, "runId")
        return self.start(frame, type_)

    def _finish(self, frame: Frame, type_: str, payload: dict[str, Any]) -> Event:
        if self._open and not self.failed:
            left = (f"{CHECKED[family]} {id_}" for family, id_ in self._open)
            self.complaints.add(AG_UI_LEFT_OPEN, f"still open: {', '.join(left)}")
        self._open.clear()
        self._running = False
        outcome = string(mapping(payload, "outcome"), "type") or string(payload, "outcome")
        if payload.get("result") is not None:
            self.answer.put(OtherPart("result", json_text(payload["result"])))
        if outcome == "interrupt":
            self.complaints.add(AG_UI_WAITS, "its outcome is interrupt")
        return self.end(frame, type_, outcome or None)

    def _grow(self, frame: Frame, family: str, verb: str, payload: dict[str, Any]) -> Event:
        type_, id_ = f"{family}_{verb}", string(payload, IDS[family])
        if verb == "CHUNK":
            id_ = self._chunk_ids[family] = id_ or self._chunk_ids.get(family, "")
        else:
            self._check(family, verb, id_)
        piece = string(payload, "delta")
        if family == "TOOL_CALL":
            call = self.answer.call(id_)
            call.id, call.name = id_, string(payload, "toolCallName") or call.name
            if verb == "END":
                self.close(call)
            if piece or verb == "ARGS":
                return self.arguments(frame, type_, piece, id_)
            return self.structure(frame, type_, call.name)
        if not piece and verb != "CONTENT":
            return self.structure(frame, type_)
        if family == "TEXT_MESSAGE":
            return self.text(frame, type_, piece, id_)
        return self.thinking(frame, type_, piece, id_)

    def _check(self, family: str, verb: str, id_: str) -> None:
        """Whether what starts was not open, and what grows or ends was."""
        if family not in CHECKED or self.is_over:
            return
        key, starts = (family, id_), verb in {"START", "STARTED"}
        if starts is (key in self._open):
            what = "is open already" if starts else "is not open"
            self.complaints.once(AG_UI_ORDER, f"{family}_{verb}: {CHECKED[family]} {id_} {what}")
        if starts:
            self._open[key] = None
        elif verb in {"END", "FINISHED"}:
            self._open.pop(key, None)
