"""The events of a Responses stream that speak of one output item: added, deltas, whole, done."""

from __future__ import annotations

from typing import Any

from captures.dialects.complaints import Complaints
from captures.dialects.openai_responses_items import DONE_FIELDS, Item
from captures.dialects.openai_responses_message import ResponseBuilder, index_within
from captures.dialects.openai_responses_order import SequenceNumbers
from captures.dialects.payload import json_text, mapping, string
from captures.findings.openai_responses import (
    RESPONSE_ARGUMENTS_INVALID,
    RESPONSE_EVENT_AGAIN,
    RESPONSE_INDEX_AGAIN,
    RESPONSE_ITEM_IS_DONE,
    RESPONSE_ITEM_NEVER_ADDED,
    RESPONSE_ITEM_NOT_DONE,
    RESPONSE_OUTPUT_DIFFERS,
    RESPONSE_PART_INDEX_JUMPS,
    RESPONSE_PART_NEVER_ADDED,
    RESPONSE_TEXT_DIFFERS,
    RESPONSE_TOOL_FAILED,
)
from captures.findings.rule import Rule
from captures.message import ToolCall

_FAMILIES_OF_PARTS = frozenset({"output_text", "refusal"})
"""What grows in a content part, whose content_part.added every server sends before."""


class Content:
    """The items of one response, and what is wrong with the events that build them. Mutable."""

    def __init__(
        self, builder: ResponseBuilder, numbers: SequenceNumbers, complaints: Complaints
    ) -> None:
        self._builder = builder
        self._numbers = numbers
        self._complaints = complaints
        self._explained = False
        self.is_resumed = False
        """The stream began in the middle of the response: what came before it is not known."""
        self.is_over = False
        """The terminal event has come: any event is out of place, and that is told."""

    def added(self, payload: dict[str, Any]) -> Item:
        """output_item.added."""
        item, known = self._builder.item(payload)
        fields = mapping(payload, "item")
        if known and item.whole:
            if string(fields, "id") in {"", item.id} and string(fields, "type") == item.type:
                self._complain(RESPONSE_EVENT_AGAIN, f"output_item.added of {item.id}")
                return item
            detail = f"{string(fields, 'id')} under the output_index of {item.id}"
            self._complain(RESPONSE_INDEX_AGAIN, detail)
            item = self._builder.another(payload)
        self._builder.take_item(item, fields)
        return item

    def done(self, payload: dict[str, Any]) -> Item:
        """output_item.done."""
        item, _ = self._builder.item(payload)
        self._differ(self._builder.take_item(item, mapping(payload, "item")))
        if not item.finished:
            item.finished = True
            self._judge_call(item)
        return item

    def part(self, payload: dict[str, Any], is_done: bool) -> None:
        """content_part.added or .done, or the same of reasoning and its summary."""
        item, _ = self._builder.item(payload)
        index, part = index_within(payload), mapping(payload, "part")
        if is_done:
            self._differ([item.take_part(index, part)])
            return
        due = len(item.added_parts)
        if item.type == "message" and index > due and not self.is_resumed:
            self._complain(RESPONSE_PART_INDEX_JUMPS, f"content {index} where {due} is due")
        item.add_part(index, part)

    def delta(self, family: str, text: str, payload: dict[str, Any]) -> bool:
        """A piece of a text; False if it names no item and so is no part of the message."""
        item = self._item_of(family, payload, f"{family}.delta")
        if item is not None:
            item.add(family, index_within(payload), text)
        return item is not None

    def text_done(self, family: str, payload: dict[str, Any]) -> None:
        """A text told whole."""
        text = payload.get(DONE_FIELDS[family])
        item = self._item_of(family, payload, f"{family}.done")
        if item is not None and isinstance(text, str):
            self._differ([item.settle(family, index_within(payload), text)])

    def annotation(self, payload: dict[str, Any]) -> None:
        """A source of the text."""
        item, _ = self._builder.item(payload, "output_text")
        sources = item.citations.setdefault(index_within(payload), [])
        sources.append(json_text(payload.get("annotation")))

    def tool_failed(self, family: str, payload: dict[str, Any]) -> None:
        """A tool that the server ran, or the listing of such tools, has failed."""
        item, _ = self._builder.item(payload)
        self._complaints.once(RESPONSE_TOOL_FAILED, f"{family} {item.name}".rstrip())

    def end(self, response: dict[str, Any], is_whole: bool) -> None:
        """The response of the terminal event; a whole one leaves no item open."""
        left = [item for item in self._builder.items if not item.finished]
        for item in left:
            if not self.is_over:
                self._judge_call(item)
        if is_whole and left and not self.is_resumed:
            name = left[0].id or left[0].type
            self._complain(RESPONSE_ITEM_NOT_DONE, f"{name} has no output_item.done")
        differences = self._builder.end(response)
        if differences and not self._explained and not self.is_resumed:
            self._complain(RESPONSE_OUTPUT_DIFFERS, differences[0])
        self.is_over = True

    def _judge_call(self, item: Item) -> None:
        """Whether the arguments of a call that is over can be parsed."""
        for part in item.parts():
            if isinstance(part, ToolCall) and not part.arguments_are_valid:
                detail = f"{part.name}: {part.arguments[-80:]}"
                self._complaints.once(RESPONSE_ARGUMENTS_INVALID, detail)

    def _item_of(self, family: str, payload: dict[str, Any], what: str) -> Item | None:
        if "output_index" not in payload and "item_id" not in payload:
            return None
        item, known = self._builder.item(payload, family)
        index = index_within(payload)
        if self.is_resumed:
            pass
        elif not known:
            detail = f"{what} for item {payload.get('output_index')}"
            self._complain(RESPONSE_ITEM_NEVER_ADDED, detail)
        elif item.finished:
            self._complain(RESPONSE_ITEM_IS_DONE, f"{what} for {item.id or item.type}")
        elif item.whole and family in _FAMILIES_OF_PARTS and index not in item.added_parts:
            self._complain(RESPONSE_PART_NEVER_ADDED, f"{what} for content {index}")
        return item

    def _differ(self, differences: list[str]) -> None:
        found = next((difference for difference in differences if difference), None)
        if found is not None and not self.is_resumed:
            self._complain(RESPONSE_TEXT_DIFFERS, found)

    def _complain(self, rule: Rule, detail: str) -> None:
        """What events that were lost or reordered explain is told by their numbers."""
        self._explained = True
        if not self._numbers.has_fault and not self.is_over:
            self._complaints.once(rule, detail)
