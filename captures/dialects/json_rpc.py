"""JSON-RPC 2.0, the messages of MCP and A2A: https://www.jsonrpc.org/specification."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from captures.dialects.payload import json_text, string
from captures.message import StreamError

Id = str
"""The id of a request as JSON text: ``1`` and ``"1"`` are two."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that wants a response."""

    id: Id
    method: str


def messages_in(data: str | bytes) -> list[dict[str, Any]] | None:
    """The messages in an event's data or a body: one, or the batch of them; None if there are none.

    Batches were part of MCP in its revision 2025-03-26 alone.
    """
    try:
        return messages_of(orjson.loads(data))
    except orjson.JSONDecodeError:
        return None


def messages_of(payload: Any) -> list[dict[str, Any]] | None:
    """The messages in parsed JSON; None if there are none or something else is among them."""
    found = payload if isinstance(payload, list) else [payload]
    return found if found and all(is_message(message) for message in found) else None


def is_message(payload: Any) -> bool:
    """Whether a value is a request, a notification or a response."""
    if not isinstance(payload, dict) or payload.get("jsonrpc") != "2.0":
        return False
    return isinstance(payload.get("method"), str) or "result" in payload or "error" in payload


def is_response(message: dict[str, Any]) -> bool:
    """Whether a message answers a request."""
    return "method" not in message


def id_of(message: dict[str, Any]) -> Id | None:
    """The id of a message; None where it has none, as a notification."""
    found = message.get("id")
    return None if found is None else json_text(found)


def requests_in(body: bytes) -> tuple[Asked, ...]:
    """The requests in the body of an HTTP request that want a response."""
    messages = messages_in(body) or []
    return tuple(
        Asked(id_, message["method"])
        for message in messages
        if not is_response(message) and (id_ := id_of(message)) is not None
    )


def error_of(message: dict[str, Any]) -> StreamError | None:
    """The error of a response, its type the code; None for another message."""
    error = message.get("error")
    if error is None:
        return None
    fields = error if isinstance(error, dict) else {}
    return StreamError(json_text(fields.get("code", "error")), string(fields, "message"))
