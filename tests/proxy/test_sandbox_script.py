from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.sandbox_anthropic import frame, stream_payloads, whole_message
from proxy.sandbox_dialect import Answer
from proxy.sandbox_scenarios import SCENARIOS, Ending, Scenario
from proxy.sandbox_script import STALL_SECONDS, Pace, planned_times, words
from tests.proxy.sandbox_scripts import message_script, stream_script

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


@settings(deadline=None)
@given(st.text())
def test_words_lose_nothing(text: str) -> None:
    assert "".join(words(text)) == text


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
