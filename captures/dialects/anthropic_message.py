"""Builds the message out of the payloads of the Anthropic Messages API."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from captures.dialects.payload import json_text, mapping, mappings, number, parsed, string
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
    "compaction_delta": "content",
}

_COUNTS = (
    "input_tokens",
    "output_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
)


@dataclass(slots=True)
class _Block:
    """A content block under construction."""

    type: str
    id: str = ""
    name: str = ""
    whole: str = ""
    """JSON text of what came whole in content_block_start: a call's input, or all of the block."""
    text: GrowingText = field(default_factory=GrowingText)
    citations: list[str] = field(default_factory=list)
    signature: str = ""
    encrypted_content: str = ""
    finished: bool = False

    def part(self) -> Part:
        text = self.text.text
        match self.type:
            case "text":
                return Text(text, tuple(self.citations))
            case "thinking":
                return Thinking(text, self.signature)
            case "compaction":
                return OtherPart(self.type, self._compaction(text))
            case type_ if type_ in TOOL_BLOCKS:
                return ToolCall(self.id, self.name, text or self.whole, self.finished)
            case _:
                return OtherPart(self.type, self.whole)

    def _compaction(self, content: str) -> str:
        """The block as its deltas have filled it."""
        filled = {"content": content, "encrypted_content": self.encrypted_content}
        found = {name: value for name, value in filled.items() if value}
        return json_text((parsed(self.whole) or {}) | found)


class MessageBuilder:
    """The message of one stream as it adds up. Tolerates any payload."""

    def __init__(self) -> None:
        self._id = ""
        self._model = ""
        self._blocks: list[_Block] = []
        self._by_index: dict[int, _Block] = {}
        self._usage: dict[str, int] = {}
        self._error: StreamError | None = None
        self.stop_reason: str | None = None

    @property
    def id(self) -> str:
        """The message's id, once message_start has told it."""
        return self._id

    @property
    def model(self) -> str:
        """The model that answers: after a fallback the one that took over."""
        return self._model

    @property
    def has_blocks(self) -> bool:
        """Whether any content block has started."""
        return bool(self._blocks)

    @property
    def client_calls(self) -> list[str]:
        """Names of the tools that the client is to run."""
        return [block.name for block in self._blocks if block.type == "tool_use"]

    @property
    def unsigned_thinking(self) -> bool:
        """Whether a thinking block has stopped without its signature."""
        return any(
            block.type == "thinking" and block.finished and not block.signature
            for block in self._blocks
        )

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
        block = self._by_index.get(index)
        return block.type if block else "unknown"

    def start(self, message: dict[str, Any]) -> None:
        """Takes the ``message`` of a message_start, or a whole one, with any content it has."""
        self._id = string(message, "id")
        self._model = string(message, "model")
        for content in mappings(message, "content"):
            block = _block_from(content)
            block.finished = True
            if block.type in TOOL_BLOCKS:
                block.whole = block.whole or "{}"
            self._blocks.append(block)
        self.take_usage(message.get("usage"))

    def start_block(self, index: int, content: Any) -> str:
        """Opens a block; returns a short account of it."""
        content = content if isinstance(content, dict) else {}
        block = _block_from(content)
        self._blocks.append(block)
        self._by_index[index] = block
        if block.type == "fallback":
            # What the provider's own client does: the model that took over names the message.
            self._model = string(mapping(content, "to"), "model") or self._model
        return f"{block.type} {block.name}" if block.name else block.type

    def add_delta(self, index: int, delta: dict[str, Any]) -> None:
        """Adds a delta to its block; a block never opened is opened by its delta."""
        type_ = str(delta.get("type"))
        text = string(delta, _DELTA_FIELDS[type_]) if type_ in _DELTA_FIELDS else ""
        block = self._by_index.get(index)
        if block is None:
            if not text:
                return
            block = self._by_index[index] = _Block(_BLOCK_TYPES.get(type_, "text"))
            self._blocks.append(block)
        block.text.add(text)
        match type_:
            case "citations_delta":
                block.citations.append(json_text(delta.get("citation")))
            case "signature_delta":
                block.signature = string(delta, "signature") or block.signature
            case "compaction_delta":
                encrypted = string(delta, "encrypted_content")
                block.encrypted_content = encrypted or block.encrypted_content
            case _:
                pass

    def stop_block(self, index: int) -> Part | None:
        """Closes a block and returns what it came to, if it was ever opened."""
        block = self._by_index.get(index)
        if block is None:
            return None
        block.finished = True
        return block.part()

    def end(self, delta: Any, usage: Any) -> None:
        """Takes the ``delta`` and ``usage`` of a message_delta."""
        reason = delta.get("stop_reason") if isinstance(delta, dict) else None
        if isinstance(reason, str) and reason:
            self.stop_reason = reason
        self.take_usage(usage)

    def fail(self, error: StreamError) -> None:
        """Takes the error that ends the stream."""
        self._error = error

    def message(self) -> Message:
        """The message as far as it has come."""
        return Message(
            id=self._id,
            model=self._model,
            parts=tuple(block.part() for block in self._blocks),
            stop_reason=self.stop_reason,
            usage=self.usage,
            error=self._error,
        )

    def take_usage(self, usage: Any) -> None:
        """message_delta's usage is cumulative and partial: a field that is there overwrites."""
        if not isinstance(usage, dict):
            return
        found = {name: number(usage, name) for name in _COUNTS}
        details = mapping(usage, "output_tokens_details")
        found["thinking_tokens"] = number(details, "thinking_tokens")
        self._usage.update({name: count for name, count in found.items() if count is not None})


_BLOCK_TYPES = {
    "thinking_delta": "thinking",
    "input_json_delta": "tool_use",
    "compaction_delta": "compaction",
}
"""What a delta belongs to, where the start of its block was lost."""


def _block_from(content: dict[str, Any]) -> _Block:
    """A block as content_block_start opens it, or as a whole message holds it."""
    block = _Block(
        string(content, "type") or "unknown", string(content, "id"), string(content, "name")
    )
    if block.type in TOOL_BLOCKS:
        block.whole = json_text(content["input"]) if content.get("input") else ""
    elif block.type not in {"text", "thinking"}:
        block.whole = json_text(content)
    elif block.type == "text":
        block.text.add(string(content, "text"))
        block.citations += [json_text(entry) for entry in mappings(content, "citations")]
    else:
        block.text.add(string(content, "thinking"))
        block.signature = string(content, "signature")
    return block


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
    builder.end(payload, None)
    return builder.message()


def error_in(payload: dict[str, Any]) -> StreamError:
    """The error of an ``error`` event or an error response."""
    error = payload.get("error")
    if not isinstance(error, dict):
        return StreamError("error", "")
    return StreamError(string(error, "type") or "error", string(error, "message"))
