"""One answer of a Chat Completions stream, out of the deltas of the API and its many imitations."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from captures.dialects.base import EventKind
from captures.dialects.openai_chat_calls import Call, Calls
from captures.dialects.openai_chat_chunk import ChunkContent
from captures.dialects.payload import json_text, mapping, mappings, number, string
from captures.findings.openai_chat import (
    CHAT_CONTENT_AFTER_FINISH_REASON,
    CHAT_CONTENT_IS_A_LIST,
    CHAT_CONTENT_WITH_FINISH_REASON,
    CHAT_EMPTY_FINISH_REASON,
    CHAT_TWO_FINISH_REASONS,
)
from captures.growing_text import GrowingText
from captures.message import OtherPart, Part, Refusal, Text, Thinking

REASONING_FIELDS = ("reasoning_content", "reasoning")
"""The vendors' names for reasoning text. Some send the same text under both."""

WHOLE_FIELDS = ("executed_tools", "images")
"""Lists of parts that come whole; one that comes again under its index takes the place."""


@dataclass(slots=True)
class _Growing:
    """Text of one kind under construction."""

    kind: EventKind
    name: str
    text: GrowingText = field(default_factory=GrowingText)
    citations: list[str] = field(default_factory=list)
    signature: str = ""

    def part(self, finished: bool) -> Part:
        del finished
        text = self.text.text
        if self.kind is EventKind.THINKING:
            return Thinking(text, self.signature)
        if self.name == "refusal":
            return Refusal(text)
        if self.name == "content":
            return Text(text, tuple(self.citations))
        return OtherPart(self.name, json_text(text))


@dataclass(slots=True)
class _Whole:
    """A part that comes whole, such as an image."""

    type: str
    content: str
    """As JSON text."""

    def part(self, finished: bool) -> Part:
        del finished
        return OtherPart(self.type, self.content)


