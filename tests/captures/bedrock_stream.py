"""Streams of Amazon Bedrock, made by hand."""

from __future__ import annotations

from typing import Any

from tests.captures.aws_messages import message, wrapped

START = message("messageStart", {"role": "assistant"})


def delta(index: int = 0, **fields: Any) -> bytes:
    return message("contentBlockDelta", {"contentBlockIndex": index, "delta": fields})


def text(words: str, index: int = 0) -> bytes:
    return delta(index, text=words)


def tool_start(name: str, index: int = 0) -> bytes:
    use = {"toolUse": {"toolUseId": "t1", "name": name}}
    return message("contentBlockStart", {"contentBlockIndex": index, "start": use})


def block_stop(index: int = 0) -> bytes:
    return message("contentBlockStop", {"contentBlockIndex": index})


def stop(reason: str = "end_turn") -> bytes:
    return message("messageStop", {"stopReason": reason})


USAGE = {"inputTokens": 12, "outputTokens": 30, "cacheReadInputTokens": 4}
METADATA = message("metadata", {"usage": USAGE, "metrics": {"latencyMs": 605}})

HELLO = [START, text("Hello, "), text("wörld 👋"), block_stop(), stop(), METADATA]
"""A healthy answer of Converse."""

TOOL_USE = [
    START,
    delta(0, reasoningContent={"text": "Which city?"}),
    delta(0, reasoningContent={"signature": "AAAA"}),
    block_stop(0),
    tool_start("weather", 1),
    delta(1, toolUse={"input": '{"city": "Gen'}),
    delta(1, toolUse={"input": 'ève"}'}),
    block_stop(1),
    stop("tool_use"),
    METADATA,
]
"""A healthy answer of Converse that thinks and calls a tool."""

METRICS = {"inputTokenCount": 12, "outputTokenCount": 30, "invocationLatency": 605}
LAST = {"amazon-bedrock-invocationMetrics": METRICS}

CLAUDE = [
    wrapped({"type": "message_start", "message": {"id": "msg_1", "model": "claude", "usage": {}}}),
    wrapped(
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    ),
    wrapped(
        {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "text_delta", "text": "Hello"},
        }
    ),
    wrapped({"type": "content_block_stop", "index": 0}),
    wrapped(
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn"},
            "usage": {"input_tokens": 12, "output_tokens": 30},
        }
    ),
    wrapped({"type": "message_stop", **LAST}),
]
"""The events of Anthropic Messages within chunks."""

NOVA = [
    wrapped({"messageStart": {"role": "assistant"}}),
    wrapped({"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": "Hello"}}}),
    wrapped({"contentBlockStop": {"contentBlockIndex": 0}}),
    wrapped({"messageStop": {"stopReason": "end_turn"}}),
    wrapped({"metadata": {"usage": USAGE}, **LAST}),
]

TITAN = [
    wrapped({"outputText": "Hel", "index": 0, "inputTextTokenCount": 12, "completionReason": None}),
    wrapped(
        {
            "outputText": "lo",
            "index": 0,
            "totalOutputTextTokenCount": 30,
            "completionReason": "FINISH",
            **LAST,
        }
    ),
]
LLAMA = [
    wrapped({"generation": "Hello", "prompt_token_count": 12, "stop_reason": None}),
    wrapped({"generation": "", "generation_token_count": 30, "stop_reason": "stop", **LAST}),
]
MISTRAL = [
    wrapped({"outputs": [{"text": "Hello", "stop_reason": None}]}),
    wrapped({"outputs": [{"text": "", "stop_reason": "stop"}], **LAST}),
]
COMMAND = [
    wrapped({"is_finished": False, "text": "Hello"}),
    wrapped({"is_finished": True, "finish_reason": "COMPLETE", **LAST}),
]
