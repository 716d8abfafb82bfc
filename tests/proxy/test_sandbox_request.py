from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.sandbox_request import Ask, parse_request
from proxy.sandbox_scenarios import DEFAULT_SCENARIO

USER = {"role": "user", "content": "Hello, sandbox"}
TOOL_RESULT = {
    "role": "user",
    "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "12 °C"}],
}

scalar = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
any_json = st.one_of(
    scalar,
    st.lists(scalar, max_size=2),
    st.dictionaries(st.sampled_from(["type", "text", "role", "content"]), scalar, max_size=2),
)
odd_block = any_json | st.fixed_dictionaries({"type": st.just("text"), "text": any_json})
odd_message = st.fixed_dictionaries(
    {"role": st.just("user") | any_json, "content": any_json | st.lists(odd_block, max_size=2)}
)
odd_request = st.fixed_dictionaries(
    {
        "model": st.just("claude") | any_json,
        "messages": any_json | st.lists(any_json | odd_message, max_size=2),
    },
    optional={"stream": any_json, "stop_sequences": any_json},
)


def parse(**fields: Any) -> Ask:
    request = {"model": "claude", "messages": [USER]} | fields
    return parse_request(json.dumps(request).encode())


def test_what_is_not_said_has_a_default() -> None:
    assert parse() == Ask(
        model="claude",
        scenario=DEFAULT_SCENARIO,
        stream=False,
        input_tokens=4,
        stop_sequence="END",
    )


def test_what_is_said_is_taken_over() -> None:
    ask = parse(model="sandbox-refusal", stream=True, stop_sequences=["\n\n", "x"])
    assert (ask.model, ask.scenario.name) == ("sandbox-refusal", "refusal")
    assert (ask.stream, ask.stop_sequence) == (True, "\n\n")


def test_null_is_as_good_as_nothing() -> None:
    assert parse(stream=None, stop_sequences=None) == parse()
    assert parse(stop_sequences=[]) == parse()


def test_text_blocks_are_read_and_other_blocks_are_not() -> None:
    blocks = [
        {"type": "image", "text": "scenario: cut"},
        {"type": "text", "text": "scenario: refusal"},
        {"type": "text", "text": 7},
        {"type": "unheard_of"},
    ]
    ask = parse(messages=[{"role": "user", "content": blocks}])
    assert ask.scenario.name == "refusal"


def test_a_tool_result_ends_the_tool_loop_and_a_later_question_opens_it_again() -> None:
    asked = {"role": "user", "content": "scenario: tool_use"}
    assert parse(messages=[asked]).scenario.name == "tool_use"
    assert parse(messages=[asked, TOOL_RESULT]).scenario.name == "end_turn"
    assert parse(messages=[asked, TOOL_RESULT, USER]).scenario.name == "tool_use"
    assert parse(model="sandbox-cut", messages=[TOOL_RESULT]).scenario.name == "cut"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"model": None}, "model: expected a non-empty string, got nothing"),
        ({"model": ""}, "model: expected a non-empty string, got an empty string"),
        ({"model": 4}, "model: expected a non-empty string, got a number"),
        ({"messages": None}, "messages: expected a non-empty list, got nothing"),
        ({"messages": []}, "messages: expected a non-empty list, got an empty list"),
        ({"messages": "hello"}, "messages: expected a non-empty list, got a string"),
        ({"messages": [True]}, "messages.0: expected an object, got a boolean"),
        ({"messages": [USER, {}]}, "messages.1.role: expected a string, got nothing"),
        (
            {"messages": [{"role": "user", "content": {"a": 1}}]},
            "messages.0.content: expected a string or a list of content blocks, got an object",
        ),
        (
            {"messages": [{"role": "user", "content": [["a"]]}]},
            "messages.0.content: expected every block to be an object, got a list",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": 1.5}]}]},
            "messages.0.content: expected every block to have a type, got a number",
        ),
        ({"stream": "true"}, "stream: expected a boolean, got a string"),
        ({"stream": 1}, "stream: expected a boolean, got a number"),
        ({"stop_sequences": ["a", 1]}, "stop_sequences: expected a list of strings, got a list"),
    ],
)
def test_a_wrong_field_is_named_with_what_was_found(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match="expected") as caught:
        parse(**fields)
    assert str(caught.value) == says


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b"NaN", b'{"model": "\\ud800"}', b"[" * 100_000]
)
def test_a_body_that_is_not_json_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"^The request body is not valid JSON: "):
        parse_request(body)


@pytest.mark.parametrize("body", [b"[]", b"null", b"7", b'"hello"'])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"^request body: expected an object, got "):
        parse_request(body)


def test_an_unknown_sandbox_model_is_a_lookup_error() -> None:
    with pytest.raises(LookupError, match="sandbox-unheard-of"):
        parse(model="sandbox-unheard-of")


@settings(deadline=None)
@given(odd_request | any_json)
def test_any_json_gives_an_ask_or_a_sentence(request: Any) -> None:
    with contextlib.suppress(ValueError):
        assert isinstance(parse_request(json.dumps(request).encode()), Ask)


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_give_an_ask_or_a_sentence(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"expected|not valid JSON"):
        parse_request(body)
