from __future__ import annotations

from collections.abc import Sequence

import pytest

from captures.dialects.anthropic import AnthropicDialect
from captures.dialects.anthropic_ending import retry_advice
from captures.findings.anthropic import (
    CUT_BY_LIMIT,
    MESSAGE_START_IS_FILLED,
    NO_STOP_REASON,
    NO_USAGE,
    PAUSED,
    REFUSED,
    STOP_REASON_DOES_NOT_FIT,
    THINKING_NOT_SIGNED,
    TOOL_ARGUMENTS_INVALID,
    USAGE_SHRINKS,
)
from captures.findings.rule import Complaint, Rule
from captures.message import Text
from tests.captures.anthropic_stream import (
    HELLO,
    MESSAGE_STOP,
    TOOL_USE,
    arguments,
    block_start,
    block_stop,
    event,
    message_delta,
    message_start,
    stopped_by,
    tool_start,
)
from tests.captures.dialects.folding import fold, rules

HALF_A_CALL = [message_start(), tool_start(0), arguments(0, '{"a":')]
UNSIGNED = [*TOOL_USE[:3], *TOOL_USE[4:]]
SERVER_CALL = [
    message_start(),
    block_start(0, "server_tool_use", id="srvtoolu_1", name="web_search", input={"query": "x"}),
    block_stop(0),
]


def with_usage(*usages: dict[str, int]) -> list[bytes]:
    deltas = [event("message_delta", delta={"stop_reason": "end_turn"}, usage=u) for u in usages]
    return [*HELLO[:-2], *deltas, MESSAGE_STOP]


def found(pieces: Sequence[bytes]) -> list[Complaint]:
    dialect = AnthropicDialect()
    _, complaints = fold(dialect, pieces)
    return [*complaints, *dialect.finish()]


@pytest.mark.parametrize(
    ("rule", "pieces", "detail"),
    [
        (CUT_BY_LIMIT, stopped_by("max_tokens"), "stop_reason is max_tokens"),
        (
            CUT_BY_LIMIT,
            stopped_by("model_context_window_exceeded"),
            "stop_reason is model_context_window_exceeded",
        ),
        (
            CUT_BY_LIMIT,
            [*UNSIGNED[:3], *stopped_by("max_tokens")[-2:]],
            "stop_reason is max_tokens",
        ),
        (
            TOOL_ARGUMENTS_INVALID,
            [*HALF_A_CALL, block_stop(0), message_delta("tool_use"), MESSAGE_STOP],
            'weather: {"a":',
        ),
        (NO_STOP_REASON, [*HELLO[:-2], MESSAGE_STOP], "message_stop came without one"),
        (
            NO_STOP_REASON,
            [*HELLO[:-2], message_delta(None), MESSAGE_STOP],
            "message_stop came without one",
        ),
        (
            MESSAGE_START_IS_FILLED,
            [message_start(stop_reason="end_turn"), *HELLO[1:]],
            "stop_reason is end_turn",
        ),
        (
            MESSAGE_START_IS_FILLED,
            [message_start(content=[{"type": "text", "text": "x"}]), *HELLO[-2:]],
            "content is not empty",
        ),
        (THINKING_NOT_SIGNED, UNSIGNED, "no signature_delta came for it"),
        (STOP_REASON_DOES_NOT_FIT, stopped_by("tool_use"), "tool_use, and no tool was called"),
        (
            STOP_REASON_DOES_NOT_FIT,
            [*SERVER_CALL, message_delta("tool_use"), MESSAGE_STOP],
            "tool_use, and no tool was called",
        ),
        (
            STOP_REASON_DOES_NOT_FIT,
            [*TOOL_USE[:-2], *HELLO[-2:]],
            "end_turn, although weather was called",
        ),
        (REFUSED, stopped_by("refusal"), "no category given"),
        (
            REFUSED,
            [
                *HELLO[:-2],
                message_delta(
                    "refusal", stop_details={"category": "cyber", "explanation": "Not this."}
                ),
                MESSAGE_STOP,
            ],
            "cyber: Not this.",
        ),
        (PAUSED, [*SERVER_CALL, *stopped_by("pause_turn")[-2:]], "stop_reason is pause_turn"),
        (
            USAGE_SHRINKS,
            with_usage({"output_tokens": 9}, {"output_tokens": 4}),
            "output_tokens 4 after 9",
        ),
        (
            USAGE_SHRINKS,
            with_usage({"input_tokens": 0, "output_tokens": 9}),
            "input_tokens 0 after 12",
        ),
        (NO_USAGE, with_usage({}), "message_stop came without one"),
    ],
)
def test_one_cause_is_one_finding(rule: Rule, pieces: list[bytes], detail: str) -> None:
    assert [(complaint.rule, complaint.detail) for complaint in found(pieces)] == [(rule, detail)]


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(TOOL_USE, id="thinking and a tool call"),
        pytest.param([*SERVER_CALL, *HELLO[-2:]], id="a tool of the server"),
        pytest.param(with_usage({"output_tokens": 4}, {"output_tokens": 9}), id="usage that grows"),
        pytest.param(with_usage({"output_tokens": 0}), id="fewer tokens than guessed"),
        pytest.param(
            with_usage({"output_tokens": 4, "input_tokens": 300}), id="more input than at first"
        ),
        pytest.param(
            [*HALF_A_CALL, arguments(0, "1}"), block_stop(0), *TOOL_USE[-2:]], id="whole arguments"
        ),
        pytest.param(
            [
                HELLO[0],
                block_start(0, "thinking", thinking="All at once.", signature="EqQB"),
                block_stop(0),
                *HELLO[-2:],
            ],
            id="thinking that comes whole",
        ),
    ],
)
def test_what_fits_is_healthy(pieces: list[bytes]) -> None:
    assert rules(found(pieces)) == []


def test_limit_explains_arguments_and_signatures_that_are_missing() -> None:
    pieces = [*UNSIGNED[:4], message_delta("max_tokens"), MESSAGE_STOP]

    assert rules(found(pieces)) == [CUT_BY_LIMIT]


def test_stop_reason_told_twice_is_judged_once() -> None:
    assert rules(found([*HELLO[:-2], *[message_delta("max_tokens")] * 3, MESSAGE_STOP])) == [
        CUT_BY_LIMIT
    ]


def test_content_of_message_start_is_not_lost() -> None:
    dialect = AnthropicDialect()
    fold(dialect, [message_start(content=[{"type": "text", "text": "first"}]), *HELLO[1:]])

    assert dialect.message().parts == (Text("first"), Text("Hello, wörld 👋"))


@pytest.mark.parametrize(
    ("error_type", "advice"),
    [
        ("overloaded_error", "may succeed later"),
        ("api_error", "may succeed later"),
        ("invalid_request_error", "will fail again"),
        ("billing_error", "will fail again"),
        ("future_error", ""),
    ],
)
def test_error_says_whether_asking_again_helps(error_type: str, advice: str) -> None:
    assert retry_advice(error_type).endswith(advice)
    assert bool(retry_advice(error_type)) == bool(advice)
