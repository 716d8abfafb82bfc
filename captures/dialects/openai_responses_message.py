"""Builds the message out of the payloads of the OpenAI Responses API."""

from __future__ import annotations

from typing import Any

from captures.dialects.openai_responses_items import Item, item_of
from captures.dialects.payload import error_from, mapping, mappings, number, string
from captures.message import Message, StreamError, Usage

_SUBKEYS = ("content_index", "summary_index", "command_index")


class ResponseBuilder:
    """The message of one response as it adds up. Tolerates any payload."""

    def __init__(self) -> None:
        self.id = ""
        self.model = ""
        self.status: str | None = None
        """The final status, or the reason where it is incomplete."""
        self._items: list[tuple[int, Item]] = []
        self._by_index: dict[int, Item] = {}
        self._by_id: dict[str, Item] = {}
        self._next = 0
        self._last: Item | None = None
        self._usage: dict[str, int] = {}
        self._error: StreamError | None = None

    @property
    def usage(self) -> Usage:
        """The usage, once the terminal event has told it."""
        return Usage(
            input_tokens=self._usage.get("input_tokens"),
            output_tokens=self._usage.get("output_tokens"),
            thinking_tokens=self._usage.get("reasoning_tokens"),
            cache_read_tokens=self._usage.get("cached_tokens"),
        )

    @property
    def items(self) -> list[Item]:
        """The output items by their index."""
        return [item for _, item in sorted(self._items, key=lambda entry: entry[0])]

    @property
    def last_item(self) -> Item | None:
        """The item that the latest event about one spoke of."""
        return self._last

    @property
    def has_usage(self) -> bool:
        """Whether the terminal event told any usage."""
        return bool(self._usage)

    def item(self, payload: dict[str, Any], family: str = "") -> tuple[Item, bool]:
        """The item that an event speaks of, and whether it was there before."""
        index = number(payload, "output_index")
        known = self._by_id.get(string(payload, "item_id")) if index is None else None
        if index is not None:
            known = self._by_index.get(index)
        elif known is None and not string(payload, "item_id"):
            known = self._last
        if known is not None:
            self._last = known
            return known, True
        self._last = self._put(item_of(family), index)
        return self._last, False

    def _put(self, item: Item, index: int | None = None) -> Item:
        index = self._next if index is None else index
        self._next = max(self._next, index + 1)
        self._items.append((index, item))
        self._by_index[index] = item
        return item

    def another(self, payload: dict[str, Any]) -> Item:
        """A second item under an index that is taken: both are kept."""
        self._last = self._put(Item("unknown"), number(payload, "output_index"))
        return self._last

    def take_item(self, item: Item, fields: dict[str, Any]) -> list[str]:
        """Takes a whole item; says what in it differs from what was streamed."""
        differences = item.take(fields)
        if item.id:
            self._by_id[item.id] = item
        return differences

    def take(self, response: dict[str, Any]) -> None:
        """Takes the ``response`` of an event about the response as a whole."""
        self.id = string(response, "id") or self.id
        self.model = string(response, "model") or self.model

    def end(self, response: dict[str, Any]) -> list[str]:
        """Takes the ``response`` of the terminal event, or a whole one.

        Returns:
            How its output differs from what was streamed. A response without output tells none.
        """
        self.take(response)
        reason = string(mapping(response, "incomplete_details"), "reason")
        self.status = reason or string(response, "status") or None
        self._take_usage(mapping(response, "usage"))
        if response.get("error"):
            self.fail(error_from(response["error"]))
        return self._take_output(mappings(response, "output"))

    def _take_output(self, output: list[dict[str, Any]]) -> list[str]:
        streamed = self.items
        differences = []
        for place, fields in enumerate(output):
            item = self._by_id.get(string(fields, "id"))
            if (
                item is None
                and place < len(streamed)
                and streamed[place].type == fields.get("type")
            ):
                item = streamed[place]
            if item is None:
                item = self._put(Item("unknown", finished=True))
                self.take_item(item, fields)
                differences.append(f"item {place} ({item.type}) was never streamed")
            else:
                differences += self.take_item(item, fields)
        if output and len(output) < len(streamed):
            differences.append(f"{len(streamed)} items were streamed, the whole has {len(output)}")
        return differences

    def fail(self, error: StreamError) -> None:
        """Takes the error that ends the stream. The first one stands."""
        self._error = self._error or error

    def message(self) -> Message:
        """The message as far as it has come."""
        return Message(
            id=self.id,
            model=self.model,
            parts=tuple(part for item in self.items for part in item.parts()),
            stop_reason=self.status,
            usage=self.usage,
            error=self._error,
        )

    def _take_usage(self, usage: dict[str, Any]) -> None:
        found = {
            "input_tokens": number(usage, "input_tokens"),
            "output_tokens": number(usage, "output_tokens"),
            "reasoning_tokens": number(mapping(usage, "output_tokens_details"), "reasoning_tokens"),
            "cached_tokens": number(mapping(usage, "input_tokens_details"), "cached_tokens"),
        }
        self._usage = {name: count for name, count in found.items() if count is not None}


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
