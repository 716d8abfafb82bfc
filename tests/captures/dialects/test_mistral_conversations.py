from __future__ import annotations

from captures.dialects.base import EventKind
from captures.dialects.mistral_conversations import (
    MistralConversationsDialect,
    recognises,
    whole_message,
)
from captures.findings.other_protocols import OTHER_ARGUMENTS_INVALID
from captures.message import Message, OtherPart, StreamError, Text, Thinking, ToolCall, Usage
from tests.captures.answer_streams import CONVERSATION, typed
from tests.captures.dialects.folding import fold, frames, rules


def call(arguments: object) -> bytes:
    return typed(
        "function.call.delta",
        output_index=1,
        id="e1",
        name="weather",
        tool_call_id="call_1",
        arguments=arguments,
    )


def test_events_say_what_they_are() -> None:
    handoff = typed("agent.handoff.started", next_agent_name="writer")
    events, _ = fold(MistralConversationsDialect(), [*CONVERSATION, handoff, call("{}")])
    assert [(event.kind, event.type, event.text) for event in events] == [
        (EventKind.START, "conversation.response.started", ""),
        (EventKind.STRUCTURE, "tool.execution.started", "web_search"),
        (EventKind.STRUCTURE, "tool.execution.done", "web_search"),
        (EventKind.TEXT, "message.output.delta", "Hello, "),
        (EventKind.TEXT, "message.output.delta", "wörld 👋"),
        (EventKind.TERMINAL, "conversation.response.done", "30 output tokens"),
        (EventKind.STRUCTURE, "agent.handoff.started", "writer"),
        (EventKind.TOOL, "function.call.delta", "{}"),
    ]


def test_message_adds_up() -> None:
    dialect = MistralConversationsDialect()
    chunks = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]},
        {"type": "tool_reference", "tool": "web_search"},
    ]
    pieces = [
        CONVERSATION[0],
        *(typed("message.output.delta", content=content) for content in chunks),
        *CONVERSATION[3:5],
        call('{"city": "Gen'),
        call('ève"}'),
        CONVERSATION[-1],
    ]
    fold(dialect, pieces)
    assert dialect.message() == Message(
        id="conv_1",
        model="made-up",
        parts=(
            Thinking("Hm."),
            OtherPart("tool_reference", '{"type":"tool_reference","tool":"web_search"}'),
            Text("Hello, wörld 👋"),
            ToolCall("call_1", "weather", '{"city": "Genève"}', finished=True),
        ),
        usage=Usage(12, 30),
    )


def test_arguments_may_come_parsed_and_may_be_broken() -> None:
    dialect = MistralConversationsDialect()
    fold(dialect, [call({"city": "Bern"})])
    assert dialect.message().parts == (
        ToolCall("call_1", "weather", '{"city":"Bern"}', finished=False),
    )
    _, complaints = fold(dialect, [call("{"), CONVERSATION[-1]])
    assert rules(complaints) == [OTHER_ARGUMENTS_INVALID]


def test_an_error_has_its_code() -> None:
    dialect = MistralConversationsDialect()
    fold(dialect, [typed("conversation.response.error", message="Overloaded", code=3505)])
    assert dialect.message().error == StreamError("3505", "Overloaded")


def test_it_is_recognised_by_its_type() -> None:
    assert recognises(frames(CONVERSATION)[0])
    assert not recognises(frames([typed("response.created")])[0])


def test_whole_response_is_read() -> None:
    thinking = {"type": "thinking", "thinking": "Hm."}
    outputs = [
        {"type": "tool.execution", "name": "web_search"},
        {
            "type": "message.output",
            "model": "m",
            "content": [thinking, {"type": "text", "text": "a"}],
        },
        {"type": "message.output", "content": "b"},
        {"type": "function.call", "tool_call_id": "c", "name": "f", "arguments": "{}"},
    ]
    payload = {
        "object": "conversation.response",
        "conversation_id": "conv_1",
        "outputs": outputs,
        "usage": {"prompt_tokens": 1, "completion_tokens": 2},
    }
    assert whole_message(payload) == Message(
        id="conv_1",
        model="m",
        parts=(
            OtherPart("tool.execution", '{"type":"tool.execution","name":"web_search"}'),
            Text("a"),
            Thinking("Hm."),
            Text("b"),
            ToolCall("c", "f", "{}", finished=True),
        ),
        usage=Usage(1, 2),
    )
    assert whole_message({"object": "response"}) is None
