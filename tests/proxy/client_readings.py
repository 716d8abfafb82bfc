"""What the clients' users get out of a whole stream, with all that a recording may hold."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import anthropic
import openai
from google import genai
from google.genai import types as genai_types

from tests.proxy.real_clients import CLIENT_ERRORS, KEY, QUESTION
from tests.proxy.wire import DEADLINE

Events = Iterator[dict[str, Any]]


@dataclass(frozen=True)
class Reading:
    """What a client made of a stream."""

    text: str
    tool_calls: str
    """Names and arguments in the order in which they came."""
    stop: tuple[str, ...]
    usage: tuple[Any, ...]
    events: tuple[str, ...]
    """Everything it gave out, as JSON."""
    error: str | None
    """What it raised, without what names the server."""


@dataclass(frozen=True)
class Reader:
    """A client and how its events tell of the answer."""

    protocol: str
    events: Callable[[str], Events]
    """Asks an origin."""
    parts: Callable[[dict[str, Any]], Iterator[tuple[str, Any]]]
    """The text, tool calls, stop reasons and usages of one event, each with its kind."""

    def read(self, origin: str) -> Reading:
        """Asks an origin and reads to the end. Blocks."""
        found: dict[str, list[Any]] = {"text": [], "tool": [], "stop": [], "usage": []}
        events: list[str] = []
        error = None
        try:
            for event in self.events(origin):
                events.append(json.dumps(event, sort_keys=True))
                for kind, value in self.parts(event):
                    if value is not None:
                        found[kind].append(value)
        except (*CLIENT_ERRORS, ValueError, KeyError) as raised:
            error = f"{type(raised).__name__}: {raised}".replace(origin, "ORIGIN")
        return Reading(
            "".join(found["text"]),
            "".join(found["tool"]),
            tuple(found["stop"]),
            tuple(found["usage"]),
            tuple(events),
            error,
        )


def _dumped(event: Any, **options: Any) -> dict[str, Any]:
    dumped: dict[str, Any] = event.model_dump(mode="json", warnings=False, **options)
    return dumped


def _anthropic_events(origin: str) -> Events:
    with (
        anthropic.Anthropic(base_url=origin, api_key=KEY, max_retries=0, timeout=DEADLINE) as sdk,
        sdk.messages.create(
            model="claude",
            max_tokens=9,
            messages=[{"role": "user", "content": QUESTION}],
            stream=True,
        ) as events,
    ):
        yield from map(_dumped, events)


def _anthropic_parts(event: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    delta = event.get("delta") or {}
    yield "text", delta.get("text")
    yield "tool", delta.get("partial_json")
    yield "tool", (event.get("content_block") or {}).get("name")
    yield "stop", delta.get("stop_reason")
    yield "usage", event.get("usage")


def _openai(origin: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{origin}/v1", api_key=KEY, max_retries=0, timeout=DEADLINE)


def _chat_events(origin: str) -> Events:
    with (
        _openai(origin) as sdk,
        sdk.chat.completions.create(
            model="gpt", messages=[{"role": "user", "content": QUESTION}], stream=True
        ) as chunks,
    ):
        yield from map(_dumped, chunks)


def _chat_parts(chunk: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for choice in chunk.get("choices") or []:
        delta = choice.get("delta") or {}
        yield "text", delta.get("content") if isinstance(delta.get("content"), str) else None
        for call in delta.get("tool_calls") or []:
            function = call.get("function") or {}
            yield "tool", function.get("name")
            yield "tool", function.get("arguments")
        yield "stop", choice.get("finish_reason")
    yield "usage", chunk.get("usage")


def _responses_events(origin: str) -> Events:
    with (
        _openai(origin) as sdk,
        sdk.responses.create(model="gpt", input=QUESTION, stream=True) as events,
    ):
        yield from map(_dumped, events)


def _responses_parts(event: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    delta = event.get("delta")
    if isinstance(delta, str):
        yield "tool" if "arguments" in event["type"] else "text", delta
    if event.get("type") == "response.output_item.added":
        yield "tool", (event.get("item") or {}).get("name")
    if event.get("type") in {"response.completed", "response.incomplete", "response.failed"}:
        yield "stop", event["response"].get("status")
        yield "usage", event["response"].get("usage")


def _genai_events(origin: str) -> Events:
    options = genai_types.HttpOptions(
        base_url=origin,
        timeout=int(DEADLINE * 1000),
        retry_options=genai_types.HttpRetryOptions(attempts=1),
    )
    with genai.Client(api_key=KEY, http_options=options) as sdk:
        for chunk in sdk.models.generate_content_stream(model="gemini", contents=QUESTION):
            # The header fields of the answer are those of the server.
            yield _dumped(chunk, exclude={"sdk_http_response"})


def _genai_parts(chunk: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for candidate in chunk.get("candidates") or []:
        for part in (candidate.get("content") or {}).get("parts") or []:
            yield "text", part.get("text")
            call = part.get("function_call")
            yield "tool", json.dumps(call, sort_keys=True) if call else None
        yield "stop", candidate.get("finish_reason")
    yield "usage", chunk.get("usage_metadata")


READERS = (
    Reader("anthropic.messages", _anthropic_events, _anthropic_parts),
    Reader("openai.chat", _chat_events, _chat_parts),
    Reader("openai.responses", _responses_events, _responses_parts),
    Reader("gemini.generateContent", _genai_events, _genai_parts),
)
