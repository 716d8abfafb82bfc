from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.sandbox_scenarios import SCENARIOS, Ending, Scenario, Text, ToolUse
from proxy.sandbox_script import (
    STALL_SECONDS,
    Answer,
    Pace,
    error_of,
    error_payload,
    frame,
    message_script,
    planned_times,
    stream_payloads,
    stream_script,
    whole_message,
    words,
)

ANSWER = Answer(number=7, model="sandbox", input_tokens=12, stop_sequence="STOP")
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
SPOKEN = [scenario for scenario in SCENARIOS if scenario.error is None]
FAULTY = [scenario for scenario in SPOKEN if scenario.ending is not Ending.COMPLETE]

every_spoken = pytest.mark.parametrize("scenario", SPOKEN, ids=lambda scenario: scenario.name)
paces = st.builds(
    lambda first, rest: Pace(first, first + rest), st.floats(0, 60), st.floats(0, 3600)
)


def sent(scenario: Scenario) -> bytes:
    return b"".join(step.chunk for step in stream_script(scenario, ANSWER, Pace()).steps)


def whole(scenario: Scenario) -> list[bytes]:
    return [frame(payload) for payload in stream_payloads(scenario, ANSWER)]


def added_up(payloads: list[dict[str, Any]]) -> dict[str, Any]:
    """The message that a stream's events add up to."""
    message: dict[str, Any] = {}
    partial_json = ""
    for payload in payloads:
        match payload["type"]:
            case "message_start":
                message = payload["message"] | {"content": []}
            case "content_block_start":
                message["content"].append(dict(payload["content_block"]))
                partial_json = ""
            case "content_block_delta":
                block, delta = message["content"][payload["index"]], payload["delta"]
                partial_json += delta.get("partial_json", "")
                for key in {"text", "thinking", "signature"} & delta.keys():
                    block[key] += delta[key]
            case "content_block_stop" if partial_json:
                message["content"][payload["index"]]["input"] = json.loads(partial_json)
            case "message_delta":
                message |= payload["delta"]
                message["usage"] = message["usage"] | payload["usage"]
    return message


@every_spoken
def test_the_stream_adds_up_to_the_whole_message(scenario: Scenario) -> None:
    assert added_up(stream_payloads(scenario, ANSWER)) == whole_message(scenario, ANSWER)


@every_spoken
def test_events_come_in_the_order_of_the_protocol(scenario: Scenario) -> None:
    kinds = [payload["type"] for payload in stream_payloads(scenario, ANSWER)]
    first_block = r"content_block_start ping (content_block_delta )+content_block_stop "
    next_blocks = r"(content_block_start (content_block_delta )+content_block_stop )*"
    assert re.fullmatch(
        rf"message_start {first_block}{next_blocks}message_delta message_stop", " ".join(kinds)
    )


def test_the_message_start_promises_nothing() -> None:
    start = stream_payloads(BY_NAME["max_tokens"], ANSWER)[0]["message"]
    assert start["id"] == "msg_01Sandbox00000000000000007"
    assert start["content"] == []
    assert start["stop_reason"] is start["stop_sequence"] is start["stop_details"] is None
    assert start["usage"]["input_tokens"] == 12
    assert start["usage"]["output_tokens"] == 1


def test_text_comes_word_by_word() -> None:
    assert words("One,  two\nthree — é: ") == ["One,", "  two", "\nthree", " —", " é:", " "]
    deltas = [p["delta"] for p in stream_payloads(BY_NAME["end_turn"], ANSWER) if "delta" in p]
    assert [delta["text"] for delta in deltas[:3]] == ["Streaming", " doesn’t", " make"]


@settings(deadline=None)
@given(st.text())
def test_words_lose_nothing(text: str) -> None:
    assert "".join(words(text)) == text


@pytest.mark.parametrize(
    ("name", "stop"),
    [
        ("end_turn", ("end_turn", None, None)),
        ("thinking", ("end_turn", None, None)),
        ("tool_use", ("tool_use", None, None)),
        ("max_tokens", ("max_tokens", None, None)),
        ("stop_sequence", ("stop_sequence", "STOP", None)),
        ("pause_turn", ("pause_turn", None, None)),
    ],
)
def test_the_stop_reason_comes_in_message_delta(name: str, stop: tuple[Any, ...]) -> None:
    delta = stream_payloads(BY_NAME[name], ANSWER)[-2]["delta"]
    assert (delta["stop_reason"], delta["stop_sequence"], delta["stop_details"]) == stop


