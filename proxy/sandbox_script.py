"""Turns a scenario into what is sent and when, as the Anthropic Messages API would send it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from proxy.sandbox_scenarios import (
    Block,
    Ending,
    HttpError,
    Refusal,
    Scenario,
    Text,
    Thinking,
    ToolUse,
)

STALL_SECONDS = 600.0

OVERLOADED = HttpError(529, "Overloaded")

ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    404: "not_found_error",
    405: "invalid_request_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pace:
    """How long an answer takes.

    Attributes:
        first_token: seconds from the request to the first delta.
        total: seconds from the request to the last event.

    Raises:
        ValueError: one is negative or not finite, or the first token would come after the end.
    """

    first_token: float = 0.3
    total: float = 4.0

    def __post_init__(self) -> None:
        if not (0 <= self.first_token <= self.total and math.isfinite(self.total)):
            raise ValueError(
                "expected 0 <= first_token <= total, in seconds, "
                f"got first_token={self.first_token:g} and total={self.total:g}"
            )


@dataclass(frozen=True, slots=True)
class Answer:
    """What tells one answer from another.

    Attributes:
        number: counts the answers of a sandbox, from 1; the identifiers are made of it.
        model: the model's name, given back as the client wrote it.
        input_tokens: the length of the prompt.
        stop_sequence: the sequence at which scenario `stop_sequence` stops.
    """

    number: int
    model: str
    input_tokens: int
    stop_sequence: str

    @property
    def message_id(self) -> str:
        """The message's identifier."""
        return f"msg_01Sandbox{self.number:017d}"

    def tool_use_id(self, block: ToolUse, index: int) -> str:
        """The identifier of the tool call at a block index."""
        prefix = "srvtoolu" if block.on_server else "toolu"
        return f"{prefix}_01Sandbox{self.number:014d}{index:03d}"


@dataclass(frozen=True, slots=True)
class Step:
    """One HTTP chunk, and when it is due, in seconds since the request."""

    at: float
    chunk: bytes


@dataclass(frozen=True, slots=True)
class Script:
    """All that is sent of a response's body.

    Attributes:
        steps: the chunks, in order of time.
        ends_at: when the response ends, in seconds since the request.
        clean: whether it ends with the final chunk; if not, the connection is just closed.
    """

    steps: tuple[Step, ...]
    ends_at: float
    clean: bool


def request_id(number: int) -> str:
    """The identifier of the request with a number, as in the `request-id` header."""
    return f"req_011Sandbox{number:017d}"


def error_payload(status: int, message: str, number: int) -> Payload:
    """The body of an error response."""
    return {
        "type": "error",
        "error": {"type": ERROR_TYPES.get(status, "api_error"), "message": message},
        "request_id": request_id(number),
    }


def error_of(scenario: Scenario, *, stream: bool) -> HttpError | None:
    """The HTTP error a scenario is answered with, if it is."""
    if scenario.ending is Ending.ERROR_EVENT and not stream:
        return OVERLOADED
    return scenario.error


def stream_script(scenario: Scenario, answer: Answer, pace: Pace) -> Script:
    """What is sent, and when, for a request with `"stream": true`.

    The first delta is due at `pace.first_token`, the last event of the whole answer at
    `pace.total`, all others evenly before and between. An ending that keeps the rest back
    leaves the times of what comes before it as they are.
    """
    payloads = stream_payloads(scenario, answer)
    deltas = [i for i, payload in enumerate(payloads) if payload["type"] == "content_block_delta"]
    times = planned_times(len(payloads), deltas[0], pace)
    steps = [Step(at, frame(payload)) for at, payload in zip(times, payloads, strict=True)]
    if scenario.ending is Ending.COMPLETE:
        return Script(tuple(steps), times[-1], clean=True)
    middle = (deltas[0] + deltas[-1] + 1) // 2
    kept, turn = steps[:middle], steps[middle]
    if scenario.ending is Ending.ERROR_EVENT:
        kept.append(Step(turn.at, frame(_error_event(answer.number))))
    elif scenario.ending is Ending.CUT_IN_EVENT:
        kept.append(Step(turn.at, _half(turn.chunk)))
    return Script(
        tuple(kept),
        turn.at + (STALL_SECONDS if scenario.ending is Ending.STALL else 0.0),
        clean=scenario.ending in {Ending.ERROR_EVENT, Ending.SILENT},
    )


def message_script(scenario: Scenario, answer: Answer, pace: Pace) -> Script:
    """What is sent, and when, for a request without streaming: one JSON body, or half of it."""
    body = orjson.dumps(whole_message(scenario, answer))
    if scenario.ending is Ending.COMPLETE:
        return Script((Step(pace.total, body),), pace.total, clean=True)
    return Script(
        (Step(pace.total, _half(body)),),
        pace.total + (STALL_SECONDS if scenario.ending is Ending.STALL else 0.0),
        clean=scenario.ending is Ending.SILENT,
    )


