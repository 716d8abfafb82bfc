from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.dialects.anthropic import EVENT_TYPES, AnthropicDialect, recognises
from captures.dialects.base import EventKind
from captures.findings.anthropic import (
    AFTER_MESSAGE_STOP,
    GATEWAY_DONE,
    IN_BAND_ERROR,
    NO_MESSAGE_STOP,
    NO_STOP_REASON,
    REPEATED_MESSAGE_START,
    SPLICED,
)
from captures.findings.rule import Rule
from captures.findings.sse import DATA_NOT_JSON
from captures.message import Text, Thinking, ToolCall
from tests.captures.anthropic_stream import (
    HELLO,
    MESSAGE_STOP,
    PING,
    TOOL_USE,
    block_start,
    error,
    event,
    message_delta,
    message_start,
    stopped_by,
    text,
)
from tests.captures.dialects.folding import fold, frames, rules
from tests.captures.shared_material import anthropic_recordings, needs_streams
from tests.captures.strategies import payloads

DONE = b"data: [DONE]\n\n"


def folded(pieces: list[bytes]) -> AnthropicDialect:
    dialect = AnthropicDialect()
    fold(dialect, pieces)
    return dialect


@pytest.mark.parametrize("pieces", [HELLO, TOOL_USE, stopped_by("stop_sequence")])
def test_promised_order_raises_no_complaint(pieces: list[bytes]) -> None:
    dialect = AnthropicDialect()

    _, complaints = fold(dialect, pieces)

    assert complaints == []
    assert dialect.finish() == ()
    assert dialect.finished
    assert dialect.missing == ()


def test_fields_of_betas_and_of_bedrock_are_tolerated() -> None:
    usage = {"output_tokens": 30, "iterations": [{"input_tokens": 12}], "fallback_credit": None}
    pieces = [
        message_start(container=None, context_management=None, stop_details=None),
        *HELLO[1:-2],
        event(
            "message_delta",
            delta={"stop_reason": "end_turn", "stop_details": None, "container": {"id": "c"}},
            usage=usage,
            context_management={"applied_edits": []},
            input_transformations=[],
        ),
        event("message_stop", **{"amazon-bedrock-invocationMetrics": {"outputTokenCount": 30}}),
    ]
    dialect = AnthropicDialect()
    _, complaints = fold(dialect, pieces)

    assert complaints == []
    assert dialect.message() == folded(HELLO).message()


def test_message_of_a_whole_answer() -> None:
    message = folded(HELLO).message()

    assert (message.id, message.model) == ("msg_1", "claude-made-up")
    assert message.parts == (Text("Hello, wörld 👋"),)
    assert message.stop_reason == "end_turn"
    assert (message.usage.input_tokens, message.usage.output_tokens) == (12, 30)


def test_message_with_thinking_and_a_tool_call() -> None:
    assert folded(TOOL_USE).message().parts == (
        Thinking("Which city?", "EqQBCgIYAhIM"),
        ToolCall("toolu_1", "weather", '{"city": "Genève"}', finished=True),
    )


def test_events_say_what_they_are() -> None:
    events, _ = fold(AnthropicDialect(), [*TOOL_USE[:-2], PING, text(1, "x"), *TOOL_USE[-2:]])

    assert [(event.kind, event.type, event.text) for event in events] == [
        (EventKind.START, "message_start", "claude-made-up · 12 input tokens"),
        (EventKind.STRUCTURE, "content_block_start", "thinking"),
        (EventKind.THINKING, "content_block_delta", "Which city?"),
        (EventKind.OTHER, "content_block_delta", "signature_delta"),
        (EventKind.STRUCTURE, "content_block_stop", ""),
        (EventKind.STRUCTURE, "content_block_start", "tool_use weather"),
        (EventKind.TOOL, "content_block_delta", ""),
        (EventKind.TOOL, "content_block_delta", '{"city": "Gen'),
        (EventKind.TOOL, "content_block_delta", 'ève"}'),
        (EventKind.STRUCTURE, "content_block_stop", ""),
        (EventKind.PING, "ping", ""),
        (EventKind.TEXT, "content_block_delta", "x"),
        (EventKind.STOP_REASON, "message_delta", "30 output tokens"),
        (EventKind.TERMINAL, "message_stop", ""),
    ]
    assert [event.stop_reason for event in events[-2:]] == ["tool_use", None]


def test_error_ends_the_stream_and_nothing_more_is_due() -> None:
    dialect = AnthropicDialect()

    events, complaints = fold(dialect, [*HELLO[:4], error()])

    assert (events[-1].kind, events[-1].text) == (
        EventKind.ERROR,
        "overloaded_error: Overloaded",
    )
    assert rules(complaints) == [IN_BAND_ERROR]
    assert complaints[0].detail.startswith("overloaded_error: Overloaded · ")
    assert dialect.finish() == ()
    assert dialect.finished
    stream_error = dialect.message().error
    assert stream_error is not None
    assert (stream_error.type, stream_error.message) == ("overloaded_error", "Overloaded")


