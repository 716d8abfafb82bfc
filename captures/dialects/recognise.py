"""Which dialect a stream speaks: by the shape of its first event, then by a header or its path.

Gateways reuse paths for other protocols, so the shape decides where it can. An error looks
alike in all of them, so of a stream that begins with one the path is asked first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from captures.aws_event_stream import MessageDecoder
from captures.dialects import (
    a2a,
    ag_ui,
    anthropic,
    anthropic_message,
    assistants,
    bedrock_agent,
    bedrock_converse,
    bedrock_invoke,
    cohere_v1,
    cohere_v2,
    completions,
    gemini,
    gemini_interactions,
    gemini_message,
    mcp,
    mistral_conversations,
    ollama,
    openai_chat,
    openai_chat_message,
    openai_responses,
    openai_responses_message,
    plain,
    replicate,
    sourcegraph,
    text_generation,
    transcription,
    vercel_data,
    vercel_ui,
    watsonx,
    writer,
)
from captures.dialects.base import Dialect
from captures.dialects.payload import error_answer, parsed
from captures.message import Message
from captures.ndjson import LineDecoder
from captures.sse import Frame


@dataclass(frozen=True, slots=True)
class _Entry:
    """How one dialect is told from the others."""

    recognises: Callable[[Frame], bool]
    path_suffix: str | tuple[str, ...]
    """What its paths end with; empty where no path tells it from others."""
    make: Callable[[], Dialect]
    framing: str = ""
    """The only framing it comes in, where its shape and path alone do not tell it from others."""
    of_request: Callable[[bytes], Dialect] | None = None
    """Makes the fold of an answer to a request with this body, where its judgement needs it."""
    header: str = ""
    """A response header that names it, in lower case; empty where there is none."""

    def new(self, request_body: bytes) -> Dialect:
        """A new fold of an answer to a request with this body."""
        return self.make() if self.of_request is None else self.of_request(request_body)


_AWS = MessageDecoder.name
_LINES = LineDecoder.name

DIALECTS: tuple[_Entry, ...] = (
    _Entry(
        bedrock_converse.recognises,
        "/converse-stream",
        bedrock_converse.ConverseDialect,
        framing=_AWS,
    ),
    _Entry(bedrock_agent.recognises, "", bedrock_agent.AgentDialect, framing=_AWS),
    _Entry(
        bedrock_invoke.recognises,
        "/invoke-with-response-stream",
        bedrock_invoke.InvokeDialect,
        framing=_AWS,
    ),
    _Entry(vercel_data.recognises, "", vercel_data.VercelDataDialect, framing=_LINES),
    _Entry(vercel_ui.recognises, "", vercel_ui.VercelUiDialect, header=vercel_ui.HEADER),
    _Entry(openai_responses.recognises, "/responses", openai_responses.OpenAIResponsesDialect),
    _Entry(anthropic.recognises, "/v1/messages", anthropic.AnthropicDialect),
    _Entry(openai_chat.recognises, "/chat/completions", openai_chat.OpenAIChatDialect),
    _Entry(gemini.recognises, ":streamGenerateContent", gemini.GeminiDialect),
    _Entry(ollama.recognises, ("/api/chat", "/api/generate"), ollama.OllamaDialect, framing=_LINES),
    _Entry(cohere_v1.recognises, "", cohere_v1.CohereV1Dialect),
    _Entry(
        gemini_interactions.recognises,
        "/interactions",
        gemini_interactions.GeminiInteractionsDialect,
    ),
    _Entry(a2a.recognises, "/message:stream", a2a.A2ADialect),
    _Entry(mcp.recognises, "/mcp", mcp.McpDialect, of_request=mcp.McpDialect),
    _Entry(ag_ui.recognises, "", ag_ui.AgUiDialect),
    _Entry(cohere_v2.recognises, "/v2/chat", cohere_v2.CohereDialect),
    _Entry(
        mistral_conversations.recognises,
        "",
        mistral_conversations.MistralConversationsDialect,
    ),
    _Entry(assistants.recognises, "", assistants.AssistantsDialect),
    _Entry(
        transcription.recognises, "/v1/audio/transcriptions", transcription.TranscriptionDialect
    ),
    _Entry(completions.recognises_openai, "/v1/completions", completions.OpenAICompletionsDialect),
    _Entry(completions.recognises_anthropic, "/v1/complete", completions.AnthropicCompleteDialect),
    _Entry(sourcegraph.recognises, "/completions/stream", sourcegraph.SourcegraphDialect),
    _Entry(replicate.recognises, "", replicate.ReplicateDialect),
    _Entry(watsonx.recognises, "/generation_stream", watsonx.WatsonxDialect),
    _Entry(writer.recognises, "", writer.WriterDialect),
    _Entry(text_generation.recognises, "/generate_stream", text_generation.TextGenerationDialect),
)
"""Tried in order; a stream that none of them recognises is a plain one."""


WHOLE_MESSAGES: tuple[Callable[[Any], Message | None], ...] = (
    anthropic_message.whole_message,
    openai_chat_message.whole_message,
    openai_responses_message.whole_message,
    gemini_message.whole_message,
    ollama.whole_message,
    bedrock_converse.whole_message,
    cohere_v1.whole_message,
    gemini_interactions.whole_message,
    a2a.whole_message,
    mcp.whole_message,
    cohere_v2.whole_message,
    mistral_conversations.whole_message,
    assistants.whole_message,
    transcription.whole_message,
    completions.whole_openai_message,
    completions.whole_anthropic_message,
    watsonx.whole_message,
    text_generation.whole_message,
)
"""Each reads the answers of one protocol that were not streamed; tried in order."""


def dialect_for(
    frame: Frame,
    target: str,
    framing: str = "sse",
    request_body: bytes = b"",
    headers: frozenset[str] = frozenset(),
) -> Dialect:
    """A new fold for the stream whose first dispatched event is this frame.

    Args:
        frame: the first event.
        target: the request target, with its query.
        framing: the name of the framing that made the frame.
        request_body: what was asked, as it was sent.
        headers: the names of the response's header fields, in lower case.
    """
    possible = [entry for entry in DIALECTS if entry.framing in {"", framing}]
    by_shape = [entry for entry in possible if entry.recognises(frame)]
    by_header = [entry for entry in possible if entry.header in headers]
    by_path = _at(target, framing) if frame.data.startswith("{") or frame.is_error else []
    by_place = by_header + by_path
    candidates = by_place + by_shape if _is_error(frame) else by_shape + by_place
    return candidates[0].new(request_body) if candidates else plain.PlainDialect(framing)


def dialect_at(target: str, framing: str = "sse", request_body: bytes = b"") -> Dialect | None:
    """A new fold for a stream without an event, by its request target; None if that tells none."""
    return next((entry.new(request_body) for entry in _at(target, framing)), None)


def whole_message(payload: Any) -> Message | None:
    """The message of a JSON answer that was not streamed, or None if it is none."""
    for read in WHOLE_MESSAGES:
        message = read(payload)
        if message is not None:
            return message
    error = error_answer(payload)
    return None if error is None else Message(error=error)


def _at(target: str, framing: str) -> list[_Entry]:
    path = target.partition("?")[0]
    return [
        entry
        for entry in DIALECTS
        if entry.framing in {"", framing} and entry.path_suffix and path.endswith(entry.path_suffix)
    ]


def _is_error(frame: Frame) -> bool:
    if frame.is_error:
        return True
    payload = parsed(frame.data)
    return payload is not None and (payload.get("type") == "error" or bool(payload.get("error")))