def planned_times(count: int, first_delta: int, pace: Pace) -> tuple[float, ...]:
    """When each of `count` events is due, in seconds since the request.

    Args:
        count: how many events there are; at least one follows the first delta.
        first_delta: the index of the first delta.
        pace: how long it all takes.
    """
    before = [pace.first_token * (i + 1) / (first_delta + 1) for i in range(first_delta)]
    after = count - 1 - first_delta
    rest = pace.total - pace.first_token
    between = [pace.first_token + rest * i / after for i in range(after)]
    return (*before, *between, pace.total)


def frame(payload: Payload) -> bytes:
    """One event, framed as the API frames it: `event`, `data`, an empty line, LF line ends."""
    return b"event: %s\ndata: %s\n\n" % (payload["type"].encode(), orjson.dumps(payload))


def stream_payloads(scenario: Scenario, answer: Answer) -> list[Payload]:
    """The data of every event of the whole answer, in order."""
    message = _message_head(answer) | {"usage": _start_usage(answer)}
    payloads: list[Payload] = [{"type": "message_start", "message": message}]
    for index, block in enumerate(scenario.blocks):
        started = {"index": index, "content_block": _empty_block(block, index, answer)}
        payloads.append({"type": "content_block_start"} | started)
        if index == 0:
            payloads.append({"type": "ping"})
        payloads += [
            {"type": "content_block_delta", "index": index, "delta": delta}
            for delta in _deltas(block)
        ]
        payloads.append({"type": "content_block_stop", "index": index})
    payloads.append(
        {
            "type": "message_delta",
            "delta": _stop(scenario, answer),
            "usage": _end_usage(scenario, answer),
        }
    )
    payloads.append({"type": "message_stop"})
    return payloads


def whole_message(scenario: Scenario, answer: Answer) -> Payload:
    """The message as a request without streaming gets it."""
    return (
        _message_head(answer)
        | {
            "content": [
                _whole_block(block, index, answer) for index, block in enumerate(scenario.blocks)
            ]
        }
        | _stop(scenario, answer)
        | {"usage": _start_usage(answer) | _end_usage(scenario, answer)}
    )


def words(text: str) -> list[str]:
    """A text cut into word-sized pieces, each with the white space before it."""
    return re.findall(r"\s*\S+|\s+\Z", text)


def _half(chunk: bytes) -> bytes:
    return chunk[: len(chunk) // 2]


def _error_event(number: int) -> Payload:
    payload = error_payload(OVERLOADED.status, OVERLOADED.message, number)
    return payload | {"error": {"details": None} | payload["error"]}


def _message_head(answer: Answer) -> Payload:
    return {
        "model": answer.model,
        "id": answer.message_id,
        "type": "message",
        "role": "assistant",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "stop_details": None,
    }


def _stop(scenario: Scenario, answer: Answer) -> Payload:
    stopped_by_sequence = scenario.stop_reason == "stop_sequence"
    return {
        "stop_reason": scenario.stop_reason,
        "stop_sequence": answer.stop_sequence if stopped_by_sequence else None,
        "stop_details": _stop_details(scenario.refusal),
    }


def _stop_details(refusal: Refusal | None) -> Payload | None:
    if refusal is None:
        return None
    return {
        "type": "refusal",
        "category": refusal.category,
        "explanation": refusal.explanation,
    }


def _start_usage(answer: Answer) -> Payload:
    return {
        "input_tokens": answer.input_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "output_tokens": 1,
        "service_tier": "standard",
    }


def _end_usage(scenario: Scenario, answer: Answer) -> Payload:
    usage: Payload = {
        "input_tokens": answer.input_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": _tokens(scenario.blocks),
    }
    thinking = [block for block in scenario.blocks if isinstance(block, Thinking)]
    if thinking:
        usage["output_tokens_details"] = {"thinking_tokens": _tokens(thinking)}
    return usage


def _tokens(blocks: Sequence[Block]) -> int:
    return sum(1 for block in blocks for _ in _deltas(block))


def _empty_block(block: Block, index: int, answer: Answer) -> Payload:
    match block:
        case Text():
            return {"type": "text", "text": ""}
        case Thinking():
            return {"type": "thinking", "thinking": "", "signature": ""}
        case ToolUse():
            return {
                "type": "server_tool_use" if block.on_server else "tool_use",
                "id": answer.tool_use_id(block, index),
                "name": block.name,
                "input": {},
            }


def _whole_block(block: Block, index: int, answer: Answer) -> Payload:
    empty = _empty_block(block, index, answer)
    match block:
        case Text():
            return empty | {"text": block.text}
        case Thinking():
            return empty | {"thinking": block.thinking, "signature": block.signature}
        case ToolUse():
            return empty | {"input": orjson.loads("".join(block.fragments))}


def _deltas(block: Block) -> Iterator[Payload]:
    match block:
        case Text():
            for word in words(block.text):
                yield {"type": "text_delta", "text": word}
        case Thinking():
            for word in words(block.thinking):
                yield {"type": "thinking_delta", "thinking": word}
            yield {"type": "signature_delta", "signature": block.signature}
        case ToolUse():
            for fragment in block.fragments:
                yield {"type": "input_json_delta", "partial_json": fragment}
