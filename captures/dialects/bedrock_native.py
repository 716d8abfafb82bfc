"""The native chunks of text models on Amazon Bedrock: Titan, Llama, Mistral and Cohere Command.

Each chunk has a piece of text, and the last one the reason why the model stopped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from captures.dialects.base import Event
from captures.dialects.bedrock import BedrockDialect, metrics_in
from captures.dialects.payload import mappings, number, parsed, string
from captures.message import Usage
from captures.sse import Frame


@dataclass(frozen=True, slots=True)
class _Piece:
    """What a chunk says, whatever the model calls it."""

    text: str
    stop_reason: str
    usage: Usage


def recognises(frame: Frame) -> bool:
    """Whether a chunk is one of these models'."""
    payload = parsed(frame.data)
    return payload is not None and _piece_in(payload) is not None


class NativeTextDialect(BedrockDialect):
    """Folds the chunks of one answer."""

    name = "bedrock.native"
    stop_reason_name = "stop_reason"
    due = ("stop_reason", "usage")

    def handle(self, frame: Frame, payload: dict[str, Any]) -> Event:
        """Takes a chunk."""
        piece = _piece_in(payload)
        if piece is None:
            return self.other(frame, frame.event)
        counted = metrics_in(payload)
        self.answer.usage = Usage(
            _first(counted.input_tokens, piece.usage.input_tokens, self.answer.usage.input_tokens),
            _first(
                counted.output_tokens, piece.usage.output_tokens, self.answer.usage.output_tokens
            ),
        )
        event = self.text(frame, frame.event, piece.text)
        if not piece.stop_reason:
            return event
        ending = self.end(frame, "the last chunk", piece.stop_reason)
        kind = event.kind if piece.text else ending.kind
        return Event(frame, kind, frame.event, piece.text or ending.text, piece.stop_reason)


def _piece_in(payload: dict[str, Any]) -> _Piece | None:
    if "outputText" in payload:
        usage = Usage(
            number(payload, "inputTextTokenCount"), number(payload, "totalOutputTextTokenCount")
        )
        return _Piece(string(payload, "outputText"), string(payload, "completionReason"), usage)
    if "generation" in payload:
        usage = Usage(
            number(payload, "prompt_token_count"), number(payload, "generation_token_count")
        )
        return _Piece(string(payload, "generation"), string(payload, "stop_reason"), usage)
    if isinstance(payload.get("is_finished"), bool):
        return _Piece(string(payload, "text"), string(payload, "finish_reason"), Usage())
    outputs = mappings(payload, "outputs")
    if outputs and "text" in outputs[0]:
        return _Piece(string(outputs[0], "text"), string(outputs[0], "stop_reason"), Usage())
    return None


def _first(*counts: int | None) -> int | None:
    return next((count for count in counts if count is not None), None)
