"""Responses of Gemini's generateContent, made by hand."""

from __future__ import annotations

import json
from typing import Any


def data(payload: Any) -> bytes:
    """One event; Gemini ends its lines in CR LF."""
    return f"data: {json.dumps(payload, ensure_ascii=False)}\r\n\r\n".encode()


def candidate(*parts: dict[str, Any], index: int = 0, **fields: Any) -> dict[str, Any]:
    content = {"content": {"role": "model", "parts": list(parts)}} if parts else {}
    return {**content, "index": index, **fields}


def payload(*candidates: dict[str, Any], output: int = 4, **fields: Any) -> dict[str, Any]:
    """A GenerateContentResponse with these candidates."""
    usage = {"promptTokenCount": 12, "candidatesTokenCount": output, "totalTokenCount": 12 + output}
    about = {"modelVersion": "gemini-made-up", "responseId": "resp-1"}
    return {"candidates": list(candidates), "usageMetadata": usage, **about, **fields}


def response(*candidates: dict[str, Any], output: int = 4, **fields: Any) -> bytes:
    return data(payload(*candidates, output=output, **fields))


def text(words: str, **fields: Any) -> bytes:
    return response(candidate({"text": words}), **fields)


def thought(words: str) -> bytes:
    return response(candidate({"text": words, "thought": True, "thoughtSignature": "AAAA"}))


def call(finish_reason: str | None = None, **fields: Any) -> bytes:
    return response(candidate({"functionCall": fields}, finishReason=finish_reason))


def finish(reason: str | int = "STOP", words: str = "", output: int = 9, **fields: Any) -> bytes:
    parts = [{"text": words}] if words else []
    return response(candidate(*parts, finishReason=reason, **fields), output=output)


def error(**fields: Any) -> bytes:
    return data(
        {"error": {"code": 503, "message": "Overloaded", "status": "UNAVAILABLE", **fields}}
    )


def array(*payloads: Any, end: str = "\n]\n") -> bytes:
    """The body without ``alt=sse``."""
    elements = [json.dumps(entry, ensure_ascii=False, indent=2) for entry in payloads]
    return ("[" + "\n,\r\n".join(elements) + end).encode()


HELLO = [text("Hello, "), finish(words="wörld 👋")]
"""A healthy answer."""

TOOL_USE = [
    thought("Which city?"),
    call("STOP", id="call_1", name="weather", args={"city": "Genève"}),
]
"""A healthy answer that thinks and calls a tool."""

STREAMED_CALL = [
    call(name="weather", willContinue=True),
    call(
        partialArgs=[{"jsonPath": "$.city", "stringValue": "Gen", "willContinue": True}],
        willContinue=True,
    ),
    call(partialArgs=[{"jsonPath": "$.city", "stringValue": "ève"}], willContinue=True),
    call(partialArgs=[{"jsonPath": "$.days[0]", "numberValue": 2}], willContinue=True),
    call("STOP"),
]
"""A healthy answer whose arguments are streamed."""

BLOCKED = [data({"promptFeedback": {"blockReason": "SAFETY"}, "modelVersion": "gemini-made-up"})]
