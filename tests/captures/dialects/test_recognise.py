from __future__ import annotations

import pytest
from hypothesis import given

from captures.dialects.recognise import dialect_for, whole_message
from captures.message import Message, StreamError, Text
from tests.captures.anthropic_stream import PING, error, event, message_start
from tests.captures.dialects.folding import frames
from tests.captures.strategies import payloads


@pytest.mark.parametrize(
    ("first_event", "target", "name"),
    [
        (message_start(), "/v1/messages", "anthropic.messages"),
        (message_start(), "/gateway/anything", "anthropic.messages"),
        (PING, "/", "anthropic.messages"),
        (error(), "/v1/messages", "anthropic.messages"),
        (event("future_event"), "/v1/messages", "anthropic.messages"),
        (event("future_event"), "/prefix/v1/messages?beta=true", "anthropic.messages"),
        (event("future_event"), "/v1/responses", "openai.responses"),
        (event("response.created"), "/gateway", "openai.responses"),
        (event("error", sequence_number=0), "/gateway", "openai.responses"),
        (error(), "/v1/responses", "openai.responses"),
        (b"data: [DONE]\n\n", "/v1/messages", "sse"),
        (b'data: {"object":"chat.completion.chunk"}\n\n', "/gateway", "openai.chat"),
        (b'data: {"choices":[{"delta":{}}]}\n\n', "/v1/messages", "openai.chat"),
        (b'data: {"new":"shape"}\n\n', "/openai/v1/chat/completions", "openai.chat"),
        (b'data: {"error":{}}\n\n', "/v1/chat/completions", "openai.chat"),
        (error(), "/v1/chat/completions", "openai.chat"),
        (b'data: {"error":{}}\n\n', "/", "sse"),
        (b'data: {"type":["message_start"]}\n\n', "/", "sse"),
        (b"data: plain\n\n", "/", "sse"),
        (b"id: 1\ndata: \n\n", "/", "mcp"),
        (b'data: {"jsonrpc":"2.0","id":1,"error":{"code":-1}}\n\n', "/", "mcp"),
        (b'data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n', "/v1/messages", "mcp"),
    ],
)
def test_shape_decides_and_then_the_path(first_event: bytes, target: str, name: str) -> None:
    [frame] = frames([first_event])

    assert dialect_for(frame, target).name == name


def test_every_exchange_gets_a_fold_of_its_own() -> None:
    [frame] = frames([message_start()])

    assert dialect_for(frame, "/") is not dialect_for(frame, "/")


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ({"type": "message", "id": "m"}, Message("m")),
        (
            {"id": "c", "choices": [{"message": {"content": "a"}, "finish_reason": "stop"}]},
            Message("c", parts=(Text("a"),), stop_reason="stop"),
        ),
        ({"error": {"code": 429, "message": "m"}}, Message(error=StreamError("429", "m"))),
        ({"type": "error", "error": {"type": "a"}}, Message(error=StreamError("a", ""))),
        (
            {"object": "response", "id": "r", "status": "completed", "error": None},
            Message("r", stop_reason="completed"),
        ),
        ({"hello": "world"}, None),
        ([], None),
        (None, None),
    ],
)
def test_whole_answer_is_read_by_its_shape(payload: object, message: Message | None) -> None:
    assert whole_message(payload) == message


@given(payloads)
def test_any_whole_answer_is_a_message_or_none(payload: object) -> None:
    whole_message(payload)
