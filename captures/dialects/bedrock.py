"""What the dialects of Amazon Bedrock share."""

from __future__ import annotations

from typing import Any

from captures.dialects.answer_dialect import AnswerDialect
from captures.dialects.base import Event
from captures.dialects.payload import mapping, number, parsed, string
from captures.findings.aws import BEDROCK_RULES, PAYLOAD_NOT_JSON
from captures.message import Usage
from captures.sse import Frame


class BedrockDialect(AnswerDialect):
    """Folds the messages of one event stream; an exception ends it."""

    rules = BEDROCK_RULES
    may_append_done = False

    def handle_text(self, frame: Frame) -> Event:
        """A message whose payload is no JSON object."""
        if frame.is_error:
            return self.fail(frame, failure(frame), frame.event)
        self.complaints.add(PAYLOAD_NOT_JSON, f"{frame.event}: {frame.data[:80]}")
        return self.other(frame, frame.event)


def failure(frame: Frame) -> dict[str, Any]:
    """The error that an exception is: its type stands in the message's headers."""
    payload = parsed(frame.data)
    words = frame.data
    if payload is not None:
        words = string(payload, "message") or string(payload, "Message")
    return {"type": frame.event, "message": words}


def usage_in(usage: dict[str, Any]) -> Usage:
    """A usage as Converse tells it."""
    return Usage(
        input_tokens=number(usage, "inputTokens"),
        output_tokens=number(usage, "outputTokens"),
        cache_read_tokens=number(usage, "cacheReadInputTokens"),
        cache_write_tokens=number(usage, "cacheWriteInputTokens"),
    )


def metrics_in(payload: dict[str, Any]) -> Usage:
    """The counts that Bedrock adds to a model's last chunk."""
    metrics = mapping(payload, "amazon-bedrock-invocationMetrics")
    return Usage(
        input_tokens=number(metrics, "inputTokenCount"),
        output_tokens=number(metrics, "outputTokenCount"),
        cache_read_tokens=number(metrics, "cacheReadInputTokenCount"),
        cache_write_tokens=number(metrics, "cacheWriteInputTokenCount"),
    )
