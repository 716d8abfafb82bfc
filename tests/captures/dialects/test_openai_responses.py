from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.responses import ResponseStreamEvent

from captures.dialects.base import EventKind
from captures.dialects.openai_responses import OpenAIResponsesDialect, recognises
from captures.findings.openai_responses import (
    RESPONSE_AFTER_END,
    RESPONSE_CUT_BY_LIMIT,
    RESPONSE_ERROR,
    RESPONSE_EVENT_AGAIN,
    RESPONSE_NAME_DIFFERS,
    RESPONSE_NO_END,
    RESPONSE_NO_USAGE,
    RESPONSE_NOT_CREATED,
    RESPONSE_REFUSED,
    RESPONSE_SECOND_END,
    RESPONSE_SPLICED,
    RESPONSE_STOPPED,
)
from captures.findings.rule import Rule
from captures.findings.sse import DATA_NOT_JSON
from captures.message import OtherPart, Refusal, StreamError, Text
from tests.captures.dialects.folding import fold, frames, rules
from tests.captures.openai_chat_stream import DONE, data
from tests.captures.openai_responses_stream import (
    HELLO,
    TOOL_USE,
    added,
    created,
    delta,
    done,
    ended,
    error,
    event,
    numbered,
    part_added,
    response,
    stopped_by,
)
from tests.captures.strategies import payloads

FLAT_ERROR = event("error", sequence_number=0, code="rate_limit", message="Slow down")
FAILED = ended("failed", error={"code": "server_error", "message": "Overloaded"})
UNNAMED = [piece[piece.index(b"\n") + 1 :] for piece in HELLO]


def folded(pieces: list[bytes]) -> OpenAIResponsesDialect:
    dialect = OpenAIResponsesDialect()
    fold(dialect, pieces)
    return dialect


def all_rules(pieces: list[bytes]) -> list[Rule]:
    dialect = OpenAIResponsesDialect()
    _, complaints = fold(dialect, pieces)
    return rules([*complaints, *dialect.finish()])


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(HELLO, id="text"),
        pytest.param(TOOL_USE, id="a function call"),
        pytest.param(numbered(HELLO), id="sequence numbers"),
        pytest.param(numbered(HELLO[3:], start=7), id="resumed in the middle"),
        pytest.param([*UNNAMED, DONE], id="without event names and with [DONE]"),
        pytest.param([*HELLO[:4], event("response.new.thing"), *HELLO[4:]], id="an unknown event"),
        pytest.param([*HELLO[:1], event("codex.rate_limits"), *HELLO[1:]], id="another's event"),
        pytest.param([*HELLO[:-1], ended(id="resp_2")], id="another id at the end (Copilot)"),
    ],
)
def test_healthy_stream_raises_no_complaint(pieces: list[bytes]) -> None:
    assert all_rules(pieces) == []
    assert folded(pieces).finished
    assert folded(pieces).missing == ()


def test_events_say_what_they_are() -> None:
    events, _ = fold(OpenAIResponsesDialect(), [*TOOL_USE[:-1], *HELLO[3:4], TOOL_USE[-1]])

    assert [(event.kind, event.type, event.text) for event in events] == [
        (EventKind.START, "response.created", "gpt-made-up"),
        (EventKind.STRUCTURE, "output_item.added", "reasoning"),
        (EventKind.THINKING, "reasoning_summary_text.delta", "Which city?"),
        (EventKind.STRUCTURE, "output_item.done", "reasoning"),
        (EventKind.STRUCTURE, "output_item.added", "function_call weather"),
        (EventKind.TOOL, "function_call_arguments.delta", '{"city": "Gen'),
        (EventKind.TOOL, "function_call_arguments.delta", 'ève"}'),
        (EventKind.STRUCTURE, "output_item.done", "function_call weather"),
        (EventKind.TEXT, "output_text.delta", "Hello, "),
        (EventKind.TERMINAL, "response.completed", "30 output tokens"),
    ]
    assert events[-1].stop_reason == "completed"


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([error()], StreamError("server_error", "Overloaded")),
        ([FLAT_ERROR], StreamError("rate_limit", "Slow down")),
        ([FAILED], StreamError("server_error", "Overloaded")),
        ([error(), FAILED], StreamError("server_error", "Overloaded")),
    ],
)
def test_error_is_told_once_and_nothing_more_is_due(
    pieces: list[bytes], expected: StreamError
) -> None:
    assert all_rules([*HELLO[:4], *pieces]) == [RESPONSE_ERROR]
    assert folded([*HELLO[:4], *pieces]).message().error == expected
    assert folded(pieces).missing == ()