class Choice:
    """One of the n answers as it adds up. Tolerates any payload."""

    def __init__(self) -> None:
        self.finish_reason: str | None = None
        """The last one that was not null."""
        self.roles = 0
        """In how many chunks the role was told."""
        self.calls = Calls()
        self.sources: list[Any] = []
        """What the answer as a whole cites; vendors repeat the list in every chunk (Perplexity)."""
        self._parts: list[_Growing | Call | _Whole] = []
        self._growing: dict[str, _Growing] = {}
        self._whole: dict[tuple[str, int], _Whole] = {}

    @property
    def has_content(self) -> bool:
        """Whether any delta has added something."""
        return bool(self._parts)

    @property
    def refusal(self) -> str:
        """The refusal so far."""
        growing = self._growing.get("refusal")
        return growing.text.text if growing else ""

    def parts(self) -> tuple[Part, ...]:
        """What the answer comes to."""
        finished = self.finish_reason is not None
        parts = tuple(part.part(finished) for part in self._parts)
        sources = tuple(json_text(source) for source in self.sources)
        return tuple(
            replace(part, citations=(*part.citations, *sources)) if isinstance(part, Text) else part
            for part in parts
        )

    def add(self, fields: dict[str, Any], content: ChunkContent) -> None:
        """Takes what a chunk, or a whole completion, says of this choice."""
        delta = fields.get("delta")
        if not isinstance(delta, dict):
            delta = mapping(fields, "message")
        before = len(content.deltas)
        self.roles += bool(string(delta, "role"))
        self._add_reasoning(delta, content)
        self._add_content(delta.get("content"), content)
        self._grow(content, EventKind.TEXT, "refusal", string(delta, "refusal"))
        audio = mapping(delta, "audio")
        self._grow(content, EventKind.TEXT, "audio", string(audio, "transcript"))
        for name in WHOLE_FIELDS:
            for entry in mappings(delta, name):
                self._take_whole(name, entry, content)
        self._add_calls(delta, content)
        self._cite(mappings(delta, "annotations"))
        adds = any(added.adds for added in content.deltas[before:])
        self._end(fields.get("finish_reason"), adds, content)

    def _add_calls(self, delta: dict[str, Any], content: ChunkContent) -> None:
        for fragment in mappings(delta, "tool_calls"):
            self._parts += self.calls.add(fragment, content, "delta.tool_calls")
        if isinstance(delta.get("function_call"), dict):
            call = {"index": 0, "function": delta["function_call"]}
            self._parts += self.calls.add(call, content, "delta.function_call")

    def _end(self, reason: Any, adds: bool, content: ChunkContent) -> None:
        """The finish_reason, and whether what it came with is in its place."""
        known = self.finish_reason
        if known is not None and adds:
            content.complain(CHAT_CONTENT_AFTER_FINISH_REASON, f"it came after {known}")
        if reason == "":
            content.complain(CHAT_EMPTY_FINISH_REASON, 'finish_reason is ""')
        if not isinstance(reason, str) or not reason:
            return
        if known is None and adds:
            content.complain(CHAT_CONTENT_WITH_FINISH_REASON, f"finish_reason is {reason}")
        if known not in {None, reason}:
            content.complain(CHAT_TWO_FINISH_REASONS, f"{known}, then {reason}")
        self.finish_reason = content.finish_reason = reason

    def _grow(
        self,
        content: ChunkContent,
        kind: EventKind,
        name: str,
        text: str,
        field_name: str = "",
    ) -> None:
        """Adds to the text of this name; reasoning is one text, whatever a vendor calls it."""
        if not text:
            return
        growing = self._growing.get(name)
        if growing is None:
            growing = self._growing[name] = _Growing(kind, name)
            self._parts.append(growing)
        growing.text.add(text)
        content.add(kind, f"delta.{field_name or name}", text)

    def _add_reasoning(self, delta: dict[str, Any], content: ChunkContent) -> None:
        """Reasoning in its spellings; the details repeat the text beside them."""
        told = next((name for name in REASONING_FIELDS if string(delta, name)), None)
        details = mappings(delta, "reasoning_details")
        if told is not None:
            self._think(content, string(delta, told), told)
        for entry in details:
            text = string(entry, "text") or string(entry, "summary")
            if told is None:
                self._think(content, text, "reasoning_details")
            if string(entry, "data"):
                self._take_whole(string(entry, "type"), entry, content)
            growing = self._growing.get("reasoning")
            if growing is not None:
                growing.signature = string(entry, "signature") or growing.signature

    def _think(self, content: ChunkContent, text: str, field_name: str) -> None:
        self._grow(content, EventKind.THINKING, "reasoning", text, field_name)

    def _add_content(self, value: Any, content: ChunkContent) -> None:
        """``content`` is a text, null, or a list of texts, thinking and other parts (Mistral)."""
        if isinstance(value, str):
            self._grow(content, EventKind.TEXT, "content", value)
        entries = mappings({"content": value}, "content")
        if entries:
            content.complain(CHAT_CONTENT_IS_A_LIST, f"of {len(entries)} parts")
        for entry in entries:
            match entry.get("type"):
                case "text":
                    self._grow(content, EventKind.TEXT, "content", string(entry, "text"))
                case "thinking":
                    pieces = mappings(entry, "thinking")
                    text = "".join(string(piece, "text") for piece in pieces)
                    self._think(content, text or string(entry, "thinking"), "content")
                case type_:
                    self._take_whole(str(type_), entry, content)

    def _take_whole(self, type_: str, entry: dict[str, Any], content: ChunkContent) -> None:
        content.add(EventKind.STRUCTURE, f"delta.{type_}", string(entry, "type") or type_)
        index = number(entry, "index")
        known = None if index is None else self._whole.get((type_, index))
        if known is not None:
            known.content = json_text(entry)
            return
        part = _Whole(type_, json_text(entry))
        self._parts.append(part)
        if index is not None:
            self._whole[type_, index] = part

    def _cite(self, annotations: list[dict[str, Any]]) -> None:
        """The sources of the text. They may come before the first of it."""
        if not annotations:
            return
        growing = self._growing.get("content")
        if growing is None:
            growing = self._growing["content"] = _Growing(EventKind.TEXT, "content")
            self._parts.append(growing)
        growing.citations += [json_text(entry) for entry in annotations]
