"""Reading the JSON of a peer: whatever it holds, the answer has the type that was asked for."""

from __future__ import annotations

from typing import Any

import orjson

from captures.message import StreamError, Usage


def parsed(data: str) -> dict[str, Any] | None:
    """The JSON object in an event's data, or None if it is none."""
    try:
        payload = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    return payload if isinstance(payload, dict) else None


def string(fields: dict[str, Any], name: str) -> str:
    """A field's text; empty if it has none."""
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def number(fields: dict[str, Any], name: str) -> int | None:
    """A field's whole number; None if it has none."""
    value = fields.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def mapping(fields: dict[str, Any], name: str) -> dict[str, Any]:
    """A field's object; empty if it has none."""
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def mappings(fields: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects in a field's list; empty if it has none."""
    value = fields.get(name)
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def json_text(value: Any) -> str:
    """A parsed value as JSON text again. Deeper values can be read than written."""
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:
        return '"nested too deeply to be shown"'


def error_from(error: Any) -> StreamError:
    """An error as the providers word it: an object with a type, a status or a code, or a text."""
    if isinstance(error, str):
        return StreamError("error", error)
    if not isinstance(error, dict):
        return StreamError("error", "")
    words = (string(error, "type"), string(error, "status"), string(error, "code"))
    type_ = next((word for word in words if word), None)
    if type_ is None:
        code = number(error, "code")
        type_ = "error" if code is None else str(code)
    return StreamError(type_, string(error, "message"))


def error_answer(payload: Any) -> StreamError | None:
    """The error in an answer that is an error, or None.

    The forms met: ``{"error": …}``, the same in a list, and flat with ``"object": "error"``.
    """
    if isinstance(payload, list):
        payload = payload[0] if payload else None
    if not isinstance(payload, dict):
        return None
    if payload.get("error"):
        return error_from(payload["error"])
    if payload.get("object") == "error":
        return error_from(payload)
    return None


def usage_from(usage: dict[str, Any]) -> Usage:
    """A usage in the words of the OpenAI and Anthropic families, which most others took over."""
    details = mapping(usage, "prompt_tokens_details") or mapping(usage, "input_tokens_details")
    inputs, outputs = number(usage, "prompt_tokens"), number(usage, "completion_tokens")
    return Usage(
        input_tokens=number(usage, "input_tokens") if inputs is None else inputs,
        output_tokens=number(usage, "output_tokens") if outputs is None else outputs,
        cache_read_tokens=number(details, "cached_tokens"),
    )
