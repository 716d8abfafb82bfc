"""The real clients, each asked in the way its users ask, and what each of them made of a stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Mapping
from contextlib import aclosing, closing
from dataclasses import dataclass
from typing import Any

import aiohttp
import anthropic
import httpx2
import openai
from google import genai
from google.genai import errors as genai_errors
from google.genai import types as genai_types

from tests.proxy.provider_streams import (
    ANTHROPIC,
    CHAT_COMPLETIONS,
    GEMINI,
    RESPONSES,
    ProviderStream,
)
from tests.proxy.wire import DEADLINE

CLIENT_ERRORS = (
    anthropic.AnthropicError,
    openai.OpenAIError,
    genai_errors.APIError,
    httpx2.HTTPError,
    aiohttp.ClientError,
)
"""What a client may raise; anything else fails the test, warnings too."""

KEY = "sk-canary-0123456789"
QUESTION = "How does streaming work?"


@dataclass(frozen=True)
class Piece:
    """One event of a stream, told in the same words for every client."""

    text: str = ""
    stop: str | None = None
    output_tokens: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What the user of a client sees in the end."""

    text: str
    stop: str | None = None
    output_tokens: int | None = None
    error: str | None = None
    """Package and class of what was raised."""
    status: int | None = None
    retry_after: str | None = None


@dataclass
class Listener:
    """Adds up what a client hears. Mutable."""

    heard_text: Callable[[], object]
    """Called at the first text."""
    leave_after_text: bool = False
    text: str = ""
    stop: str | None = None
    output_tokens: int | None = None
    error: Exception | None = None

    def hear(self, piece: Piece) -> bool:
        """Takes a piece; tells whether to go on."""
        first = bool(piece.text) and not self.text
        self.text += piece.text
        self.stop = piece.stop or self.stop
        self.output_tokens = piece.output_tokens or self.output_tokens
        if first:
            self.heard_text()
        return not (first and self.leave_after_text)

    def outcome(self) -> Outcome:
        """What was heard and raised, comparable."""
        heard = Outcome(self.text, self.stop, self.output_tokens)
        error = self.error
        if error is None:
            return heard
        status: int | None = None
        headers: Mapping[str, str] = {}
        if isinstance(error, anthropic.APIStatusError | openai.APIStatusError):
            status, headers = error.status_code, error.response.headers
        elif isinstance(error, genai_errors.APIError):
            status = error.code
            headers = error.response.headers
        kind = type(error)
        return Outcome(
            heard.text,
            heard.stop,
            heard.output_tokens,
            error=f"{kind.__module__.split('.')[0]}.{kind.__name__}",
            status=status,
            retry_after=headers.get("retry-after"),
        )


Pieces = Generator[Piece, None, None]
AsyncPieces = AsyncGenerator[Piece, None]
Ask = Callable[[str, Listener], Coroutine[Any, Any, None]]
"""Asks an origin and tells a listener; made of a client's pieces."""


def anthropic_pieces(origin: str) -> Pieces:
    with (
        anthropic.Anthropic(base_url=origin, api_key=KEY, max_retries=0, timeout=DEADLINE) as sdk,
        sdk.messages.create(stream=True, **_ANTHROPIC_QUESTION) as events,
    ):
        for event in events:
            yield _anthropic_piece(event)


async def anthropic_async_pieces(origin: str) -> AsyncPieces:
    async with (
        anthropic.AsyncAnthropic(
            base_url=origin, api_key=KEY, max_retries=0, timeout=DEADLINE
        ) as sdk,
        await sdk.messages.create(stream=True, **_ANTHROPIC_QUESTION) as events,
    ):
        async for event in events:
            yield _anthropic_piece(event)


_ANTHROPIC_QUESTION: dict[str, Any] = {
    "model": "claude-model",
    "max_tokens": 1024,
    "messages": [{"role": "user", "content": QUESTION}],
}


def _anthropic_piece(event: anthropic.types.RawMessageStreamEvent) -> Piece:
    if event.type == "content_block_delta" and event.delta.type == "text_delta":
        return Piece(event.delta.text)
    if event.type == "message_delta":
        return Piece(stop=event.delta.stop_reason, output_tokens=event.usage.output_tokens)
    return Piece()


