"""The message a stream adds up to: frozen values, the same for every dialect."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from captures.stop_reasons import CUT_OFF_KINDS, StopKind, stop_kind


@dataclass(frozen=True, slots=True)
class Text:
    """Text the user sees."""

    text: str
    citations: tuple[str, ...] = ()
    """The sources it names, each as JSON text."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Text with which the model declines, where the protocol keeps it apart from the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Thinking:
    """Reasoning text, which a client usually does not show."""

    text: str
    signature: str = ""
    """What proves to the provider that the text is its own, where it sends that."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of a tool, its arguments as the JSON text that arrived so far."""

    id: str
    name: str
    arguments: str
    finished: bool

    @property
    def arguments_are_valid(self) -> bool:
        """Whether the arguments are whole, valid JSON. No arguments at all count as valid."""
        if not self.arguments:
            return True
        try:
            json.loads(self.arguments)
        except (ValueError, RecursionError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class OtherPart:
    """A part of a type that has no text of its own, such as a search result."""

    type: str
    content: str
    """The part as JSON text."""


Part = Text | Refusal | Thinking | ToolCall | OtherPart


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider counts them. None means not told."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    """With those of the thinking, where the provider counts them in."""
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    thinking_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class StreamError:
    """An error the provider reports in the stream or as its answer."""

    type: str
    message: str


@dataclass(frozen=True, slots=True)
class Message:
    """What a client has once it has read the stream up to some event."""

    id: str = ""
    model: str = ""
    parts: tuple[Part, ...] = ()
    stop_reason: str | None = None
    """The provider's word. None until it has arrived."""
    usage: Usage = field(default_factory=Usage)
    error: StreamError | None = None
    alternatives: tuple[Message, ...] = ()
    """Further answers to the same request, where more than one was asked for (``n``)."""

    @property
    def cut_off(self) -> bool:
        """Whether a limit, a filter or a failure stopped the model: the answer is not whole."""
        return self.stop_kind in CUT_OFF_KINDS

    @property
    def stop_kind(self) -> StopKind | None:
        """The stop reason in a word that is the same for every provider."""
        return stop_kind(self.stop_reason)

    @property
    def text(self) -> str:
        """All visible text, joined."""
        return "".join(part.text for part in self.parts if isinstance(part, Text))