def test_a_refusal_has_details() -> None:
    delta = stream_payloads(BY_NAME["refusal"], ANSWER)[-2]["delta"]
    assert delta["stop_reason"] == "refusal"
    assert delta["stop_details"]["type"] == "refusal"
    assert delta["stop_details"]["category"] == "cyber"


def test_usage_counts_the_deltas_and_those_of_thinking_apart() -> None:
    payloads = stream_payloads(BY_NAME["thinking"], ANSWER)
    deltas = [p["delta"]["type"] for p in payloads if p["type"] == "content_block_delta"]
    usage = payloads[-2]["usage"]
    assert usage["output_tokens"] == len(deltas)
    thinking = [kind for kind in deltas if kind in {"thinking_delta", "signature_delta"}]
    assert 0 < len(thinking) < len(deltas)
    assert usage["output_tokens_details"] == {"thinking_tokens": len(thinking)}


def test_max_tokens_ends_within_a_sentence() -> None:
    (block,) = BY_NAME["max_tokens"].blocks
    assert isinstance(block, Text)
    assert block.text[-1].isalpha()


def test_identifiers_differ_by_answer_and_by_block() -> None:
    other = Answer(number=8, model="sandbox", input_tokens=12, stop_sequence="STOP")
    call = ToolUse("get_weather", ("{}",))
    assert ANSWER.message_id != other.message_id
    identifiers = {
        answer.tool_use_id(call, index) for answer in (ANSWER, other) for index in (0, 1)
    }
    assert len(identifiers) == 4
    assert ANSWER.tool_use_id(call, 0).startswith("toolu_01")
    assert ANSWER.tool_use_id(ToolUse("x", (), on_server=True), 0).startswith("srvtoolu_01")


def test_an_event_is_framed_with_line_feeds_and_its_own_name() -> None:
    assert frame({"type": "ping", "é": "\n"}) == (
        'event: ping\ndata: {"type":"ping","é":"\\n"}\n\n'.encode()
    )


@settings(deadline=None)
@given(st.integers(0, 9), st.integers(1, 50), paces)
def test_times_never_go_back_and_keep_to_the_pace(first: int, after: int, pace: Pace) -> None:
    times = planned_times(first + 1 + after, first, pace)
    assert len(times) == first + 1 + after
    assert list(times) == sorted(times)
    assert times[0] >= 0
    assert times[first] == pace.first_token
    assert times[-1] == pace.total


def test_times_are_spread_evenly() -> None:
    assert planned_times(7, 2, Pace(3, 11)) == (1, 2, 3, 5, 7, 9, 11)


@every_spoken
def test_a_client_can_leave_between_the_last_text_and_the_stop_reason(scenario: Scenario) -> None:
    payloads = stream_payloads(scenario, ANSWER)
    kinds = [payload["type"] for payload in payloads]
    times = planned_times(len(kinds), kinds.index("content_block_delta"), Pace(0.3, 4))
    last_delta = len(kinds) - 1 - kinds[::-1].index("content_block_delta")
    assert times[last_delta] < times[kinds.index("message_delta")] < times[-1]


def test_no_pace_sends_everything_at_once() -> None:
    script = stream_script(BY_NAME["end_turn"], ANSWER, Pace(0, 0))
    assert {step.at for step in script.steps} == {0}
    assert script.ends_at == 0


@pytest.mark.parametrize(
    ("first_token", "total"),
    [(-1, 4), (1, 0.5), (0, float("inf")), (float("nan"), 1), (0, float("nan"))],
)
def test_a_pace_that_cannot_be_kept_is_refused(first_token: float, total: float) -> None:
    with pytest.raises(ValueError, match="expected 0 <= first_token <= total"):
        Pace(first_token, total)


