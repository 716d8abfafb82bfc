"""The sandbox as the Anthropic Messages API answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import orjson

from proxy.sandbox_dialect import OVERLOADED, Answer, Payload, request_id
from proxy.sandbox_request import Ask, parse_request
from proxy.sandbox_scenarios import Block, Refusal, Scenario, Text, Thinking, ToolUse
from proxy.sandbox_script import Event, words

ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    404: "not_found_error",
    405: "invalid_request_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}


class AnthropicSandbox:
    """`POST /v1/messages`."""

    identity_header = "request-id"

    def parse(self, body: bytes, target: str) -> Ask:
        """Reads the JSON body; the target tells nothing."""
        del target
        return parse_request(body)

    def events(self, scenario: Scenario, answer: Answer) -> list[Event]:
        """message_start to message_stop."""
        return [
            Event(frame(payload), payload["type"] == "content_block_delta")
            for payload in stream_payloads(scenario, answer)
        ]

    def whole(self, scenario: Scenario, answer: Answer) -> Payload:
        """The message object."""
        return whole_message(scenario, answer)

    def error_frame(self, number: int, index: int) -> bytes:
        """An error event."""
        del index
        return frame(_error_event(number))

    def error(self, status: int, message: str, number: int) -> Payload:
        """The error object."""
        return error_payload(status, message, number)


def error_payload(status: int, message: str, number: int) -> Payload:
    """The body of an error response."""
    return {
        "type": "error",
        "error": {"type": ERROR_TYPES.get(status, "api_error"), "message": message},
        "request_id": request_id(number),
    }


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


def _error_event(number: int) -> Payload:
    payload = error_payload(OVERLOADED.status, OVERLOADED.message, number)
    return payload | {"error": {"details": None} | payload["error"]}


def _message_head(answer: Answer) -> Payload:
    return {
        "model": answer.model,
        "id": _message_id(answer),
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
                "id": _tool_use_id(answer, block, index),
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


def _message_id(answer: Answer) -> str:
    return f"msg_01Sandbox{answer.number:017d}"


def _tool_use_id(answer: Answer, block: ToolUse, index: int) -> str:
    prefix = "srvtoolu" if block.on_server else "toolu"
    return f"{prefix}_01Sandbox{answer.number:014d}{index:03d}"