def test_gateways_done_is_an_ordinary_event_wherever_it_stands() -> None:
    for pieces in ([*HELLO, DONE], [*HELLO[:3], DONE, *HELLO[3:]]):
        events, complaints = fold(AnthropicDialect(), pieces)

        [done] = [event for event in events if event.text == "[DONE]"]
        assert (done.kind, done.type) == (EventKind.OTHER, "message")
        assert rules(complaints) == [GATEWAY_DONE]


@pytest.mark.parametrize("piece", [b"data: {broken\n\n", b"data: [1]\n\n", b"data\n\n"])
def test_data_that_is_no_object_is_told_each_time(piece: bytes) -> None:
    _, complaints = fold(AnthropicDialect(), [*HELLO[:4], piece, piece, *HELLO[4:]])

    assert rules(complaints) == [DATA_NOT_JSON, DATA_NOT_JSON]


def test_ping_without_data_is_a_ping() -> None:
    events, complaints = fold(AnthropicDialect(), [b"event: ping\ndata:\n\n"])

    assert ([event.kind for event in events], complaints) == ([EventKind.PING], [])


def test_stop_sequence_is_shown_beside_the_tokens() -> None:
    pieces = [*HELLO[:-2], message_delta("stop_sequence", stop_sequence="\n\n"), MESSAGE_STOP]

    events, _ = fold(AnthropicDialect(), pieces)

    assert events[-2].text == '30 output tokens · stop_sequence "\\n\\n"'


class TestSeveralMessagesInOneStream:
    OTHER = message_start(id="msg_2")

    def test_second_message_before_the_first_has_ended_is_spliced(self) -> None:
        dialect = AnthropicDialect()

        _, complaints = fold(dialect, [*HELLO[:4], self.OTHER, *HELLO[1:]])

        assert [(found.rule, found.detail) for found in complaints] == [
            (SPLICED, "msg_2 starts in the text of msg_1")
        ]
        assert [message.text for message in dialect.earlier] == ["Hello, "]
        assert (dialect.message().id, dialect.message().text) == ("msg_2", "Hello, wörld 👋")
        assert dialect.finish() == ()

    def test_every_splice_is_told(self) -> None:
        third = message_start(id="msg_3")

        _, complaints = fold(AnthropicDialect(), [*HELLO[:4], self.OTHER, third, *HELLO[1:]])

        assert rules(complaints) == [SPLICED, SPLICED]

    def test_second_message_after_the_first_has_ended_is_kept_apart(self) -> None:
        dialect = AnthropicDialect()

        _, complaints = fold(dialect, [*HELLO, self.OTHER, *HELLO[1:]])

        assert rules(complaints) == [AFTER_MESSAGE_STOP]
        assert [message.id for message in (*dialect.earlier, dialect.message())] == [
            "msg_1",
            "msg_2",
        ]

    def test_message_after_an_error_is_another_one(self) -> None:
        dialect = AnthropicDialect()

        _, complaints = fold(dialect, [*HELLO[:4], error(), *HELLO])

        assert rules(complaints) == [IN_BAND_ERROR, SPLICED]
        assert [message.error is None for message in (*dialect.earlier, dialect.message())] == [
            False,
            True,
        ]
        assert dialect.finish() == ()

    def test_message_start_again_goes_on_with_the_message(self) -> None:
        for place in range(1, 6):
            dialect = AnthropicDialect()

            _, complaints = fold(dialect, [*HELLO[:place], HELLO[0], *HELLO[place:]])

            assert rules(complaints) == [REPEATED_MESSAGE_START]
            assert dialect.message() == folded(HELLO).message()
            assert dialect.earlier == ()

    def test_messages_without_an_id_are_told_apart_by_their_content(self) -> None:
        nameless = message_start(id=None)

        _, complaints = fold(AnthropicDialect(), [nameless, nameless, *HELLO[1:4], nameless])

        assert rules(complaints) == [REPEATED_MESSAGE_START, SPLICED]


@pytest.mark.parametrize(
    ("count", "missing_rules"),
    [
        (1, [NO_STOP_REASON]),
        (4, [NO_STOP_REASON]),
        (7, [NO_MESSAGE_STOP]),
        (8, []),
    ],
)
def test_what_is_missing_at_the_end_of_a_stream(count: int, missing_rules: list[Rule]) -> None:
    assert rules(folded(HELLO[:count]).finish()) == missing_rules


