"""The Ollama dialect: ``POST /api/chat`` and ``/api/generate``, a JSON object a line.

Lines carry a piece of ``message`` (chat) or of ``response`` (generate); calls of tools come whole.
The line with ``done: true`` has the ``done_reason`` and the counts. An error is a line of its own.
"""

from __future__ import annotations

from typing import Any

from captures.dialects.answer import Answer
from captures.dialects.answer_dialect import AnswerDialect
from captures.dialects.base import Event, EventKind
from captures.dialects.payload import (
    error_from,
    json_text,
    mapping,
    mappings,
    number,
    parsed,
    string,
)
from captures.findings.ndjson import LINE_NOT_JSON, LINES_NO_REASON, LINES_RULES
from captures.message import Message, Usage
from captures.sse import Frame


def recognises(frame: Frame) -> bool:
    """Whether a line has the shape of this dialect: a model, a piece, and whether it is done."""
    payload = parsed(frame.data)
    return payload is not None and _is_answer(payload)


class OllamaDialect(AnswerDialect):
    """Folds the lines of one answer."""

    name = "ollama"
    rules = LINES_RULES
    stop_reason_name = "done_reason"
    due = ("done_reason", "usage", "done")
    may_append_done = False

    @property
    def position(self) -> str:
        """How far the answer has come."""
        position = super().position
        return "after a tool call" if position == "in the tool arguments" else position

    def handle(self, frame: Frame, payload: dict[str, Any]) -> Event:
        """Takes a line."""
        if payload.get("error"):
            return self.fail(frame, payload["error"])
        had_model, had_ended = bool(self.answer.model), self.ended
        deltas = _add(self.answer, payload)
        last = self._end(frame, payload) if payload.get("done") is True else None
        if last is not None and had_ended:
            self.complaints.once(self.rules.after_end, f"{had_ended} a second time")
        if deltas:
            kind, type_, text = deltas[0]
            return Event(frame, kind, type_, text, last.stop_reason if last else None)
        if last is not None:
            return last
        if "done" not in payload:
            return self.other(frame, frame.event)
        return self.structure(frame, "line") if had_model else self.start(frame, "line")

    def handle_text(self, frame: Frame) -> Event:
        """A line that is no JSON object."""
        self.complaints.add(LINE_NOT_JSON, frame.data[:80])
        return self.other(frame, frame.event)

    def _end(self, frame: Frame, payload: dict[str, Any]) -> Event:
        reason = string(payload, "done_reason") or None
        if reason is None:
            self.complaints.once(LINES_NO_REASON, "done is true without a done_reason")
        return self.end(frame, "done", reason)


def whole_message(payload: Any) -> Message | None:
    """The message of an answer that was not streamed, or None if it is none."""
    if not isinstance(payload, dict) or not _is_answer(payload) or payload["done"] is not True:
        return None
    answer = Answer()
    _add(answer, payload)
    answer.stop_reason = string(payload, "done_reason") or None
    if payload.get("error"):
        answer.error = error_from(payload["error"])
    return answer.message()


def _is_answer(payload: dict[str, Any]) -> bool:
    has_piece = isinstance(payload.get("message"), dict) or isinstance(payload.get("response"), str)
    return has_piece and isinstance(payload.get("done"), bool) and bool(string(payload, "model"))


def _add(answer: Answer, payload: dict[str, Any]) -> list[tuple[EventKind, str, str]]:
    """Adds a line to the answer; says of what kind its pieces are, text first."""
    answer.model = answer.model or string(payload, "model")
    message = mapping(payload, "message")
    source, prefix = (message, "message.") if message else (payload, "")
    name = "content" if message else "response"
    deltas = []
    thought = string(source, "thinking")
    if thought:
        answer.thinking().text.add(thought)
        deltas.append((EventKind.THINKING, f"{prefix}thinking", thought))
    text = string(source, name)
    if text:
        answer.text().text.add(text)
        deltas.insert(0, (EventKind.TEXT, f"{prefix}{name}", text))
    calls = [_add_call(answer, fields) for fields in mappings(source, "tool_calls")]
    deltas += [(EventKind.TOOL, f"{prefix}tool_calls", arguments) for arguments in calls]
    if payload.get("done") is True:
        answer.usage = Usage(number(payload, "prompt_eval_count"), number(payload, "eval_count"))
    return deltas


def _add_call(answer: Answer, fields: dict[str, Any]) -> str:
    function = mapping(fields, "function")
    call = answer.call(str(len(answer.calls)))
    call.id, call.name = string(fields, "id"), string(function, "name")
    arguments = function.get("arguments")
    text = arguments if isinstance(arguments, str) else json_text(arguments or {})
    call.text.add(text)
    call.finished = True
    return text
