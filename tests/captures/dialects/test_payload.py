from __future__ import annotations

import pytest
from hypothesis import given

from captures.dialects.payload import (
    error_answer,
    error_from,
    json_text,
    mapping,
    mappings,
    number,
    parsed,
    string,
)
from captures.message import StreamError
from tests.captures.strategies import payloads


def test_a_field_of_another_type_counts_as_none() -> None:
    fields = {"a": 1, "b": "x", "c": {"d": 1}, "e": [{"f": 1}, 2], "g": True}

    assert (string(fields, "b"), string(fields, "a"), string(fields, "z")) == ("x", "", "")
    assert (number(fields, "a"), number(fields, "b"), number(fields, "g")) == (1, None, None)
    assert (mapping(fields, "c"), mapping(fields, "e")) == ({"d": 1}, {})
    assert (mappings(fields, "e"), mappings(fields, "c")) == ([{"f": 1}], [])


@pytest.mark.parametrize(
    ("data", "payload"), [('{"a": 1}', {"a": 1}), ("[1]", None), ("x", None), ("", None)]
)
def test_only_an_object_is_a_payload(data: str, payload: object) -> None:
    assert parsed(data) == payload


def test_what_is_too_deep_to_write_is_said_so() -> None:
    value: list[object] = []
    for _ in range(1000):
        value = [value]
    assert json_text(value) == '"nested too deeply to be shown"'


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ({"type": "a", "code": "b", "message": "m"}, StreamError("a", "m")),
        ({"status": "UNAVAILABLE", "code": 503, "message": "m"}, StreamError("UNAVAILABLE", "m")),
        ({"code": 400}, StreamError("400", "")),
        ({"code": "c"}, StreamError("c", "")),
        ("words", StreamError("error", "words")),
        (None, StreamError("error", "")),
        ({}, StreamError("error", "")),
    ],
)
def test_errors_as_providers_word_them(error: object, expected: StreamError) -> None:
    assert error_from(error) == expected


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"error": {"type": "a", "message": "m"}}, StreamError("a", "m")),
        ([{"error": {"status": "A", "message": "m"}}], StreamError("A", "m")),
        ({"object": "error", "type": "a", "message": "m"}, StreamError("a", "m")),
        ({"error": None}, None),
        ({}, None),
        ([], None),
        ("x", None),
    ],
)
def test_answers_that_are_errors(payload: object, expected: StreamError | None) -> None:
    assert error_answer(payload) == expected


@given(payloads)
def test_any_payload_is_an_error_or_none(payload: object) -> None:
    assert error_from(payload).type
    error_answer(payload)