@pytest.mark.parametrize(
    ("pieces", "position", "missing"),
    [
        ([PING], "before the first event", ("stop_reason", "usage", "message_stop")),
        (HELLO[:1], "before the first token", ("stop_reason", "usage", "message_stop")),
        (HELLO[:2], "in the text", ("stop_reason", "usage", "message_stop")),
        (TOOL_USE[:3], "in the thinking", ("stop_reason", "usage", "message_stop")),
        (TOOL_USE[:7], "in the tool arguments", ("stop_reason", "usage", "message_stop")),
        (
            [message_start(), block_start(0, "mcp_tool_use", id="a", name="b")],
            "in the tool arguments",
            ("stop_reason", "usage", "message_stop"),
        ),
        (
            [message_start(), block_start(0, "compaction")],
            "in a compaction block",
            ("stop_reason", "usage", "message_stop"),
        ),
        (HELLO[:6], "after the last delta", ("stop_reason", "usage", "message_stop")),
        (HELLO[:7], "after stop_reason, before message_stop", ("message_stop",)),
        (HELLO, "after message_stop", ()),
        ([*HELLO[:-2], MESSAGE_STOP], "after message_stop", ("stop_reason",)),
        ([*HELLO[:4], error()], "after the error", ()),
    ],
)
def test_position_and_what_is_still_due(
    pieces: list[bytes], position: str, missing: tuple[str, ...]
) -> None:
    dialect = folded(pieces)

    assert (dialect.position, dialect.missing) == (position, missing)
    assert dialect.may_end == (missing == ())


def test_unknown_event_may_come_anywhere() -> None:
    unknown = event("future_event", index=3)
    pieces = [unknown, *(piece for known in HELLO for piece in (known, unknown))]

    events, complaints = fold(AnthropicDialect(), pieces)

    assert complaints == []
    assert {event.kind for event in events if event.type == "future_event"} == {EventKind.OTHER}


def test_type_in_the_payload_counts_and_not_the_event_field() -> None:
    payload_alone = [piece.partition(b"\n")[2] for piece in HELLO]

    assert folded(payload_alone).message() == folded(HELLO).message()


def test_event_field_stands_in_where_the_payload_has_no_type() -> None:
    events, _ = fold(AnthropicDialect(), [b"event: ping\ndata: {}\n\n"])

    assert [event.kind for event in events] == [EventKind.PING]


def test_message_can_be_asked_for_after_every_event() -> None:
    dialect = AnthropicDialect()
    texts = []
    for frame in frames(HELLO):
        dialect.feed(frame)
        texts.append(dialect.message().text)

    assert texts[2:5] == ["", "Hello, ", "Hello, wörld 👋"]
    assert all(later.startswith(earlier) for earlier, later in pairwise(texts))


@pytest.mark.parametrize("type_", sorted(EVENT_TYPES))
def test_every_event_type_is_recognised(type_: str) -> None:
    [frame] = frames([event(type_)])

    assert recognises(frame)


@pytest.mark.parametrize(
    "data", ["[DONE]", "", "[]", "{}", '{"type":[]}', '{"type":{}}', '{"type":"response.created"}']
)
def test_other_shapes_are_not_recognised(data: str) -> None:
    [frame] = frames([f"data: {data}\n\n".encode()])

    assert not recognises(frame)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(EVENT_TYPES)),
            st.dictionaries(
                st.sampled_from(["index", "delta", "content_block", "message", "error", "usage"]),
                payloads
                | st.dictionaries(
                    st.sampled_from(["type", "text", "partial_json", "input", "name", "usage"]),
                    payloads | st.sampled_from(["text", "text_delta", "tool_use"]),
                ),
            ),
        ),
        max_size=8,
    )
)
def test_any_payload_is_folded(stream: list[tuple[str, dict[str, object]]]) -> None:
    dialect = folded([event(type_, **fields) for type_, fields in stream])

    dialect.finish()
    dialect.message()


NESTINGS: list[Callable[[str], str]] = [
    lambda deep: (
        f'{{"type":"content_block_start","index":0,"content_block":{{"type":"x","a":{deep}}}}}'
    ),
    lambda deep: (
        '{"type":"content_block_start","index":0,'
        f'"content_block":{{"type":"tool_use","name":"x","input":{deep}}}}}'
    ),
    lambda deep: f'{{"type":{deep}}}',
]


@pytest.mark.parametrize("nesting", NESTINGS)
@pytest.mark.parametrize("depth", [100, 300, 900, 5000])
def test_deep_payload_is_folded(nesting: Callable[[str], str], depth: int) -> None:
    dialect = folded([f"data: {nesting('[' * depth + ']' * depth)}\n\n".encode()])

    dialect.message()


@needs_streams
@pytest.mark.parametrize("name", [recording.name for recording in anthropic_recordings()])
def test_recording_folds_to_a_message(name: str) -> None:
    [recording] = [entry for entry in anthropic_recordings() if entry.name == name]

    # Some fixtures of the provider's own client lack the last blank line.
    dialect = folded([recording.body, b"\n\n"])

    assert dialect.message().id
    assert dialect.message().stop_reason
    assert dialect.finished
