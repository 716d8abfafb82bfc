"""Reads a request to the sandbox: any bytes in, an Ask out, or a sentence on what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from proxy.sandbox_scenarios import DEFAULT_SCENARIO, Scenario, choose_scenario

CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Ask:
    """What a client asks for.

    Attributes:
        model: the model's name, as the client wrote it.
        scenario: how the answer shall go.
        stream: whether the answer shall be streamed.
        input_tokens: an estimate of the prompt's length.
        stop_sequence: the first of the request's stop sequences, or "END".
        include_usage: whether a stream shall tell its usage, where that must be asked for.
    """

    model: str
    scenario: Scenario
    stream: bool
    input_tokens: int
    stop_sequence: str
    include_usage: bool = True


def parse_request(body: bytes) -> Ask:
    """Reads the body of `POST /v1/messages`.

    Raises:
        ValueError: the body is not JSON, or a field is missing or of the wrong type.
        LookupError: there is no such model.
    """
    request = request_object(body)
    model = required_text(request, "model")
    messages = required_list(request, "messages")
    stream = asks_for_stream(request)
    stop_sequences = _stop_sequences(request.get("stop_sequences"))

    blocks = [[*_blocks(index, message)] for index, message in enumerate(messages)]
    prompt = "\n".join(text for message in blocks for kind, text in message if kind == "text")
    brings_result = any(kind == "tool_result" for kind, _ in blocks[-1])
    scenario = answered_scenario(model, prompt, brings_tool_result=brings_result)
    return Ask(
        model=model,
        scenario=scenario,
        stream=stream,
        input_tokens=tokens_in(prompt),
        stop_sequence=stop_sequences[0] if stop_sequences else "END",
    )


def request_object(body: bytes) -> dict[str, Any]:
    """The JSON object of a request.

    Raises:
        ValueError: the body is not one.
    """
    try:
        request = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"The request body is not valid JSON: {error}") from error
    if not isinstance(request, dict):
        raise _wrong("request body", "an object", request)
    return request


def required_text(request: dict[str, Any], name: str) -> str:
    """A field that must be a text.

    Raises:
        ValueError: it is not, or it is empty.
    """
    value = request.get(name)
    if not isinstance(value, str) or not value:
        raise _wrong(name, "a non-empty string", value)
    return value


def required_list(request: dict[str, Any], name: str) -> list[Any]:
    """A field that must be a list.

    Raises:
        ValueError: it is not, or it is empty.
    """
    value = request.get(name)
    if not isinstance(value, list) or not value:
        raise _wrong(name, "a non-empty list", value)
    return value


def asks_for_stream(request: dict[str, Any]) -> bool:
    """Whether ``stream`` is true.

    Raises:
        ValueError: it is no boolean.
    """
    stream = request.get("stream")
    if not isinstance(stream, bool | None):
        raise _wrong("stream", "a boolean", stream)
    return bool(stream)


def texts_in(value: object) -> str:
    """All texts within a prompt, whatever shape it has, a line each."""
    match value:
        case str():
            return value
        case list():
            return "\n".join(text for item in value if (text := texts_in(item)))
        case dict():
            return texts_in([value.get(name) for name in ("text", "content", "parts")])
        case _:
            return ""


def tokens_in(prompt: str) -> int:
    """The sandbox's count of tokens of a prompt."""
    return 1 + len(prompt) // CHARACTERS_PER_TOKEN


def answered_scenario(model: str, prompt: str, *, brings_tool_result: bool) -> Scenario:
    """The scenario that is asked for; a tool call is not asked for again by its result.

    Raises:
        LookupError: there is no such model.
    """
    scenario = choose_scenario(model, prompt)
    calls = scenario.stop_reason == "tool_use"
    return DEFAULT_SCENARIO if calls and brings_tool_result else scenario


def _wrong(where: str, expected: str, value: object) -> ValueError:
    return ValueError(f"{where}: expected {expected}, got {_kind(value)}")


def _kind(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case "":
            return "an empty string"
        case []:
            return "an empty list"
        case bool():
            return "a boolean"
        case str():
            return "a string"
        case list():
            return "a list"
        case dict():
            return "an object"
        case _:
            return "a number"


def _stop_sequences(value: object) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _wrong("stop_sequences", "a list of strings", value)
    return value


def _blocks(index: int, message: object) -> Iterator[tuple[str, str]]:
    """The type and the text of each content block of one message."""
    where = f"messages.{index}"
    if not isinstance(message, dict):
        raise _wrong(where, "an object", message)
    role = message.get("role")
    if not isinstance(role, str):
        raise _wrong(f"{where}.role", "a string", role)
    content = message.get("content")
    if isinstance(content, str):
        yield "text", content
        return
    if not isinstance(content, list):
        raise _wrong(f"{where}.content", "a string or a list of content blocks", content)
    for block in content:
        if not isinstance(block, dict):
            raise _wrong(f"{where}.content", "every block to be an object", block)
        kind = block.get("type")
        if not isinstance(kind, str):
            raise _wrong(f"{where}.content", "every block to have a type", kind)
        text = block.get("text")
        yield kind, text if isinstance(text, str) else ""
