"""The tool calls of one choice, out of fragments that vendors number in their own ways.

As documented a call is known by its ``index``, its first fragment has the id and the name, and
``arguments`` is a text. Some leave the index out, reuse it, or send null or an object.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from captures.dialects.base import EventKind
from captures.dialects.openai_chat_chunk import ChunkContent
from captures.dialects.payload import json_text, mapping, number, string
from captures.findings.openai_chat import (
    CHAT_ARGUMENTS_NOT_TEXT,
    CHAT_CALL_INDEX_JUMPS,
    CHAT_CALL_WITHOUT_INDEX,
    CHAT_SECOND_CALL_ON_INDEX,
)
from captures.growing_text import GrowingText
from captures.message import ToolCall


@dataclass(slots=True)
class Call:
    """A tool call under construction."""

    index: int | None
    id: str = ""
    name: str = ""
    text: GrowingText = field(default_factory=GrowingText)

    def part(self, finished: bool) -> ToolCall:
        """The call so far; its choice says whether it is whole."""
        return ToolCall(self.id, self.name, self.text.text, finished)


class Calls:
    """Every call of one choice. Mutable."""

    def __init__(self) -> None:
        self.all: list[Call] = []
        self._by_index: dict[int, Call] = {}
        self._by_id: dict[str, Call] = {}

    def add(self, fragment: dict[str, Any], content: ChunkContent, name: str) -> list[Call]:
        """Takes a fragment.

        Args:
            fragment: an entry of ``tool_calls``.
            content: told what the fragment adds, and what is wrong with it.
            name: the field it stood in.

        Returns:
            The call, if it is a new one.
        """
        function = mapping(fragment, "function") or mapping(fragment, "custom")
        call_name, id_ = string(function, "name"), string(fragment, "id")
        call, is_new = self._call_for(number(fragment, "index"), id_, call_name, content)
        call.id = call.id or id_
        call.name = call.name or call_name
        arguments = self._arguments(function, content)
        call.text.add(arguments)
        kind = EventKind.TOOL if arguments else EventKind.STRUCTURE
        content.add(kind, name, arguments or call_name)
        return [call] if is_new else []

    def _arguments(self, function: dict[str, Any], content: ChunkContent) -> str:
        found = function.get("arguments", function.get("input", ""))
        if isinstance(found, str):
            return found
        kind = "null" if found is None else type(found).__name__
        content.complain(CHAT_ARGUMENTS_NOT_TEXT, f"arguments of type {kind}")
        return json_text(found) if isinstance(found, dict) else ""

    def _call_for(
        self, index: int | None, id_: str, name: str, content: ChunkContent
    ) -> tuple[Call, bool]:
        """The call that a fragment belongs to, and whether it is a new one."""
        if index is None:
            content.complain(CHAT_CALL_WITHOUT_INDEX, name or id_ or "a fragment")
            known = self._by_id.get(id_) if id_ else None
            if known is None and not id_ and not name and self.all:
                known = self.all[-1]
        else:
            known = self._by_index.get(index)
        if known is None:
            self._judge_index(index, content)
        elif index is not None and name and id_ and known.id not in {"", id_}:
            content.complain(
                CHAT_SECOND_CALL_ON_INDEX, f"{name} under the index of {known.name or 'another'}"
            )
            known = None
        if known is not None:
            return known, False
        call = Call(index)
        self.all.append(call)
        if index is not None:
            self._by_index[index] = call
        if id_:
            self._by_id[id_] = call
        return call, True

    def _judge_index(self, index: int | None, content: ChunkContent) -> None:
        due = len(self._by_index)
        if index not in {None, due}:
            content.complain(CHAT_CALL_INDEX_JUMPS, f"index {index} where {due} is due")
