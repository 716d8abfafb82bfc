"""Builds the message out of Gemini's GenerateContentResponse, streamed or whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from captures.dialects.base import EventKind
from captures.dialects.gemini_arguments import StreamedArguments
from captures.dialects.payload import error_from, json_text, mapping, mappings, number, string
from captures.growing_text import GrowingText
from captures.message import Message, OtherPart, Part, StreamError, Text, Thinking, ToolCall, Usage

NUMBERED_REASONS = {1: "STOP", 2: "MAX_TOKENS", 3: "SAFETY", 4: "RECITATION", 5: "OTHER"}
"""What the numbers mean that come with ``enum-encoding=int``, as far as all APIs agree."""

CUMULATIVE_COUNTS = ("candidatesTokenCount", "totalTokenCount")
"""Counts whose last value is that of the whole answer. Tools of the server make them go back."""

_COUNTS = (
    *CUMULATIVE_COUNTS,
    "promptTokenCount",
    "thoughtsTokenCount",
    "cachedContentTokenCount",
)
_ABOUT_A_PART = frozenset(
    {"thought", "thoughtSignature", "videoMetadata", "mediaResolution", "partMetadata"}
)
"""Fields that say something about a part and are no content."""


@dataclass(frozen=True, slots=True)
class Delta:
    """What one part of a response adds to the message."""

    kind: EventKind
    name: str
    """The field of the part that holds it."""
    text: str


@dataclass(slots=True)
class ChunkContent:
    """What one response of the stream holds."""

    deltas: list[Delta] = field(default_factory=list)
    finish_reason: str | None = None
    finish_message: str = ""
    late: str = ""
    """What finishReason the content comes after, if it was not STOP."""
    block_reason: str = ""
    has_usage: bool = False


@dataclass(slots=True)
class _Text:
    thinking: bool
    text: GrowingText = field(default_factory=GrowingText)
    citations: list[str] = field(default_factory=list)

    def part(self) -> Part:
        text = self.text.text
        return Thinking(text) if self.thinking else Text(text, tuple(self.citations))


@dataclass(slots=True)
class _Call:
    id: str = ""
    name: str = ""
    whole: str = ""
    streamed: StreamedArguments = field(default_factory=StreamedArguments)
    finished: bool = False

    def part(self) -> ToolCall:
        arguments = self.streamed.text if self.streamed else self.whole
        return ToolCall(self.id, self.name, arguments, self.finished)


@dataclass(slots=True)
class _Candidate:
    """One of the answers."""

    parts: list[_Text | _Call | OtherPart] = field(default_factory=list)
    finish_reason: str | None = None
    went_on: bool = False
    """Content has come since the finishReason."""
    citations: list[str] = field(default_factory=list)

    @property
    def open_call(self) -> _Call | None:
        """The call whose arguments go on."""
        last = self.parts[-1] if self.parts else None
        return last if isinstance(last, _Call) and not last.finished else None

    def grow(self, thinking: bool, text: str) -> None:
        last = self.parts[-1] if self.parts else None
        if not isinstance(last, _Text) or last.thinking is not thinking:
            last = _Text(thinking)
            self.parts.append(last)
        last.text.add(text)

    def built(self) -> list[Part]:
        """The parts; what the candidate cites stands with its last text."""
        parts = [part if isinstance(part, OtherPart) else part.part() for part in self.parts]
        for place in range(len(parts) - 1, -1, -1):
            part = parts[place]
            if isinstance(part, Text) and self.citations:
                parts[place] = Text(part.text, tuple(self.citations))
                break
        return parts


class GeminiBuilder:
    """The message of one stream as it adds up. Tolerates any payload."""

    def __init__(self) -> None:
        self.id = ""
        self.model = ""
        self._candidates: dict[int, _Candidate] = {}
        self._counts: dict[str, int] = {}
        self._highest: dict[str, int] = {}
        self._block_reason = ""
        self._error: StreamError | None = None

    @property
    def is_blocked(self) -> bool:
        """Whether the prompt was refused, so that no candidate comes."""
        return bool(self._block_reason) and not self._candidates

    @property
    def all_finished(self) -> bool:
        """Whether there is a candidate, and each has its finishReason behind its content."""
        return bool(self._candidates) and all(
            candidate.finish_reason is not None and not candidate.went_on
            for candidate in self._candidates.values()
        )

    @property
    def went_on(self) -> list[str]:
        """The finishReason of every candidate that ended in content behind it."""
        return [
            candidate.finish_reason
            for candidate in self._candidates.values()
            if candidate.went_on and candidate.finish_reason is not None
        ]

    @property
    def open_calls(self) -> list[ToolCall]:
        """The calls whose arguments have not ended."""
        found = (candidate.open_call for candidate in self._candidates.values())
        return [call.part() for call in found if call is not None]

    @property
    def stop_reason(self) -> str | None:
        """The finishReason of the first candidate, or why there is none."""
        if not self._candidates:
            return self._block_reason or None
        return self._candidates[min(self._candidates)].finish_reason

    @property
    def has_usage(self) -> bool:
        """Whether any token count has come."""
        return bool(self._counts)

    @property
    def shrunk(self) -> str:
        """Which of the counts was higher before, in words; empty for none."""
        for name in CUMULATIVE_COUNTS:
            last, highest = self._counts.get(name, 0), self._highest.get(name, 0)
            if last < highest:
                return f"{name} is {last:,} at the end and was {highest:,}"
        return ""

    @property
    def usage(self) -> Usage:
        """The latest counts."""
        return Usage(
            input_tokens=self._counts.get("promptTokenCount"),
            output_tokens=self._counts.get("candidatesTokenCount"),
            cache_read_tokens=self._counts.get("cachedContentTokenCount"),
            thinking_tokens=self._counts.get("thoughtsTokenCount"),
        )

    def add(self, payload: dict[str, Any]) -> ChunkContent:
        """Takes a response; says what it added."""
        self.id = self.id or string(payload, "responseId")
        self.model = self.model or string(payload, "modelVersion")
        content = ChunkContent()
        for fields in mappings(payload, "candidates"):
            index = number(fields, "index") or 0
            candidate = self._candidates.setdefault(index, _Candidate())
            _add_candidate(candidate, fields, content)
        reason = reason_in(mapping(payload, "promptFeedback"), "blockReason")
        if reason is not None:
            self._block_reason = content.block_reason = reason
        self._count(mapping(payload, "usageMetadata"), content)
        return content

    def fail(self, error: StreamError) -> None:
        """Takes the error that ends the stream. The first one stands."""
        self._error = self._error or error

    def message(self) -> Message:
        """The message as far as it has come: the parts of the first candidate first."""
        return Message(
            id=self.id,
            model=self.model,
            parts=tuple(
                part
                for _, candidate in sorted(self._candidates.items())
                for part in candidate.built()
            ),
            stop_reason=self.stop_reason,
            usage=self.usage,
            error=self._error,
        )

    def _count(self, usage: dict[str, Any], content: ChunkContent) -> None:
        for name in _COUNTS:
            count = number(usage, name)
            if count is None:
                continue
            content.has_usage = True
            self._counts[name] = count
            self._highest[name] = max(count, self._highest.get(name, 0))


def reason_in(fields: dict[str, Any], name: str) -> str | None:
    """A reason by its word, or by the word of its number; None for none."""
    value = fields.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return (
            NUMBERED_REASONS.get(value, f"{name} {value}") if name == "finishReason" else str(value)
        )
    if not isinstance(value, str) or value.endswith("_UNSPECIFIED"):
        return None
    return value or None


def _add_candidate(candidate: _Candidate, fields: dict[str, Any], content: ChunkContent) -> None:
    before = len(content.deltas)
    for part in mappings(mapping(fields, "content"), "parts"):
        _add_part(candidate, part, content)
    if len(content.deltas) > before and candidate.finish_reason is not None:
        candidate.went_on = True
        if candidate.finish_reason != "STOP":
            content.late = candidate.finish_reason
    _cite(candidate, fields)
    reason = reason_in(fields, "finishReason")
    if reason is not None:
        candidate.finish_reason = content.finish_reason = reason
        candidate.went_on = False
        content.finish_message = string(fields, "finishMessage")


def _add_part(candidate: _Candidate, part: dict[str, Any], content: ChunkContent) -> None:
    if isinstance(part.get("functionCall"), dict):
        _add_call(candidate, part["functionCall"], content)
        return
    if isinstance(part.get("text"), str):
        text, thinking = part["text"], part.get("thought") is True
        if text:
            candidate.grow(thinking, text)
            kind = EventKind.THINKING if thinking else EventKind.TEXT
            content.deltas.append(Delta(kind, "thought" if thinking else "text", text))
        return
    name = next((name for name in part if name not in _ABOUT_A_PART), None)
    if name is None:
        return
    value = part[name]
    if name == "inlineData" and isinstance(value, dict):
        value = _account_of_data(value)
    shown = json_text(value)
    candidate.parts.append(OtherPart(name, shown))
    content.deltas.append(Delta(EventKind.STRUCTURE, name, shown))


def _add_call(candidate: _Candidate, fields: dict[str, Any], content: ChunkContent) -> None:
    """A whole call, or a piece of one: ``willContinue`` says that another piece follows."""
    call = candidate.open_call
    if call is None:
        call = _Call()
        candidate.parts.append(call)
    call.id = call.id or string(fields, "id")
    call.name = call.name or string(fields, "name")
    pieces = [call.streamed.add(piece) for piece in mappings(fields, "partialArgs")]
    if isinstance(fields.get("args"), dict):
        call.whole = json_text(fields["args"])
        pieces.append(call.whole)
    call.finished = fields.get("willContinue") is not True
    text = "".join(pieces)
    kind = EventKind.TOOL if text else EventKind.STRUCTURE
    content.deltas.append(Delta(kind, "functionCall", text or call.name))


def _account_of_data(data: dict[str, Any]) -> dict[str, Any]:
    """What an image or a sound is, without its bytes: the event holds them."""
    encoded = string(data, "data")
    size = len(encoded) * 3 // 4 - encoded[-2:].count("=")
    return {"mimeType": string(data, "mimeType"), "bytes": size}


def _cite(candidate: _Candidate, fields: dict[str, Any]) -> None:
    sources = mappings(mapping(fields, "citationMetadata"), "citations")
    sources += mappings(mapping(fields, "citationMetadata"), "citationSources")
    sources += mappings(mapping(fields, "groundingMetadata"), "groundingChunks")
    for source in map(json_text, sources):
        if source not in candidate.citations:
            candidate.citations.append(source)


def whole_message(payload: Any) -> Message | None:
    """The message of an answer that was not streamed, or None if it is none.

    An array of responses is one: what a client has that read a streamed array to its end.
    """
    responses = payload if isinstance(payload, list) else [payload]
    builder = GeminiBuilder()
    found = False
    for response in responses:
        if not isinstance(response, dict):
            return None
        found |= isinstance(response.get("candidates"), list)
        found |= bool(reason_in(mapping(response, "promptFeedback"), "blockReason"))
        builder.add(response)
        if response.get("error"):
            builder.fail(error_from(response["error"]))
    return builder.message() if found else None