OTHER_ID = created(id="resp_2")
OTHER_END = ended(id="resp_2")
RENAMED = HELLO[5].replace(b"event: response.output_text.done", b"event: response.created")


@pytest.mark.parametrize(
    ("rule", "pieces"),
    [
        (RESPONSE_NO_END, HELLO[:-1]),
        (RESPONSE_NO_END, [*HELLO[:-1], DONE]),
        (RESPONSE_CUT_BY_LIMIT, stopped_by("max_output_tokens")),
        (RESPONSE_STOPPED, stopped_by("content_filter")),
        (RESPONSE_AFTER_END, [*HELLO, HELLO[4], HELLO[4]]),
        (RESPONSE_AFTER_END, [*HELLO, *TOOL_USE]),
        (RESPONSE_SECOND_END, [*HELLO, ended()]),
        (RESPONSE_SECOND_END, [*HELLO, FAILED]),
        (RESPONSE_SPLICED, [*HELLO[:4], OTHER_ID, *HELLO[1:-1], OTHER_END]),
        (RESPONSE_EVENT_AGAIN, [HELLO[0], *HELLO]),
        (RESPONSE_NOT_CREATED, HELLO[1:]),
        (RESPONSE_NOT_CREATED, numbered(HELLO[1:])),
        (RESPONSE_NAME_DIFFERS, [*HELLO[:5], RENAMED, *HELLO[6:]]),
        (RESPONSE_NO_USAGE, [*HELLO[:-1], event("response.completed", response=response())]),
        (RESPONSE_NO_USAGE, [*HELLO[:-1], event("response.completed")]),
        (DATA_NOT_JSON, [*HELLO, b"data: oops\n\n"]),
    ],
)
def test_one_cause_is_one_finding(rule: Rule, pieces: list[bytes]) -> None:
    assert all_rules(pieces) == [rule]


def test_refusal_is_told_when_the_response_ends() -> None:
    pieces = [
        created(),
        added(0, "message"),
        part_added(0, type_="refusal"),
        delta("refusal", 0, "I "),
        delta("refusal", 0, "won't"),
        done(0, "message"),
        ended(),
    ]
    dialect = OpenAIResponsesDialect()
    _, complaints = fold(dialect, pieces)

    assert [(found.rule, found.detail) for found in complaints] == [(RESPONSE_REFUSED, "I won't")]
    assert dialect.message().parts == (Refusal("I won't"),)


def test_error_after_the_end_is_an_error_and_nothing_more() -> None:
    assert all_rules([*HELLO, error()]) == [RESPONSE_ERROR]


def test_spliced_responses_are_kept_apart() -> None:
    dialect = folded([*HELLO[:4], OTHER_ID, *HELLO[1:-1], OTHER_END])

    assert [(message.id, message.text) for message in (*dialect.earlier, dialect.message())] == [
        ("resp_1", "Hello, "),
        ("resp_2", "Hello, wörld 👋"),
    ]


def test_responses_one_after_the_other_are_kept_apart_and_counted_on() -> None:
    pieces = numbered([*TOOL_USE, OTHER_ID, *HELLO[1:-1], OTHER_END])
    dialect = OpenAIResponsesDialect()
    _, complaints = fold(dialect, pieces)

    assert rules(complaints) == [RESPONSE_AFTER_END]
    assert [message.id for message in dialect.earlier] == ["resp_1"]
    restarted = [*numbered(TOOL_USE), *numbered([OTHER_ID, *HELLO[1:-1], OTHER_END])]
    assert all_rules(restarted) == [RESPONSE_AFTER_END]


def test_partial_image_is_told_by_its_size_and_kept_out_of_the_message() -> None:
    image = event(
        "response.image_generation_call.partial_image",
        output_index=0,
        partial_image_index=1,
        partial_image_b64="A" * 5000,
    )
    events, complaints = fold(
        OpenAIResponsesDialect(), [created(), added(0, "image_generation_call"), image]
    )

    assert events[-1].text.startswith("image 1, 5,")
    assert events[-1].kind is EventKind.STRUCTURE
    assert complaints == []


