from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.dialects.anthropic import EVENT_TYPES, AnthropicDialect, recognises
from captures.dialects.base import EventKind
from captures.findings.anthropic import (
    CUT_BY_LIMIT,
    IN_BAND_ERROR,
    NO_MESSAGE_STOP,
    NO_STOP_REASON,
    OUT_OF_ORDER,
    TOOL_ARGUMENTS_INVALID,
)
from captures.findings.rule import Rule
from captures.findings.sse import DATA_NOT_JSON
from captures.message import Text, Thinking, ToolCall
from tests.captures.anthropic_stream import (
    HELLO,
    MESSAGE_STOP,
    PING,
    TOOL_USE,
    arguments,
    block_start,
    block_stop,
    error,
    event,
    message_delta,
    message_start,
    stopped_by,
    text,
    tool_start,
)
from tests.captures.dialects.folding import fold, frames, rules
from tests.captures.shared_material import anthropic_recordings, needs_streams
from tests.captures.strategies import payloads

DONE = b"data: [DONE]\n\n"
HALF_A_CALL = [message_start(), tool_start(0), arguments(0, '{"a":')]


def folded(pieces: list[bytes]) -> AnthropicDialect:
    dialect = AnthropicDialect()
    fold(dialect, pieces)
    return dialect


@pytest.mark.parametrize("pieces", [HELLO, TOOL_USE, stopped_by("refusal"), [*HELLO, DONE]])
def test_promised_order_raises_no_complaint(pieces: list[bytes]) -> None:
    dialect = AnthropicDialect()

    _, complaints = fold(dialect, pieces)

    assert complaints == []
    assert dialect.finish() == ()
    assert dialect.finished
    assert dialect.missing == ()


def test_message_of_a_whole_answer() -> None:
    message = folded(HELLO).message()

    assert (message.id, message.model) == ("msg_1", "claude-made-up")
    assert message.parts == (Text("Hello, wörld 👋"),)
    assert message.stop_reason == "end_turn"
    assert (message.usage.input_tokens, message.usage.output_tokens) == (12, 30)


def test_message_with_thinking_and_a_tool_call() -> None:
    assert folded(TOOL_USE).message().parts == (
        Thinking("Which city?"),
        ToolCall("toolu_1", "weather", '{"city": "Genève"}', finished=True),
    )


def test_events_say_what_they_are() -> None:
    events, _ = fold(AnthropicDialect(), [*TOOL_USE[:-2], PING, text(1, "x"), *TOOL_USE[-2:]])

    assert [(event.kind, event.type, event.text) for event in events] == [
        (EventKind.START, "message_start", "claude-made-up · 12 input tokens"),
        (EventKind.STRUCTURE, "content_block_start", "thinking"),
        (EventKind.THINKING, "content_block_delta", "Which city?"),
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
        assert complaints == []


@pytest.mark.parametrize(
    ("rule", "pieces", "twin"),
    [
        pytest.param(OUT_OF_ORDER, [*HELLO[:1], *HELLO], HELLO, id="message_start a second time"),
        pytest.param(OUT_OF_ORDER, HELLO[1:], HELLO, id="a block before message_start"),
        pytest.param(
            OUT_OF_ORDER, [message_delta(), MESSAGE_STOP], HELLO, id="message_delta first of all"
        ),
        pytest.param(
            OUT_OF_ORDER,
            [*HELLO[:5], block_start(1), block_stop(1), *HELLO[-2:]],
            [*HELLO[:6], block_start(1), block_stop(1), *HELLO[-2:]],
            id="a block within a block",
        ),
        pytest.param(
            OUT_OF_ORDER,
            [*HELLO[:4], text(1, "x"), *HELLO[4:]],
            [*HELLO[:4], text(0, "x"), *HELLO[4:]],
            id="a delta for another block",
        ),
        pytest.param(
            OUT_OF_ORDER, [*HELLO[:6], text(0, "x"), *HELLO[6:]], HELLO, id="a delta after its stop"
        ),
        pytest.param(
            OUT_OF_ORDER, [*HELLO[:6], block_stop(0), *HELLO[6:]], HELLO, id="two stops of a block"
        ),
        pytest.param(
            OUT_OF_ORDER,
            [*HELLO, message_delta()],
            [*HELLO, PING],
            id="an event after message_stop",
        ),
        pytest.param(
            DATA_NOT_JSON,
            [*HELLO[:4], b"data: {broken\n\n", *HELLO[4:]],
            [*HELLO[:4], b": {broken\n\n", *HELLO[4:]],
            id="data that is no JSON",
        ),
        pytest.param(
            DATA_NOT_JSON,
            [*HELLO[:4], b"data: [1]\n\n", *HELLO[4:]],
            [*HELLO[:4], b"data: {}\n\n", *HELLO[4:]],
            id="data that is no object",
        ),
        pytest.param(CUT_BY_LIMIT, stopped_by("max_tokens"), HELLO, id="max_tokens"),
        pytest.param(
            CUT_BY_LIMIT,
            stopped_by("model_context_window_exceeded"),
            stopped_by("stop_sequence"),
            id="the context window",
        ),
        pytest.param(
            TOOL_ARGUMENTS_INVALID,
            [*HALF_A_CALL, block_stop(0), message_delta("tool_use"), MESSAGE_STOP],
            [
                *HALF_A_CALL,
                arguments(0, "1}"),
                block_stop(0),
                message_delta("tool_use"),
                MESSAGE_STOP,
            ],
            id="half the arguments",
        ),
        pytest.param(
            NO_STOP_REASON, [*HELLO[:-2], MESSAGE_STOP], HELLO, id="message_stop without a reason"
        ),
        pytest.param(
            NO_STOP_REASON,
            [*HELLO[:-2], message_delta(None), MESSAGE_STOP],
            HELLO,
            id="a reason that is null",
        ),
        pytest.param(IN_BAND_ERROR, [*HELLO[:4], error()], HELLO, id="an error event"),
    ],
)
def test_rule_fires_alone_and_does_not_on_its_healthy_twin(
    rule: Rule, pieces: list[bytes], twin: list[bytes]
) -> None:
    _, complaints = fold(AnthropicDialect(), pieces)
    assert set(rules(complaints)) == {rule}

    _, complaints = fold(AnthropicDialect(), twin)
    assert complaints == []


@pytest.mark.parametrize(
    ("count", "missing_rules"),
    [
        (1, [NO_STOP_REASON, NO_MESSAGE_STOP]),
        (4, [NO_STOP_REASON, NO_MESSAGE_STOP]),
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
        (TOOL_USE[:6], "in the tool arguments", ("stop_reason", "usage", "message_stop")),
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
        ([*HELLO[:4], error()], "after the error", ()),
    ],
)
def test_position_and_what_is_still_due(
    pieces: list[bytes], position: str, missing: tuple[str, ...]
) -> None:
    dialect = folded(pieces)

    assert (dialect.position, dialect.missing) == (position, missing)
    assert dialect.finished == (missing == ())


def test_block_left_open_at_max_tokens_is_as_the_provider_does_it() -> None:
    _, complaints = fold(
        AnthropicDialect(), [*HELLO[:5], message_delta("max_tokens"), MESSAGE_STOP]
    )

    assert rules(complaints) == [CUT_BY_LIMIT]


def test_delta_after_the_stop_reason_is_out_of_order_even_for_a_block_left_open() -> None:
    _, complaints = fold(
        AnthropicDialect(), [*HELLO[:5], message_delta("max_tokens"), text(0, "x"), MESSAGE_STOP]
    )

    assert rules(complaints) == [CUT_BY_LIMIT, OUT_OF_ORDER]


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
