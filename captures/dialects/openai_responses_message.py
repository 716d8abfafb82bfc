"""Builds the message out of the payloads of the OpenAI Responses API."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from captures.dialects.payload import error_from, json_text, mapping, mappings, number, string
from captures.growing_text import GrowingText
from captures.message import (
    Message,
    OtherPart,
    Part,
    Refusal,
    StreamError,
    Text,
    Thinking,
    ToolCall,
    Usage,
)

ARGUMENT_FIELDS = {"function_call": "arguments", "mcp_call": "arguments"}
CUSTOM_CALL = "custom_tool_call"

_SUBKEYS = ("content_index", "summary_index")
_CONTENT_TYPES = {
    "output_text": "output_text",
    "refusal": "refusal",
    "reasoning_text": "reasoning_text",
    "summary_text": "reasoning_summary_text",
}
"""Type of a whole piece of content: the family of events that streams it."""

_ITEM_TYPES = {
    "output_text": "message",
    "refusal": "message",
    "reasoning_text": "reasoning",
    "reasoning_summary_text": "reasoning",
    "function_call_arguments": "function_call",
    "mcp_call_arguments": "mcp_call",
    "custom_tool_call_input": CUSTOM_CALL,
}


@dataclass(slots=True)
class Item:
    """An output item under construction."""

    fields: dict[str, Any]
    type: str
    texts: dict[tuple[str, int], GrowingText] = field(default_factory=dict)
    """Streamed text by event family and index within the item, in order of appearance."""
    finished: bool = False

    def add(self, family: str, index: int, text: str) -> None:
        """Adds a delta."""
        self.texts.setdefault((family, index), GrowingText()).add(text)

    def take(self, fields: dict[str, Any]) -> None:
        """Takes the whole item; what was streamed stands, what was not is taken from it.

        Vendors number streamed content differently than they list it, so the family decides.
        """
        self.fields = fields
        self.type = string(fields, "type") or self.type
        streamed = {family for family, _ in self.texts}
        for name in ("summary", "content"):
            for index, entry in enumerate(mappings(fields, name)):
                family = _CONTENT_TYPES.get(string(entry, "type"))
                if family is not None and family not in streamed:
                    text = string(entry, "refusal") or string(entry, "text")
                    self.texts[family, index] = GrowingText(text)

    def parts(self) -> list[Part]:
        """What the item comes to."""
        if self.type in ARGUMENT_FIELDS or self.type == CUSTOM_CALL:
            return [self.call()]
        if self.type in {"message", "reasoning"}:
            return [_part(family, growing.text) for (family, _), growing in self.texts.items()]
        streamed = {family: growing.text for (family, _), growing in self.texts.items()}
        return [
            OtherPart(
                self.type, json_text(self.fields if self.finished else self.fields | streamed)
            )
        ]

    def call(self) -> ToolCall:
        """The tool call. The free text of a custom tool stands as a JSON text."""
        name = ARGUMENT_FIELDS.get(self.type, "input")
        streamed = "".join(growing.text for growing in self.texts.values())
        arguments = streamed or string(self.fields, name)
        if self.type == CUSTOM_CALL:
            arguments = json_text(arguments) if arguments else ""
        id_ = string(self.fields, "call_id") or string(self.fields, "id")
        return ToolCall(id_, string(self.fields, "name"), arguments, self.finished)


class ResponseBuilder:
    """The message of one response as it adds up. Tolerates any payload."""

    def __init__(self) -> None:
        self._response: dict[str, Any] = {}
        self._items: dict[int, Item] = {}
        self._usage = Usage()
        self._error: StreamError | None = None
        self.status: str | None = None
        """The final status, or the reason where it is incomplete."""

    @property
    def usage(self) -> Usage:
        """The usage, once the terminal event has told it."""
        return self._usage

    @property
    def model(self) -> str:
        """The model as the response names it."""
        return string(self._response, "model")

    @property
    def items(self) -> list[Item]:
        """The output items in order."""
        return [item for _, item in sorted(self._items.items())]

    def item(self, payload: dict[str, Any], family: str = "") -> tuple[Item, bool]:
        """The item that an event speaks of, and whether it was there before."""
        index = self._index(payload)
        known = index in self._items
        if not known:
            self._items[index] = Item({}, _ITEM_TYPES.get(family, family or "unknown"))
        return self._items[index], known

    def take(self, response: dict[str, Any]) -> None:
        """Takes the ``response`` of an event about the response as a whole."""
        self._response = response

    def end(self, response: dict[str, Any]) -> None:
        """Takes the ``response`` of the terminal event, or a whole one."""
        self.take(response)
        reason = string(mapping(response, "incomplete_details"), "reason")
        self.status = reason or string(response, "status") or None
        usage = mapping(response, "usage")
        self._usage = Usage(
            input_tokens=number(usage, "input_tokens"),
            output_tokens=number(usage, "output_tokens"),
            thinking_tokens=number(mapping(usage, "output_tokens_details"), "reasoning_tokens"),
            cache_read_tokens=number(mapping(usage, "input_tokens_details"), "cached_tokens"),
        )
        for index, fields in enumerate(mappings(response, "output")):
            if index not in self._items:
                self._items[index] = Item({}, "unknown", finished=True)
                self._items[index].take(fields)
        if response.get("error"):
            self.fail(error_from(response["error"]))

    def fail(self, error: StreamError) -> None:
        """Takes the error that ends the stream. The first one stands."""
        self._error = self._error or error

    def message(self) -> Message:
        """The message as far as it has come."""
        return Message(
            id=string(self._response, "id"),
            model=self.model,
            parts=tuple(part for item in self.items for part in item.parts()),
            stop_reason=self.status,
            usage=self._usage,
            error=self._error,
        )

    def _index(self, payload: dict[str, Any]) -> int:
        index = number(payload, "output_index")
        if index is not None:
            return index
        id_ = string(payload, "item_id")
        found = (at for at, item in self._items.items() if id_ and item.fields.get("id") == id_)
        return next(found, max(self._items, default=0))


def index_within(payload: dict[str, Any]) -> int:
    """Which piece of its item a delta belongs to."""
    found = (number(payload, name) for name in _SUBKEYS)
    return next((index for index in found if index is not None), 0)


def whole_message(payload: Any) -> Message | None:
    """The message of a response that was not streamed, or None if it is none."""
    if not isinstance(payload, dict) or payload.get("object") != "response":
        return None
    builder = ResponseBuilder()
    builder.end(payload)
    return builder.message()


def _part(family: str, text: str) -> Part:
    if family == "output_text":
        return Text(text)
    if family.startswith("reasoning"):
        return Thinking(text)
    return Refusal(text) if family == "refusal" else OtherPart(family, json_text(text))