def chat_pieces(origin: str) -> Pieces:
    with (
        openai.OpenAI(base_url=f"{origin}/v1", api_key=KEY, max_retries=0, timeout=DEADLINE) as sdk,
        sdk.chat.completions.create(stream=True, **_CHAT_QUESTION) as chunks,
    ):
        for chunk in chunks:
            yield _chat_piece(chunk)


_CHAT_QUESTION: dict[str, Any] = {
    "model": "gpt-5",
    "messages": [{"role": "user", "content": QUESTION}],
    "stream_options": {"include_usage": True},
}


def _chat_piece(chunk: openai.types.chat.ChatCompletionChunk) -> Piece:
    tokens = chunk.usage.completion_tokens if chunk.usage else None
    if not chunk.choices:
        return Piece(output_tokens=tokens)
    choice = chunk.choices[0]
    return Piece(choice.delta.content or "", choice.finish_reason, tokens)


async def responses_pieces(origin: str) -> AsyncPieces:
    async with (
        openai.AsyncOpenAI(
            base_url=f"{origin}/v1", api_key=KEY, max_retries=0, timeout=DEADLINE
        ) as sdk,
        await sdk.responses.create(model="gpt-5", input=QUESTION, stream=True) as events,
    ):
        async for event in events:
            if event.type == "response.output_text.delta":
                yield Piece(event.delta)
            elif event.type == "response.completed":
                usage = event.response.usage
                tokens = usage.output_tokens if usage else None
                yield Piece(stop=event.response.status, output_tokens=tokens)


def _genai_client(origin: str) -> genai.Client:
    options = genai_types.HttpOptions(
        base_url=origin,
        timeout=int(DEADLINE * 1000),
        retry_options=genai_types.HttpRetryOptions(attempts=1),
    )
    return genai.Client(api_key=KEY, http_options=options)


def genai_pieces(origin: str) -> Pieces:
    with _genai_client(origin) as sdk:
        chunks = sdk.models.generate_content_stream(model="gemini-2.5-flash", contents=QUESTION)
        for chunk in chunks:
            yield _genai_piece(chunk)


async def genai_async_pieces(origin: str) -> AsyncPieces:
    async with _genai_client(origin).aio as sdk:
        chunks = await sdk.models.generate_content_stream(
            model="gemini-2.5-flash", contents=QUESTION
        )
        async for chunk in chunks:
            yield _genai_piece(chunk)


def _genai_piece(chunk: genai_types.GenerateContentResponse) -> Piece:
    reason = chunk.candidates[0].finish_reason if chunk.candidates else None
    usage = chunk.usage_metadata
    return Piece(
        chunk.text or "",
        reason.value if reason else None,
        usage.candidates_token_count if usage else None,
    )


def in_a_thread(pieces: Callable[[str], Pieces]) -> Ask:
    """Asks with a client that blocks."""

    def listen(origin: str, listener: Listener) -> None:
        try:
            with closing(pieces(origin)) as stream:
                for piece in stream:
                    if not listener.hear(piece):
                        break
        except CLIENT_ERRORS as error:
            listener.error = error

    async def ask(origin: str, listener: Listener) -> None:
        await asyncio.to_thread(listen, origin, listener)

    return ask


def in_the_loop(pieces: Callable[[str], AsyncPieces]) -> Ask:
    """Asks with a client that is asynchronous."""

    async def ask(origin: str, listener: Listener) -> None:
        try:
            async with aclosing(pieces(origin)) as stream:
                async for piece in stream:
                    if not listener.hear(piece):
                        break
        except CLIENT_ERRORS as error:
            listener.error = error

    return ask


@dataclass(frozen=True)
class RealClient:
    """A client and the provider it speaks to."""

    ask: Ask
    stream: ProviderStream


CLIENTS: dict[str, RealClient] = {
    "anthropic": RealClient(in_a_thread(anthropic_pieces), ANTHROPIC),
    "anthropic async": RealClient(in_the_loop(anthropic_async_pieces), ANTHROPIC),
    "openai chat": RealClient(in_a_thread(chat_pieces), CHAT_COMPLETIONS),
    "openai responses async": RealClient(in_the_loop(responses_pieces), RESPONSES),
    "google-genai": RealClient(in_a_thread(genai_pieces), GEMINI),
    "google-genai async": RealClient(in_the_loop(genai_async_pieces), GEMINI),
}
