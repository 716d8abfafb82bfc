"""The sandbox as the Gemini API answers."""

from __future__ import annotations

import re

import orjson

from proxy.sandbox_dialect import OVERLOADED, Answer, Payload, pieces, token_count
from proxy.sandbox_request import (
    Ask,
    answered_scenario,
    request_object,
    required_list,
    texts_in,
    tokens_in,
)
from proxy.sandbox_scenarios import Block, Scenario, Text, Thinking, ToolUse
from proxy.sandbox_script import Event

FINISH_REASONS = {"max_tokens": "MAX_TOKENS", "refusal": "SAFETY"}
"""The sandbox's stop reasons in the words of this protocol; every other is ``STOP``."""

STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
    529: "UNAVAILABLE",
}

_TARGET = re.compile(r"/models/(?P<model>[^/:]+):(?P<method>\w+)")


class GeminiSandbox:
    """`POST /v1/models/MODEL:streamGenerateContent?alt=sse` and `:generateContent`."""

    identity_header = "x-request-id"

    def parse(self, body: bytes, target: str) -> Ask:
        """Reads the JSON body; the model and the way of answering stand in the target."""
        request = request_object(body)
        contents = required_list(request, "contents")
        found = _TARGET.search(target)
        model = found["model"] if found else ""
        prompt = texts_in(contents)
        return Ask(
            model=model,
            scenario=answered_scenario(
                model, prompt, brings_tool_result="functionResponse" in _parts_of(contents[-1])
            ),
            stream=bool(found and found["method"] == "streamGenerateContent"),
            input_tokens=tokens_in(prompt),
            stop_sequence="END",
        )

    def events(self, scenario: Scenario, answer: Answer) -> list[Event]:
        """Answers with a part each; the last one carries the finishReason."""
        parts = [part for block in scenario.blocks for part in _streamed_parts(block)]
        events = []
        for said, part in enumerate(parts, 1):
            reason = _finish_reason(scenario) if said == len(parts) else None
            payload = _response(answer, [part], reason, _usage(answer, said, scenario))
            events.append(Event(_frame(payload), is_delta=True))
        # The layout in time wants an event after the first delta.
        return events if len(events) > 1 else [*events, Event(b"\r\n")]

    def whole(self, scenario: Scenario, answer: Answer) -> Payload:
        """One answer with every part."""
        parts = [_part(block, "".join(pieces(block))) for block in scenario.blocks]
        usage = _usage(answer, token_count(scenario.blocks), scenario)
        return _response(answer, parts, _finish_reason(scenario), usage)

    def error_frame(self, number: int, index: int) -> bytes:
        """An error object where an answer is expected."""
        del index
        return _frame(self.error(OVERLOADED.status, OVERLOADED.message, number))

    def error(self, status: int, message: str, number: int) -> Payload:
        """The error object."""
        del number
        # This API knows no status 529.
        code = 503 if status == OVERLOADED.status else status
        word = STATUSES.get(status, "UNKNOWN")
        return {"error": {"code": code, "message": message, "status": word}}


def _frame(payload: Payload) -> bytes:
    return b"data: %s\r\n\r\n" % orjson.dumps(payload)


def _finish_reason(scenario: Scenario) -> str:
    return FINISH_REASONS.get(scenario.stop_reason, "STOP")


def _response(
    answer: Answer, parts: list[Payload], finish_reason: str | None, usage: Payload
) -> Payload:
    candidate: Payload = {"content": {"parts": parts, "role": "model"}, "index": 0}
    if finish_reason is not None:
        candidate["finishReason"] = finish_reason
    return {
        "candidates": [candidate],
        "usageMetadata": usage,
        "modelVersion": answer.model,
        "responseId": f"sandbox{answer.number:015d}",
    }


def _streamed_parts(block: Block) -> list[Payload]:
    """The parts of a block; a function call comes whole."""
    if isinstance(block, ToolUse):
        return [_part(block, "".join(block.fragments))]
    return [_part(block, piece) for piece in pieces(block)]


def _part(block: Block, text: str) -> Payload:
    match block:
        case Text():
            return {"text": text}
        case Thinking():
            return {"text": text, "thought": True}
        case ToolUse():
            return {"functionCall": {"name": block.name, "args": orjson.loads(text)}}


def _usage(answer: Answer, said: int, scenario: Scenario) -> Payload:
    thinking = token_count([block for block in scenario.blocks if isinstance(block, Thinking)])
    thought = min(said, thinking)
    return {
        "promptTokenCount": answer.input_tokens,
        "candidatesTokenCount": said - thought,
        "thoughtsTokenCount": thought,
        "totalTokenCount": answer.input_tokens + said,
    }


def _parts_of(content: object) -> set[str]:
    """The kinds of the parts of one content."""
    parts = content.get("parts") if isinstance(content, dict) else None
    found = parts if isinstance(parts, list) else [parts]
    return {name for part in found if isinstance(part, dict) for name in part}
