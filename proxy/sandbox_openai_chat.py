"""The sandbox as OpenAI Chat Completions answers."""

from __future__ import annotations

import orjson

from proxy.sandbox_dialect import OVERLOADED, Answer, Payload, pieces, request_id, token_count
from proxy.sandbox_request import (
    Ask,
    answered_scenario,
    asks_for_stream,
    request_object,
    required_list,
    required_text,
    texts_in,
    tokens_in,
)
from proxy.sandbox_scenarios import Block, Scenario, Text, Thinking, ToolUse
from proxy.sandbox_script import Event

CREATED = 1_767_225_600
"""The time that every answer claims to be made at."""

FINISH_REASONS = {
    "tool_use": "tool_calls",
    "pause_turn": "tool_calls",
    "max_tokens": "length",
    "refusal": "content_filter",
}
"""The sandbox's stop reasons in the words of this protocol; every other is ``stop``."""

ERROR_TYPES = {429: "rate_limit_exceeded", 529: "server_error", 401: "invalid_api_key"}


class OpenAIChatSandbox:
    """`POST /v1/chat/completions`."""

    identity_header = "x-request-id"

    def parse(self, body: bytes, target: str) -> Ask:
        """Reads the JSON body; the target tells nothing."""
        del target
        request = request_object(body)
        model = required_text(request, "model")
        messages = required_list(request, "messages")
        prompt = texts_in(messages)
        last = messages[-1]
        brings_result = isinstance(last, dict) and last.get("role") == "tool"
        options = request.get("stream_options")
        return Ask(
            model=model,
            scenario=answered_scenario(model, prompt, brings_tool_result=brings_result),
            stream=asks_for_stream(request),
            input_tokens=tokens_in(prompt),
            stop_sequence="END",
            include_usage=isinstance(options, dict) and bool(options.get("include_usage")),
        )

    def events(self, scenario: Scenario, answer: Answer) -> list[Event]:
        """Chunks with a delta each, the finish_reason, the usage if asked for, [DONE]."""
        chunks = [Event(_frame(_chunk(answer, {"role": "assistant", "content": ""})))]
        calls = 0
        for index, block in enumerate(scenario.blocks):
            chunks += [
                Event(_frame(_chunk(answer, delta)), is_delta=True)
                for delta in _deltas(block, answer, index, calls)
            ]
            calls += isinstance(block, ToolUse)
        finish = FINISH_REASONS.get(scenario.stop_reason, "stop")
        chunks.append(Event(_frame(_chunk(answer, {}, finish))))
        if answer.include_usage:
            usage = {"choices": [], "usage": _usage(scenario, answer)}
            chunks.append(Event(_frame(_chunk(answer, {}) | usage)))
        return [*chunks, Event(b"data: [DONE]\n\n")]

    def whole(self, scenario: Scenario, answer: Answer) -> Payload:
        """The completion object."""
        message: Payload = {"role": "assistant", "content": None, "refusal": None}
        for index, block in enumerate(scenario.blocks):
            _add_whole(message, block, answer, index)
        finish = FINISH_REASONS.get(scenario.stop_reason, "stop")
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
        return _head(answer, "chat.completion") | {
            "choices": [choice],
            "usage": _usage(scenario, answer),
        }

    def error_frame(self, number: int, index: int) -> bytes:
        """An error object where a chunk is expected."""
        del index
        return _frame(self.error(OVERLOADED.status, OVERLOADED.message, number))

    def error(self, status: int, message: str, number: int) -> Payload:
        """The error object."""
        del number
        type_ = ERROR_TYPES.get(status, "invalid_request_error")
        return {"error": {"message": message, "type": type_, "param": None, "code": type_}}


def call_id(answer: Answer, index: int) -> str:
    """The identifier of the tool call at a block index."""
    return f"call_sandbox{answer.number:010d}{index:03d}"


def _head(answer: Answer, object_: str) -> Payload:
    return {
        "id": f"chatcmpl-{request_id(answer.number)}",
        "object": object_,
        "created": CREATED,
        "model": answer.model,
        "system_fingerprint": "fp_sandbox",
    }


def _chunk(answer: Answer, delta: Payload, finish_reason: str | None = None) -> Payload:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    return _head(answer, "chat.completion.chunk") | {"choices": [choice]}


def _frame(payload: Payload) -> bytes:
    return b"data: %s\n\n" % orjson.dumps(payload)


def _deltas(block: Block, answer: Answer, index: int, place: int) -> list[Payload]:
    """The deltas of the block at an index; a tool call has its place among the calls."""
    match block:
        case Text():
            return [{"content": piece} for piece in pieces(block)]
        case Thinking():
            return [{"reasoning_content": piece} for piece in pieces(block)]
        case ToolUse():
            name, *more = pieces(block)
            call = {"id": call_id(answer, index), "type": "function"} | _named(block, name)
            fragments: list[Payload] = [
                call,
                *({"function": {"arguments": piece}} for piece in more),
            ]
            return [{"tool_calls": [{"index": place} | fragment]} for fragment in fragments]


def _named(block: ToolUse, piece: str) -> Payload:
    return {"function": {"name": block.name, "arguments": piece}}


def _add_whole(message: Payload, block: Block, answer: Answer, index: int) -> None:
    whole = "".join(pieces(block))
    match block:
        case Text():
            message["content"] = (message["content"] or "") + whole
        case Thinking():
            message["reasoning_content"] = whole
        case ToolUse():
            call = {"id": call_id(answer, index), "type": "function"} | _named(block, whole)
            message.setdefault("tool_calls", []).append(call)


def _usage(scenario: Scenario, answer: Answer) -> Payload:
    output = token_count(scenario.blocks)
    thinking = token_count([block for block in scenario.blocks if isinstance(block, Thinking)])
    return {
        "prompt_tokens": answer.input_tokens,
        "completion_tokens": output,
        "total_tokens": answer.input_tokens + output,
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": thinking},
    }
