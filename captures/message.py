"""The message a stream adds up to: frozen values, the same for every dialect."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

LIMIT_STOP_REASONS = frozenset(
    {
        "max_tokens",
        "model_context_window_exceeded",
        "length",
        "model_length",
        "max_output_tokens",
        "max_messages",
        "MAX_TOKENS",
    }
)
"""Stop reasons that mean the model would have gone on."""

STOPPED_STOP_REASONS = frozenset(
    {
        "content_filter",
        "insufficient_system_resource",
        "error",
        "steered",
        "cancelled",
        "SAFETY",
        "RECITATION",
        "LANGUAGE",
        "OTHER",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "SPII",
        "MALFORMED_FUNCTION_CALL",
        "UNEXPECTED_TOOL_CALL",
        "TOO_MANY_TOOL_CALLS",
        "MALFORMED_RESPONSE",
        "MISSING_THOUGHT_SIGNATURE",
        "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
        "IMAGE_OTHER",
        "NO_IMAGE",
        "MODEL_ARMOR",
        "JAILBREAK",
    }
)
"""Stop reasons that mean that a filter or a failure ended the answer, not the model."""

CUT_OFF_STOP_REASONS = LIMIT_STOP_REASONS | STOPPED_STOP_REASONS
"""Stop reasons of an answer that is not whole."""


@dataclass(frozen=True, slots=True)
class Text:
    """Text the user sees."""

    text: str


@dataclass(frozen=True, slots=True)
class Thinking:
    """Reasoning text, which a client usually does not show."""

    text: str


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


Part = Text | Thinking | ToolCall | OtherPart


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider counts them. None means not told."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None


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

    @property
    def cut_off(self) -> bool:
        """Whether a limit, a filter or a failure stopped the model: the answer is not whole."""
        return self.stop_reason in CUT_OFF_STOP_REASONS

    @property
    def text(self) -> str:
        """All visible text, joined."""
        return "".join(part.text for part in self.parts if isinstance(part, Text))
