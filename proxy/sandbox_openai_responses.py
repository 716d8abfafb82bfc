"""The sandbox as OpenAI Responses answers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import orjson

from proxy.sandbox_dialect import OVERLOADED, Answer, Payload, pieces, token_count
from proxy.sandbox_openai_chat import CREATED, ERROR_TYPES, call_id
from proxy.sandbox_request import (
    Ask,
    answered_scenario,
    asks_for_stream,
    request_object,
    required_text,
    texts_in,
    tokens_in,
)
from proxy.sandbox_scenarios import Block, Scenario, Text, Thinking, ToolUse
from proxy.sandbox_script import Event

INCOMPLETE_REASONS = {"max_tokens": "max_output_tokens", "refusal": "content_filter"}
"""Stop reasons that leave a response incomplete."""


class OpenAIResponsesSandbox:
    """`POST /v1/responses`."""

    identity_header = "x-request-id"

    def parse(self, body: bytes, target: str) -> Ask:
        """Reads the JSON body; the target tells nothing."""
        del target
        request = request_object(body)
        model = required_text(request, "model")
        prompt = texts_in(request.get("input"))
        items = request.get("input")
        last = items[-1] if isinstance(items, list) and items else None
        brings_result = isinstance(last, dict) and last.get("type") == "function_call_output"
        return Ask(
            model=model,
            scenario=answered_scenario(model, prompt, brings_tool_result=brings_result),
            stream=asks_for_stream(request),
            input_tokens=tokens_in(prompt),
            stop_sequence="END",
        )

    def events(self, scenario: Scenario, answer: Answer) -> list[Event]:
        """response.created, the items one after the other, then the terminal event."""
        started = _response(answer, "in_progress")
        payloads: list[Payload] = [
            {"type": "response.created", "response": started},
            {"type": "response.in_progress", "response": started},
        ]
        for index, block in enumerate(scenario.blocks):
            payloads += _item_events(block, answer, index)
        ended = self.whole(scenario, answer)
        payloads.append({"type": f"response.{ended['status']}", "response": ended})
        numbers = count()
        return [
            Event(
                _frame(payload | {"sequence_number": next(numbers)}),
                payload["type"].endswith(".delta"),
            )
            for payload in payloads
        ]

    def whole(self, scenario: Scenario, answer: Answer) -> Payload:
        """The response object as it stands in the end."""
        reason = INCOMPLETE_REASONS.get(scenario.stop_reason)
        output = token_count(scenario.blocks)
        thinking = token_count([block for block in scenario.blocks if isinstance(block, Thinking)])
        return _response(answer, "completed" if reason is None else "incomplete") | {
            "incomplete_details": None if reason is None else {"reason": reason},
            "output": [
                _item(block, answer, index, whole=True)
                for index, block in enumerate(scenario.blocks)
            ],
            "usage": {
                "input_tokens": answer.input_tokens,
                "input_tokens_details": {"cached_tokens": 0},
                "output_tokens": output,
                "output_tokens_details": {"reasoning_tokens": thinking},
                "total_tokens": answer.input_tokens + output,
            },
        }

    def error_frame(self, number: int, index: int) -> bytes:
        """An error event, nested as the provider nests it."""
        error = self.error(OVERLOADED.status, OVERLOADED.message, number)["error"]
        return _frame({"type": "error", "sequence_number": index, "error": error})

    def error(self, status: int, message: str, number: int) -> Payload:
        """The error object."""
        del number
        type_ = ERROR_TYPES.get(status, "invalid_request_error")
        return {"error": {"type": type_, "code": type_, "message": message, "param": None}}


def _frame(payload: Payload) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (payload["type"].encode(), orjson.dumps(payload))


def _response(answer: Answer, status: str) -> Payload:
    return {
        "id": f"resp_sandbox{answer.number:020d}",
        "object": "response",
        "created_at": CREATED,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": answer.model,
        "output": [],
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": None,
    }


def _item(block: Block, answer: Answer, index: int, *, whole: bool) -> Payload:
    """The output item of a block, empty or with all that it comes to."""
    text = "".join(pieces(block)) if whole else ""
    status = "completed" if whole else "in_progress"
    match block:
        case Text():
            content = [_text_part(text)] if whole else []
            fields: Payload = {"type": "message", "role": "assistant", "content": content}
            return {"id": _item_id(answer, index), "status": status} | fields
        case Thinking():
            summary = [{"type": "summary_text", "text": text}] if whole else []
            return {"id": _item_id(answer, index), "type": "reasoning", "summary": summary}
        case ToolUse():
            fields = {"type": "function_call", "call_id": call_id(answer, index)}
            named = {"name": block.name, "arguments": text, "status": status}
            return {"id": _item_id(answer, index)} | fields | named


def _item_events(block: Block, answer: Answer, index: int) -> Iterator[Payload]:
    item_id, text = _item_id(answer, index), "".join(pieces(block))
    yield _about_item("added", _item(block, answer, index, whole=False), index)
    match block:
        case Text():
            at = {"item_id": item_id, "output_index": index, "content_index": 0}
            yield {"type": "response.content_part.added", "part": _text_part("")} | at
            for piece in pieces(block):
                delta = {"delta": piece, "logprobs": []}
                yield {"type": "response.output_text.delta"} | delta | at
            yield {"type": "response.output_text.done", "text": text, "logprobs": []} | at
            yield {"type": "response.content_part.done", "part": _text_part(text)} | at
        case Thinking():
            at = {"item_id": item_id, "output_index": index, "summary_index": 0}
            part = "response.reasoning_summary_part"
            yield {"type": f"{part}.added", "part": _summary_part("")} | at
            for piece in pieces(block):
                yield {"type": "response.reasoning_summary_text.delta", "delta": piece} | at
            yield {"type": "response.reasoning_summary_text.done", "text": text} | at
            yield {"type": f"{part}.done", "part": _summary_part(text)} | at
        case ToolUse():
            at = {"item_id": item_id, "output_index": index}
            family = "response.function_call_arguments"
            for piece in pieces(block):
                yield {"type": f"{family}.delta", "delta": piece} | at
            yield {"type": f"{family}.done", "arguments": text, "name": block.name} | at
    yield _about_item("done", _item(block, answer, index, whole=True), index)


def _about_item(what: str, item: Payload, index: int) -> Payload:
    return {"type": f"response.output_item.{what}", "output_index": index, "item": item}


def _text_part(text: str) -> Payload:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _summary_part(text: str) -> Payload:
    return {"type": "summary_text", "text": text}


def _item_id(answer: Answer, index: int) -> str:
    return f"item_sandbox{answer.number:012d}{index:03d}"
