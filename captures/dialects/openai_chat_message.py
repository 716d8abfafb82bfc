"""Builds the message out of the payloads of the Chat Completions API and its many imitations."""

from __future__ import annotations

from typing import Any

from captures.dialects.openai_chat_choice import Choice
from captures.dialects.openai_chat_chunk import ChunkContent
from captures.dialects.payload import error_from, json_text, mapping, mappings, number, string
from captures.findings.openai_chat import CHAT_NO_CHOICES, CHAT_USAGE_SHRINKS
from captures.message import Message, StreamError, Usage

CHUNK = "chat.completion.chunk"
"""The ``object`` of every chunk."""


class ChatBuilder:
    """The message of one completion as it adds up. Tolerates any payload."""

    def __init__(self) -> None:
        self._id = ""
        self._model = ""
        self._choices: dict[int, Choice] = {}
        self._usage: dict[str, int] = {}
        self._error: StreamError | None = None
        self._is_steady = True
        """Whether the id stayed the same and no choice told its role again."""

    @property
    def id(self) -> str:
        """The id, once a chunk has told it."""
        return self._id

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
    def choices(self) -> list[Choice]:
        """The choices by their index."""
        return [choice for _, choice in sorted(self._choices.items())]

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

    def is_of_another(self, payload: dict[str, Any]) -> bool:
        """Whether a chunk begins another completion, as far as that can be told.

        Vendors change the id from chunk to chunk, or repeat the role in each. Only where the
        chunks so far did neither do a new id and a role tell of another completion.
        """
        id_ = string(payload, "id")
        if not self._is_steady or not self._id or id_ in {"", self._id}:
            return False
        if not any(choice.has_content for choice in self._choices.values()):
            return False
        return any(string(mapping(c, "delta"), "role") for c in mappings(payload, "choices"))

    def add(self, payload: dict[str, Any]) -> ChunkContent:
        """Takes a chunk, or a whole completion; says what it added."""
        id_ = string(payload, "id")
        self._is_steady &= id_ in {"", self._id} or not self._id
        self._id = self._id or id_
        self._model = self._model or string(payload, "model")
        content = ChunkContent()
        if string(payload, "object") == CHUNK and not isinstance(payload.get("choices"), list):
            content.complain(CHAT_NO_CHOICES, f"choices is {json_text(payload.get('choices'))}")
        sources = payload.get("citations")
        for fields in mappings(payload, "choices"):
            choice = self._choices.setdefault(number(fields, "index") or 0, Choice())
            choice.add(fields, content)
            if isinstance(sources, list):
                choice.sources = sources
            self._is_steady &= choice.roles <= 1
        usages = (payload.get("usage"), mapping(payload, "x_groq").get("usage"))
        for usage in usages:
            if isinstance(usage, dict):
                content.has_usage = True
                self._take_usage(usage, content)
        return content

    def fail(self, error: StreamError) -> None:
        """Takes the error that ends the stream."""
        self._error = error

    def message(self) -> Message:
        """The first choice as far as it has come, with the others beside it."""
        first, *others = [self._answer(choice) for choice in self.choices] or [Message()]
        return Message(
            id=self._id,
            model=self._model,
            parts=first.parts,
            stop_reason=first.stop_reason,
            usage=self.usage,
            error=self._error,
            alternatives=tuple(others),
        )

    def _answer(self, choice: Choice) -> Message:
        return Message(
            self._id, self._model, parts=choice.parts(), stop_reason=choice.finish_reason
        )

    def _take_usage(self, usage: dict[str, Any], content: ChunkContent) -> None:
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
        told = {name: count for name, count in found.items() if count is not None}
        before, now = self._usage.get("completion_tokens"), told.get("completion_tokens")
        if before is not None and now is not None and now < before:
            content.complain(CHAT_USAGE_SHRINKS, f"completion_tokens {now} after {before}")
        self._usage.update(told)


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
