"""The providers' Python clients, each asked as programs usually ask, and what they made of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any

import anthropic
import openai
from google import genai
from google.genai import types as genai_types

KEY = "sk-made-up"
QUESTION = "How does streaming work?"
CLIENT_TIMEOUT = 1.0
"""Seconds of silence after which a client gives up."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a program that adds up the deltas has in the end."""

    text: str = ""
    calls: str = ""
    """Names and arguments of the tool calls, one behind the other."""
    stop: str = ""
    raised: str = ""
    """Class of what the client raised."""


Part = tuple[str, str | None]
"""A kind (``text``, ``calls`` or ``stop``) and what comes to it."""


@dataclass(frozen=True, slots=True)
class Client:
    """One client, speaking one protocol."""

    name: str
    package: str
    path: str
    """Where it asks, with ``MODEL`` in place of the model."""
    question: dict[str, Any]
    """What it asks, without the model."""
    parts: Callable[[str], Iterator[Part]]
    """Asks an origin; gives what comes, part by part."""

    @property
    def version(self) -> str:
        """Of the installed package."""
        return version(self.package)

    def hear(self, origin: str) -> Heard:
        """Asks an origin and reads to the end. Blocks."""
        found: dict[str, list[str]] = {"text": [], "calls": [], "stop": []}
        raised = ""
        try:
            for kind, value in self.parts(origin):
                found[kind].append(value or "")
        except Exception as error:
            raised = type(error).__name__
        text, calls, stop = ("".join(found[kind]) for kind in ("text", "calls", "stop"))
        return Heard(text, calls, stop, raised)


@cache
def _anthropic() -> anthropic.Anthropic:
    return anthropic.Anthropic(api_key=KEY, max_retries=0, timeout=CLIENT_TIMEOUT)


@cache
def _openai() -> openai.OpenAI:
    return openai.OpenAI(api_key=KEY, max_retries=0, timeout=CLIENT_TIMEOUT)


def close_clients() -> None:
    """Closes the connections that the clients keep."""
    for made in (_anthropic, _openai):
        if made.cache_info().currsize:
            made().close()
            made.cache_clear()


def _anthropic_parts(origin: str) -> Iterator[Part]:
    with (
        _anthropic()
        .with_options(base_url=origin)
        .messages.create(
            model="model",
            max_tokens=9,
            messages=[{"role": "user", "content": QUESTION}],
            stream=True,
        ) as events
    ):
        for event in events:
            if event.type == "content_block_start" and event.content_block.type == "tool_use":
                yield "calls", f"[{event.index} {event.content_block.name}]"
            elif event.type == "content_block_delta" and event.delta.type == "text_delta":
                yield "text", event.delta.text
            elif event.type == "content_block_delta" and event.delta.type == "input_json_delta":
                yield "calls", event.delta.partial_json
            elif event.type == "message_delta":
                yield "stop", event.delta.stop_reason


def _chat_parts(origin: str) -> Iterator[Part]:
    with (
        _openai()
        .with_options(base_url=f"{origin}/v1")
        .chat.completions.create(
            model="model", messages=[{"role": "user", "content": QUESTION}], stream=True
        ) as chunks
    ):
        for chunk in chunks:
            for choice in chunk.choices:
                yield "text", choice.delta.content
                yield "stop", choice.finish_reason
                for call in choice.delta.tool_calls or []:
                    function = call.function
                    if function is not None and function.name:
                        yield "calls", f"[{call.index} {function.name}]"
                    yield "calls", function.arguments if function is not None else None


def _responses_parts(origin: str) -> Iterator[Part]:
    with (
        _openai()
        .with_options(base_url=f"{origin}/v1")
        .responses.create(model="model", input=QUESTION, stream=True) as events
    ):
        for event in events:
            if event.type == "response.output_text.delta":
                yield "text", event.delta
            elif event.type == "response.output_item.added" and event.item.type == "function_call":
                yield "calls", f"[{event.output_index} {event.item.name}]"
            elif event.type == "response.function_call_arguments.delta":
                yield "calls", event.delta
            elif event.type == "response.completed":
                yield "stop", event.response.status


def _gemini_parts(origin: str) -> Iterator[Part]:
    options = genai_types.HttpOptions(
        base_url=origin,
        timeout=int(CLIENT_TIMEOUT * 1000),
        retry_options=genai_types.HttpRetryOptions(attempts=1),
    )
    with genai.Client(api_key=KEY, http_options=options) as client:
        for chunk in client.models.generate_content_stream(model="model", contents=QUESTION):
            for candidate in chunk.candidates or []:
                content = candidate.content
                for part in (content.parts if content is not None else None) or []:
                    yield "text", part.text
                    if part.function_call is not None:
                        arguments = json.dumps(part.function_call.args, sort_keys=True)
                        yield "calls", f"[{part.function_call.name}]{arguments}"
                reason = candidate.finish_reason
                yield "stop", reason.value if reason is not None else None


_MESSAGES = [{"role": "user", "content": QUESTION}]

CLIENTS = (
    Client(
        "anthropic",
        "anthropic",
        "/v1/messages",
        {"max_tokens": 9, "messages": _MESSAGES, "stream": True},
        _anthropic_parts,
    ),
    Client(
        "openai, Chat Completions",
        "openai",
        "/v1/chat/completions",
        {"messages": _MESSAGES, "stream": True},
        _chat_parts,
    ),
    Client(
        "openai, Responses",
        "openai",
        "/v1/responses",
        {"input": QUESTION, "stream": True},
        _responses_parts,
    ),
    Client(
        "google-genai",
        "google-genai",
        "/v1beta/models/MODEL:streamGenerateContent?alt=sse",
        {"contents": [{"role": "user", "parts": [{"text": QUESTION}]}]},
        _gemini_parts,
    ),
)
