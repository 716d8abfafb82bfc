"""The watsonx dialect: IBM's ``/ml/v1/text/generation_stream``.

Every event holds ``results``; the last one has another stop_reason than ``not_finished``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from captures.dialects.answer_dialect import AnswerDialect
from captures.dialects.base import Event
from captures.dialects.payload import mappings, number, parsed, string
from captures.findings.other_protocols import OTHER_RULES
from captures.message import Message, Text, Usage
from captures.sse import Frame

NOT_FINISHED = "not_finished"
"""The stop_reason while more is to come; some servers write it in capitals."""


def recognises(frame: Frame) -> bool:
    """Whether an event has the shape of this dialect: results with generated text."""
    payload = parsed(frame.data)
    return payload is not None and _results(payload) != []


class WatsonxDialect(AnswerDialect):
    """Folds the events of one generated text."""

    name = "watsonx.generation"
    rules = OTHER_RULES
    stop_reason_name = "stop_reason"
    due = ("stop_reason", "usage")

    def handle(self, frame: Frame, payload: dict[str, Any]) -> Event:
        """Takes results or errors."""
        errors = mappings(payload, "errors")
        if errors or frame.event == "error":
            return self.fail(frame, errors[0] if errors else payload)
        self.answer.model = self.answer.model or string(payload, "model_id")
        results = _results(payload)
        if not results:
            return self.other(frame, frame.event)
        self.answer.usage = _added(self.answer.usage, results[0])
        event = self.text(frame, "generated_text", string(results[0], "generated_text"))
        reason = _stop_reason(results[0])
        if reason is None:
            return event
        ended = self.end(frame, "stop_reason", reason)
        return replace(event, stop_reason=reason) if event.text else ended


def whole_message(payload: Any) -> Message | None:
    """The message of a text that was not streamed, or None if it is none."""
    results = _results(payload) if isinstance(payload, dict) else []
    if not results:
        return None
    return Message(
        model=string(payload, "model_id"),
        parts=(Text(string(results[0], "generated_text")),),
        stop_reason=_stop_reason(results[0]),
        usage=_added(Usage(), results[0]),
    )


def _results(payload: dict[str, Any]) -> list[dict[str, Any]]:
    return [result for result in mappings(payload, "results") if "generated_text" in result]


def _stop_reason(result: dict[str, Any]) -> str | None:
    reason = string(result, "stop_reason")
    return None if reason.lower() in {"", NOT_FINISHED} else reason


def _added(usage: Usage, result: dict[str, Any]) -> Usage:
    """The counts so far: the input's is told once, the output's is a running total."""
    counts = number(result, "input_token_count"), number(result, "generated_token_count")
    return Usage(
        input_tokens=counts[0] or usage.input_tokens,
        output_tokens=usage.output_tokens if counts[1] is None else counts[1],
    )
