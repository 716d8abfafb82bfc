"""Builds the message out of the payloads of the Chat Completions API and its many imitations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from captures.dialects.base import EventKind
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

REASONING_FIELDS = ("reasoning_content", "reasoning")
"""The vendors' names for reasoning text. Some send the same text under both."""


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of one choice, and the field it stood in."""

    kind: EventKind
    name: str
    text: str


@dataclass(slots=True)
class ChunkContent:
    """What one chunk adds to the message."""

    deltas: list[Delta] = field(default_factory=list)
    finish_reason: str | None = None
    has_empty_finish_reason: bool = False
    second_calls: list[str] = field(default_factory=list)
    """Names of tool calls that came under the index of another."""
    has_usage: bool = False


@dataclass(slots=True)
class _Growing:
    """Text of one kind under construction."""

    kind: EventKind
    name: str
    text: GrowingText = field(default_factory=GrowingText)

    def part(self, finished: bool) -> Part:
        del finished
        text = self.text.text
        if self.kind is EventKind.THINKING:
            return Thinking(text)
        if self.name == "refusal":
            return Refusal(text)
        return Text(text) if self.name == "content" else OtherPart(self.name, json_text(text))


@dataclass(slots=True)
class _Call:
    """A tool call under construction."""

    index: int | None
    id: str = ""
    name: str = ""
    text: GrowingText = field(default_factory=GrowingText)

    def part(self, finished: bool) -> ToolCall:
        return ToolCall(self.id, self.name, self.text.text, finished)


@dataclass(slots=True)
class _Whole:
    """A part that comes whole, such as an image."""

    type: str
    content: dict[str, Any]

    def part(self, finished: bool) -> Part:
        del finished
        return OtherPart(self.type, json_text(self.content))


@dataclass(slots=True)
class _Choice:
    """One of the n answers."""

    parts: list[_Growing | _Call | _Whole] = field(default_factory=list)
    finish_reason: str | None = None

    def calls(self) -> list[_Call]:
        return [part for part in self.parts if isinstance(part, _Call)]

    def grow(self, kind: EventKind, name: str, text: str) -> None:
        for part in self.parts:
            if isinstance(part, _Growing) and (part.kind, part.name) == (kind, name):
                part.text.add(text)
                return
        if text:
            self.parts.append(_Growing(kind, name, GrowingText(text)))

    def call_for(self, index: int | None, id_: str, name: str) -> tuple[_Call, bool]:
        """The call a fragment belongs to, and whether it is a second one under its index."""
        calls = self.calls()
        if index is None:
            if not id_ and not name and calls:
                return calls[-1], False
            same = [call for call in calls if id_ and call.id == id_]
        else:
            same = [call for call in calls if call.index == index]
        second = bool(same and index is not None and name and id_ and same[-1].id not in {"", id_})
        if same and not second:
            return same[-1], False
        call = _Call(index)
        self.parts.append(call)
        return call, second


class ChatBuilder:
    """The message of one stream as it adds up. Tolerates any payload."""

    def __init__(self) -> None:
        self._id = ""
        self._model = ""
        self._choices: dict[int, _Choice] = {}
        self._usage: dict[str, int] = {}
        self._error: StreamError | None = None

    @property
    def model(self) -> str:
        """The model, once a chunk has named it."""
        return self._model

    @property
    def stop_reason(self) -> str | None:
        """The last finish_reason of the first choice."""
        return self._choices[min(self._choices)].finish_reason if self._choices else None

    @property
    def all_finished(self) -> bool:
        """Whether there is a choice, and every one has its finish_reason."""
        return bool(self._choices) and all(
            choice.finish_reason is not None for choice in self._choices.values()
        )

    @property
    def usage(self) -> Usage:
        """The usage as far as it has come."""
        return Usage(
            input_tokens=self._usage.get("prompt_tokens"),
            output_tokens=self._usage.get("completion_tokens"),
            thinking_tokens=self._usage.get("reasoning_tokens"),
            cache_read_tokens=self._usage.get("cached_tokens"),
            cache_write_tokens=self._usage.get("cache_write_tokens"),
        )

    @property
    def has_usage(self) -> bool:
        """Whether any usage has come."""
        return bool(self._usage)

    def calls(self) -> list[tuple[ToolCall, str | None]]:
        """Every tool call with the finish_reason of its choice."""
        return [
            (call.part(choice.finish_reason is not None), choice.finish_reason)
            for choice in self._choices.values()
            for call in choice.calls()
        ]

    def add(self, payload: dict[str, Any]) -> ChunkContent:
        """Takes a chunk, or a whole completion; says what it added."""
        self._id = self._id or string(payload, "id")
        self._model = self._model or string(payload, "model")
        content = ChunkContent()
        for choice in mappings(payload, "choices"):
            self._add_choice(choice, content)
        usages = (payload.get("usage"), mapping(payload, "x_groq").get("usage"))
        for usage in usages:
            if isinstance(usage, dict):
                content.has_usage = True
                self._take_usage(usage)
        return content

    def fail(self, error: StreamError) -> None:
        """Takes the error that ends the stream."""
        self._error = error

    def message(self) -> Message:
        """The message as far as it has come: the parts of the first choice first."""
        return Message(
            id=self._id,
            model=self._model,
            parts=tuple(
                part.part(choice.finish_reason is not None)
                for _, choice in sorted(self._choices.items())
                for part in choice.parts
            ),
            stop_reason=self.stop_reason,
            usage=self.usage,
            error=self._error,
        )

    def _add_choice(self, fields: dict[str, Any], content: ChunkContent) -> None:
        choice = self._choices.setdefault(number(fields, "index") or 0, _Choice())
        delta = fields.get("delta")
        if not isinstance(delta, dict):
            delta = mapping(fields, "message")
        reasoning = next((name for name in REASONING_FIELDS if string(delta, name)), None)
        if reasoning is not None:
            _grow(choice, content, EventKind.THINKING, reasoning, string(delta, reasoning))
        _add_content(choice, content, delta.get("content"))
        if string(delta, "refusal"):
            _grow(choice, content, EventKind.TEXT, "refusal", string(delta, "refusal"))
        transcript = string(mapping(delta, "audio"), "transcript")
        if transcript:
            _grow(choice, content, EventKind.TEXT, "audio", transcript)
        for fragment in mappings(delta, "tool_calls"):
            _add_call(choice, content, fragment)
        if isinstance(delta.get("function_call"), dict):
            call = {"index": 0, "function": delta["function_call"]}
            _add_call(choice, content, call, "function_call")
        reason = fields.get("finish_reason")
        if isinstance(reason, str) and reason:
            choice.finish_reason = content.finish_reason = reason
        content.has_empty_finish_reason |= reason == ""

    def _take_usage(self, usage: dict[str, Any]) -> None:
        """Usage is cumulative where it comes more than once: a field that is there overwrites."""
        details = mapping(usage, "prompt_tokens_details")
        found = {
            "prompt_tokens": number(usage, "prompt_tokens"),
            "completion_tokens": number(usage, "completion_tokens"),
            "reasoning_tokens": number(
                mapping(usage, "completion_tokens_details"), "reasoning_tokens"
            ),
            "cached_tokens": number(details, "cached_tokens"),
            "cache_write_tokens": number(details, "cache_write_tokens"),
        }
        if found["cached_tokens"] is None:
            found["cached_tokens"] = number(usage, "prompt_cache_hit_tokens")
        self._usage.update({name: count for name, count in found.items() if count is not None})


def _grow(choice: _Choice, content: ChunkContent, kind: EventKind, name: str, text: str) -> None:
    choice.grow(kind, "reasoning" if kind is EventKind.THINKING else name, text)
    content.deltas.append(Delta(kind, f"delta.{name}", text))


def _add_content(choice: _Choice, content: ChunkContent, value: Any) -> None:
    """``content`` is a text, null, or a list of texts, thinking and other parts (Mistral)."""
    if isinstance(value, str) and value:
        _grow(choice, content, EventKind.TEXT, "content", value)
    for entry in mappings({"content": value}, "content"):
        match entry.get("type"):
            case "text":
                _grow(choice, content, EventKind.TEXT, "content", string(entry, "text"))
            case "thinking":
                inner = mappings(entry, "thinking")
                text = "".join(string(piece, "text") for piece in inner)
                text = text or string(entry, "thinking")
                _grow(choice, content, EventKind.THINKING, "content", text)
            case type_:
                choice.parts.append(_Whole(str(type_), entry))
                content.deltas.append(Delta(EventKind.STRUCTURE, "delta.content", str(type_)))


def _add_call(
    choice: _Choice,
    content: ChunkContent,
    fragment: dict[str, Any],
    name_of_field: str = "tool_calls",
) -> None:
    function = mapping(fragment, "function") or mapping(fragment, "custom")
    name, id_ = string(function, "name"), string(fragment, "id")
    call, second = choice.call_for(number(fragment, "index"), id_, name)
    if second:
        content.second_calls.append(name)
    call.id = call.id or id_
    call.name = call.name or name
    arguments = function.get("arguments", function.get("input"))
    if isinstance(arguments, dict):
        arguments = json_text(arguments)
    arguments = arguments if isinstance(arguments, str) else ""
    call.text.add(arguments)
    kind = EventKind.TOOL if arguments else EventKind.STRUCTURE
    content.deltas.append(Delta(kind, f"delta.{name_of_field}", arguments or name))


def whole_message(payload: Any) -> Message | None:
    """The message of a response that was not streamed, or None if it is none."""
    if not isinstance(payload, dict):
        return None
    if not any("message" in choice for choice in mappings(payload, "choices")):
        return None
    builder = ChatBuilder()
    builder.add(payload)
    if payload.get("error"):
        builder.fail(error_from(payload["error"]))
    return builder.message()
