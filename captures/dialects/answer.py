"""An answer as it adds up: its parts under the names that the protocol gives them.

The builder of the dialects whose events each carry a piece of one part. Parts stand in the order
in which they first appeared.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from captures.growing_text import GrowingText
from captures.message import (
    Message,
    OtherPart,
    StreamError,
    Text,
    Thinking,
    ToolCall,
    Usage,
)

Key = tuple[str, ...]
"""What tells one part of an answer from the others, such as its kind and its index."""


@dataclass(slots=True)
class GrowingPart:
    """Text or thinking under construction."""

    thinking: bool
    text: GrowingText = field(default_factory=GrowingText)
    citations: list[str] = field(default_factory=list)

    def part(self) -> Text | Thinking:
        """The part as far as it has come."""
        text = self.text.text
        return Thinking(text) if self.thinking else Text(text, tuple(self.citations))


@dataclass(slots=True)
class GrowingCall:
    """A tool call under construction."""

    id: str = ""
    name: str = ""
    text: GrowingText = field(default_factory=GrowingText)
    finished: bool = False
    judged: bool = False
    """Whether its arguments have been looked at, now that they are whole."""

    def part(self) -> ToolCall:
        """The call as far as it has come."""
        return ToolCall(self.id, self.name, self.text.text, self.finished)


class Answer:
    """The message of one stream as it adds up. Mutable."""

    def __init__(self) -> None:
        self.id = ""
        self.model = ""
        self.stop_reason: str | None = None
        self.usage = Usage()
        self.error: StreamError | None = None
        self._parts: list[GrowingPart | GrowingCall | OtherPart] = []
        self._growing: dict[Key, GrowingPart] = {}
        self._calls: dict[Key, GrowingCall] = {}
        self._places: dict[Key, int] = {}
        """Where in the list the parts stand that come whole."""

    def text(self, *key: str) -> GrowingPart:
        """The text of this name, begun if it is new."""
        return self._grow(("text", *key), thinking=False)

    def thinking(self, *key: str) -> GrowingPart:
        """The thinking of this name, begun if it is new."""
        return self._grow(("thinking", *key), thinking=True)

    def call(self, *key: str) -> GrowingCall:
        """The tool call of this name, begun if it is new."""
        if key not in self._calls:
            self._calls[key] = GrowingCall()
            self._parts.append(self._calls[key])
        return self._calls[key]

    def put(self, part: OtherPart, *key: str) -> None:
        """Adds a part that comes whole. One that has a name replaces the last one of that name."""
        if key in self._places:
            self._parts[self._places[key]] = part
            return
        if key:
            self._places[key] = len(self._parts)
        self._parts.append(part)

    def has_call(self, *key: str) -> bool:
        """Whether a tool call of this name has begun."""
        return key in self._calls

    @property
    def calls(self) -> list[GrowingCall]:
        """All tool calls."""
        return list(self._calls.values())

    def message(self) -> Message:
        """The message as far as it has come. Text that is still empty is left out."""
        parts = [
            part if isinstance(part, OtherPart) else part.part()
            for part in self._parts
            if not isinstance(part, GrowingPart) or part.text
        ]
        return Message(
            id=self.id,
            model=self.model,
            parts=tuple(parts),
            stop_reason=self.stop_reason,
            usage=self.usage,
            error=self.error,
        )

    def _grow(self, key: Key, thinking: bool) -> GrowingPart:
        if key not in self._growing:
            self._growing[key] = GrowingPart(thinking)
            self._parts.append(self._growing[key])
        return self._growing[key]
