from __future__ import annotations

import json
import re
from typing import Any

import pytest

from proxy.sandbox_anthropic import error_payload, frame, stream_payloads, whole_message
from proxy.sandbox_dialect import Answer
from proxy.sandbox_scenarios import SCENARIOS, Ending, Scenario, Text, ToolUse
from proxy.sandbox_script import Pace, words
from tests.proxy.sandbox_scripts import stream_script

ANSWER = Answer(number=7, model="sandbox", input_tokens=12, stop_sequence="STOP")
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
SPOKEN = [scenario for scenario in SCENARIOS if scenario.error is None]
FAULTY = [scenario for scenario in SPOKEN if scenario.ending is not Ending.COMPLETE]

every_spoken = pytest.mark.parametrize("scenario", SPOKEN, ids=lambda scenario: scenario.name)


def sent(scenario: Scenario) -> bytes:
    return b"".join(step.chunk for step in stream_script(scenario, ANSWER, Pace()).steps)


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
    server_call = ToolUse("x", ("{}",), on_server=True)
    scenario = Scenario("calls", "Three calls.", (call, call, server_call))
    messages = [whole_message(scenario, answer) for answer in (ANSWER, other)]
    assert messages[0]["id"] != messages[1]["id"]
    identifiers = [block["id"] for message in messages for block in message["content"]]
    assert len(set(identifiers)) == 6
    assert identifiers[0].startswith("toolu_01")
    assert identifiers[2].startswith("srvtoolu_01")


def test_an_event_is_framed_with_line_feeds_and_its_own_name() -> None:
    assert frame({"type": "ping", "é": "\n"}) == (
        'event: ping\ndata: {"type":"ping","é":"\\n"}\n\n'.encode()
    )


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
