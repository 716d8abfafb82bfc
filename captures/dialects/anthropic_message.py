"""Builds the message out of the payloads of the Anthropic Messages API."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from captures.dialects.payload import json_text, mapping, string
from captures.growing_text import GrowingText
from captures.message import (
    Message,
    OtherPart,
    Part,
    StreamError,
    Text,
    Thinking,
    ToolCall,
    Usage,
)

TOOL_BLOCKS = frozenset({"tool_use", "server_tool_use", "mcp_tool_use"})

_DELTA_FIELDS = {
    "text_delta": "text",
    "thinking_delta": "thinking",
    "input_json_delta": "partial_json",
}


@dataclass(slots=True)
class _Block:
    """A content block under construction."""

    type: str
    content: dict[str, Any]
    text: GrowingText = field(default_factory=GrowingText)
    finished: bool = False

    def part(self) -> Part:
        text = self.text.text
        match self.type:
            case "text":
                return Text(text)
            case "thinking":
                return Thinking(text)
            case type_ if type_ in TOOL_BLOCKS:
                return ToolCall(
                    string(self.content, "id"),
                    string(self.content, "name"),
                    text or self._whole_input(),
                    self.finished,
                )
            case _:
                return OtherPart(self.type, json_text(self.content))

    def _whole_input(self) -> str:
        """The arguments of a call that came whole, with no deltas."""
        arguments = self.content.get("input")
        return json_text(arguments) if arguments else ""


class MessageBuilder:
    """The message of one stream as it adds up. Tolerates any payload."""

    def __init__(self) -> None:
        self._id = ""
        self._model = ""
        self._blocks: dict[int, _Block] = {}
        self._usage: dict[str, int] = {}
        self._error: StreamError | None = None
        self.stop_reason: str | None = None

    @property
    def has_blocks(self) -> bool:
        """Whether any content block has started."""
        return bool(self._blocks)

    @property
    def usage(self) -> Usage:
        """The usage as far as it has come."""
        return Usage(
            input_tokens=self._usage.get("input_tokens"),
            output_tokens=self._usage.get("output_tokens"),
            thinking_tokens=self._usage.get("thinking_tokens"),
            cache_read_tokens=self._usage.get("cache_read_input_tokens"),
            cache_write_tokens=self._usage.get("cache_creation_input_tokens"),
        )

    def block_type(self, index: int) -> str:
        """Type of the block at this index, or ``unknown``."""
        block = self._blocks.get(index)
        return block.type if block else "unknown"

    def start(self, message: Any) -> None:
        """Takes the ``message`` of a message_start."""
        if not isinstance(message, dict):
            return
        self._id = string(message, "id")
        self._model = string(message, "model")
        self._take_usage(message.get("usage"))

    def start_block(self, index: int, content: Any) -> str:
        """Opens a block; returns a short account of it."""
        content = content if isinstance(content, dict) else {}
        block = _Block(string(content, "type") or "unknown", content)
        initial = content.get("text") if block.type == "text" else content.get("thinking")
        if isinstance(initial, str) and initial:
            block.text.add(initial)
        self._blocks[index] = block
        name = string(content, "name")
        return f"{block.type} {name}" if name else block.type

    def add_delta(self, index: int, delta: dict[str, Any]) -> None:
        """Adds a delta's text to its block; a block never opened is opened by its delta."""
        field_name = _DELTA_FIELDS.get(str(delta.get("type")))
        text = delta.get(field_name) if field_name else None
        if not isinstance(text, str):
            return
        block = self._blocks.get(index)
        if block is None:
            block = self._blocks[index] = _Block("text", {})
        block.text.add(text)

    def stop_block(self, index: int) -> Part | None:
        """Closes a block and returns what it came to, if it was ever opened."""
        block = self._blocks.get(index)
        if block is None:
            return None
        block.finished = True
        return block.part()

    def end(self, delta: Any, usage: Any) -> None:
        """Takes the ``delta`` and ``usage`` of a message_delta."""
        reason = delta.get("stop_reason") if isinstance(delta, dict) else None
        if isinstance(reason, str):
            self.stop_reason = reason
        self._take_usage(usage)

    def fail(self, error: StreamError) -> None:
        """Takes the error that ends the stream."""
        self._error = error

    def message(self) -> Message:
        """The message as far as it has come."""
        return Message(
            id=self._id,
            model=self._model,
            parts=tuple(self._blocks[index].part() for index in sorted(self._blocks)),
            stop_reason=self.stop_reason,
            usage=self.usage,
            error=self._error,
        )

    def _take_usage(self, usage: Any) -> None:
        """message_delta's usage is cumulative and partial: a field that is there overwrites."""
        if isinstance(usage, dict):
            usage = usage | mapping(usage, "output_tokens_details")
            self._usage.update(
                {name: count for name, count in usage.items() if isinstance(count, int)}
            )


def whole_message(payload: Any) -> Message | None:
    """The message of a response that was not streamed, or None if it is none."""
    if not isinstance(payload, dict):
        return None
    builder = MessageBuilder()
    if payload.get("type") == "error":
        builder.fail(error_in(payload))
        return builder.message()
    if payload.get("type") != "message":
        return None
    builder.start(payload)
    content = payload.get("content")
    for index, block in enumerate(content if isinstance(content, list) else []):
        builder.start_block(index, block)
        if isinstance(block, dict) and block.get("type") in TOOL_BLOCKS:
            arguments = json_text(block.get("input"))
            builder.add_delta(index, {"type": "input_json_delta", "partial_json": arguments})
        builder.stop_block(index)
    builder.end(payload, None)
    return builder.message()


def error_in(payload: dict[str, Any]) -> StreamError:
    """The error of an ``error`` event or an error response."""
    error = payload.get("error")
    if not isinstance(error, dict):
        return StreamError("error", "")
    return StreamError(string(error, "type") or "error", string(error, "message"))