@every_spoken
def test_a_faulty_stream_runs_as_the_whole_one_up_to_the_fault(scenario: Scenario) -> None:
    script = stream_script(scenario, ANSWER, Pace())
    kept = script.steps
    if scenario.ending in {Ending.ERROR_EVENT, Ending.CUT_IN_EVENT}:
        kept = kept[:-1]
    kinds = [payload["type"] for payload in stream_payloads(scenario, ANSWER)]
    times = planned_times(len(kinds), kinds.index("content_block_delta"), Pace())
    assert [step.chunk for step in kept] == whole(scenario)[: len(kept)]
    assert [step.at for step in kept] == list(times[: len(kept)])
    assert script.steps[-1].at <= script.ends_at


def test_a_complete_stream_sends_every_event() -> None:
    assert sent(BY_NAME["end_turn"]) == b"".join(whole(BY_NAME["end_turn"]))


@pytest.mark.parametrize("scenario", FAULTY, ids=lambda scenario: scenario.name)
def test_a_faulty_stream_says_some_text_and_no_stop_reason(scenario: Scenario) -> None:
    assert b"text_delta" in sent(scenario)
    assert b"content_block_stop" not in sent(scenario)
    assert b'"stop_reason":"' not in sent(scenario)


def test_overload_comes_as_an_error_event() -> None:
    last = stream_script(BY_NAME["overloaded"], ANSWER, Pace()).steps[-1].chunk
    assert last == (
        b'event: error\ndata: {"type":"error","error":{"details":null,"type":"overloaded_error",'
        b'"message":"Overloaded"},"request_id":"req_011Sandbox00000000000000007"}\n\n'
    )


def test_a_cut_is_in_mid_event() -> None:
    script = stream_script(BY_NAME["cut"], ANSWER, Pace())
    torn = whole(BY_NAME["cut"])[len(script.steps) - 1]
    assert torn.startswith(script.steps[-1].chunk)
    assert b"\ndata: {" in script.steps[-1].chunk
    assert b"\n\n" not in script.steps[-1].chunk


@pytest.mark.parametrize("make", [stream_script, message_script])
@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("end_turn", True),
        ("cut", False),
        ("truncated", False),
        ("silent_end", True),
        ("stall", False),
    ],
)
def test_only_some_endings_are_clean(make: Any, name: str, clean: bool) -> None:
    assert make(BY_NAME[name], ANSWER, Pace()).clean is clean


@pytest.mark.parametrize("make", [stream_script, message_script])
def test_a_stall_is_long_but_bounded(make: Any) -> None:
    script = make(BY_NAME["stall"], ANSWER, Pace())
    assert STALL_SECONDS <= script.ends_at <= STALL_SECONDS + Pace().total


def test_without_streaming_the_message_comes_after_the_same_total_time() -> None:
    script = message_script(BY_NAME["end_turn"], ANSWER, Pace(1, 9))
    (step,) = script.steps
    assert step.at == script.ends_at == 9
    assert json.loads(step.chunk) == whole_message(BY_NAME["end_turn"], ANSWER)


@pytest.mark.parametrize("name", ["cut", "truncated", "silent_end", "stall"])
def test_without_streaming_a_fault_leaves_half_the_message(name: str) -> None:
    (step,) = message_script(BY_NAME[name], ANSWER, Pace()).steps
    message = message_script(BY_NAME["end_turn"], ANSWER, Pace()).steps[0].chunk
    assert message.startswith(step.chunk)
    assert 0 < len(step.chunk) < len(message)


@pytest.mark.parametrize(
    ("name", "streamed", "whole_answer"),
    [("end_turn", None, None), ("overloaded", None, 529), ("rate_limited", 429, 429)],
)
def test_an_error_may_take_the_answers_place(
    name: str, streamed: int | None, whole_answer: int | None
) -> None:
    for stream, status in ((True, streamed), (False, whole_answer)):
        error = error_of(BY_NAME[name], stream=stream)
        assert (error and error.status) == status


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (404, "not_found_error"),
        (413, "request_too_large"),
        (429, "rate_limit_error"),
        (500, "api_error"),
        (529, "overloaded_error"),
    ],
)
def test_an_error_body_is_the_apis(status: int, kind: str) -> None:
    assert error_payload(status, "Sorry", 3) == {
        "type": "error",
        "error": {"type": kind, "message": "Sorry"},
        "request_id": "req_011Sandbox00000000000000003",
    }
