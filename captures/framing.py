"""How a body is cut into events: the seam between bytes and dialects.

A framing turns the bytes of one body, cut anywhere, into frames that tile it: server-sent events,
JSON lines, the messages of an AWS event stream, the elements of a JSON array.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from captures.aws_event_stream import MessageDecoder
from captures.json_array import ArrayDecoder
from captures.ndjson import LineDecoder
from captures.sse import Decoder, Frame

JSON = "application/json"
DATA_STREAM_HEADER = "x-vercel-ai-data-stream"


class Framing(Protocol):
    """Turns the bytes of one body into frames. Mutable; never raises on any input."""

    @property
    def name(self) -> str:
        """What the faces call it, such as ``sse``."""

    def feed(self, data: bytes, time: float) -> list[Frame]:
        """The frames that these bytes, arrived at this time in seconds, complete."""

    def finish(self) -> list[Frame]:
        """The frames left when the body has ended."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What of a request and of its response's head decides whether, and how, the body streams."""

    content_type: str
    """The media type without parameters, in lower case."""
    target: str
    """The request target, with its query."""
    status: int = 200
    request_body: bytes = b""
    headers: frozenset[str] = frozenset()
    """The names of the response's header fields, in lower case."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """When a body is framed so."""

    content_types: tuple[str, ...]
    path_suffixes: tuple[str, ...]
    """One of these the path must end with; an empty one lets the content type alone decide."""
    make: Callable[[int], Framing]
    """Makes the framing of a body, or of the rest of one from this offset on."""
    streams: Callable[[Answer], bool] = lambda answer: True
    """What else must hold."""

    def fits(self, answer: Answer) -> bool:
        """Whether the body of this answer is framed so."""
        path = answer.target.partition("?")[0]
        return (
            answer.content_type in self.content_types
            and path.endswith(self.path_suffixes)
            and self.streams(answer)
        )


def _was_asked_for(answer: Answer) -> bool:
    """Ollama streams unless the request says ``"stream": false``, and errors never stream."""
    try:
        asked: Any = orjson.loads(answer.request_body)
    except orjson.JSONDecodeError:
        asked = None
    refused = isinstance(asked, dict) and asked.get("stream") is False
    return answer.status < 400 and not refused


def _is_data_stream(answer: Answer) -> bool:
    """The AI SDK of Vercel up to its version 4 said with a header that plain text is a stream."""
    return DATA_STREAM_HEADER in answer.headers


def _is_no_error(answer: Answer) -> bool:
    return answer.status < 400


LINES = (
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/x-jsonl",
    "application/jsonlines",
    "application/stream+json",
)
"""The media types of JSON lines; none of them is registered."""

FRAMINGS: tuple[_Entry, ...] = (
    _Entry(("text/event-stream",), ("",), Decoder),
    _Entry(LINES, ("",), LineDecoder),
    _Entry(("text/plain",), ("",), LineDecoder, _is_data_stream),
    _Entry(("application/vnd.amazon.eventstream",), ("",), MessageDecoder),
    _Entry((JSON,), (":streamGenerateContent",), ArrayDecoder, _is_no_error),
    _Entry((JSON,), ("/api/chat", "/api/generate"), LineDecoder, _was_asked_for),
)
"""Tried in order. A body that none of them fits is no stream."""


def framing_for(answer: Answer) -> Callable[[int], Framing] | None:
    """What makes the framing of a response, or None if it is no stream."""
    return next((entry.make for entry in FRAMINGS if entry.fits(answer)), None)