def test_output_of_a_shell_is_shown_and_is_no_token() -> None:
    piece = event(
        "response.shell_call_output_content.delta",
        output_index=0,
        command_index=0,
        delta={"stdout": "a\n", "stderr": "b\n"},
    )
    dialect = OpenAIResponsesDialect()
    events, _ = fold(dialect, [created(), added(0, "shell_call_output", output=[]), piece])

    assert (events[-1].kind, events[-1].text) == (EventKind.OTHER, "a\nb\n")
    [part] = dialect.message().parts
    assert isinstance(part, OtherPart)
    assert "a\\nb\\n" in part.content


STEPS = [
    "code_interpreter_call.interpreting",
    "web_search_call.searching",
    "image_generation_call.generating",
    "compaction.compacting",
    "mcp_list_tools.completed",
    "file_search_call.in_progress",
    "shell_call_command.added",
    "audio.transcript.done",
]


@pytest.mark.parametrize("step", STEPS)
def test_steps_of_an_item_are_structure(step: str) -> None:
    events, _ = fold(OpenAIResponsesDialect(), [created(), event(f"response.{step}")])

    assert (events[-1].kind, events[-1].type) == (EventKind.STRUCTURE, step)


def test_second_response_starts_the_message_over() -> None:
    assert folded([*TOOL_USE, *HELLO]).message().parts == (Text("Hello, wörld 👋"),)


def types_of_the_client() -> list[str]:
    """Every event type that OpenAI's own client knows."""
    [union, *_] = get_args(ResponseStreamEvent)
    return [get_args(member.model_fields["type"].annotation)[0] for member in get_args(union)]


def test_every_event_type_of_the_client_has_its_row() -> None:
    types = types_of_the_client()
    assert len(types) > 50
    for type_ in types:
        piece = event(type_, output_index=0, item_id="item_0", delta="x", response=response())
        events, _ = fold(OpenAIResponsesDialect(), [created(), piece])

        assert events[1].kind is not EventKind.OTHER, type_


@pytest.mark.parametrize(
    ("pieces", "position"),
    [
        ([], "before the first event"),
        (HELLO[:3], "before the first token"),
        (HELLO[:4], "in the text"),
        (TOOL_USE[:3], "in the thinking"),
        (TOOL_USE[:6], "in the tool arguments"),
        (HELLO[:7], "after the last item"),
        (stopped_by("max_output_tokens"), "after response.incomplete"),
        ([error()], "after the error"),
    ],
)
def test_it_knows_where_it_stands(pieces: list[bytes], position: str) -> None:
    assert folded(pieces).position == position


def test_delta_without_an_item_is_shown_and_kept_out_of_the_message() -> None:
    piece = event("response.audio.delta", delta="AAAA")
    events, complaints = fold(OpenAIResponsesDialect(), [created(), piece])
    assert (events[1].kind, events[1].type) == (EventKind.OTHER, "audio.delta")
    assert complaints == []


def test_items_may_grow_at_the_same_time() -> None:
    dialect = folded(
        [
            added(0, "message"),
            added(1, "message"),
            delta("output_text", 1, "b"),
            delta("output_text", 0, "a"),
        ]
    )
    assert dialect.message().parts == (Text("a"), Text("b"))


@pytest.mark.parametrize(
    ("piece", "recognised"),
    [
        (HELLO[0], True),
        (UNNAMED[0], True),
        (FLAT_ERROR, True),
        (error(), False),
        (data({"type": ["response.created"]}), False),
        (DONE, False),
    ],
)
def test_it_is_recognised_by_its_shape(piece: bytes, recognised: bool) -> None:
    assert recognises(frames([piece])[0]) is recognised


TYPES = st.sampled_from(
    [
        "response.created",
        "response.completed",
        "response.incomplete",
        "response.failed",
        "response.output_item.added",
        "response.output_item.done",
        "response.output_text.delta",
        "response.function_call_arguments.delta",
        "error",
    ]
)
NAMES = st.sampled_from(
    ["response", "item", "delta", "output_index", "item_id", "error", "usage", "output", "type"]
)


@given(st.lists(st.tuples(TYPES, st.dictionaries(NAMES, payloads, max_size=4)), max_size=5))
def test_any_payloads_fold(found: list[tuple[str, dict[str, object]]]) -> None:
    dialect = folded([data({**payload, "type": type_}) for type_, payload in found])
    dialect.finish()
    assert dialect.position
    assert dialect.message().parts is not None
