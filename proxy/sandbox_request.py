"""Reads a request to the sandbox: any bytes in, an Ask out, or a sentence on what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

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
    """

    model: str
    scenario: Scenario
    stream: bool
    input_tokens: int
    stop_sequence: str


def parse_request(body: bytes) -> Ask:
    """Reads the body of `POST /v1/messages`.

    Raises:
        ValueError: the body is not JSON, or a field is missing or of the wrong type.
        LookupError: there is no such model.
    """
    try:
        request = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"The request body is not valid JSON: {error}") from error
    if not isinstance(request, dict):
        raise _wrong("request body", "an object", request)
    model = request.get("model")
    if not isinstance(model, str) or not model:
        raise _wrong("model", "a non-empty string", model)
    messages = request.get("messages")
    if not isinstance(messages, list) or not messages:
        raise _wrong("messages", "a non-empty list", messages)
    stream = request.get("stream")
    if not isinstance(stream, bool | None):
        raise _wrong("stream", "a boolean", stream)
    stop_sequences = _stop_sequences(request.get("stop_sequences"))

    blocks = [[*_blocks(index, message)] for index, message in enumerate(messages)]
    prompt = "\n".join(text for message in blocks for kind, text in message if kind == "text")
    scenario = choose_scenario(model, prompt)
    if scenario.stop_reason == "tool_use" and any(kind == "tool_result" for kind, _ in blocks[-1]):
        scenario = DEFAULT_SCENARIO
    return Ask(
        model=model,
        scenario=scenario,
        stream=bool(stream),
        input_tokens=1 + len(prompt) // CHARACTERS_PER_TOKEN,
        stop_sequence=stop_sequences[0] if stop_sequences else "END",
    )


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
