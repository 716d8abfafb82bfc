from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.request_body import (
    IGNORED_FIELDS,
    Difference,
    differences,
    key_of,
    likeness,
    parse_field,
    print_of,
    without_coding,
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=5),
    lambda parts: (
        st.lists(parts, max_size=4) | st.dictionaries(st.text(max_size=3), parts, max_size=4)
    ),
    max_leaves=12,
)


def key(body: bytes, *fields: str) -> bytes:
    places = [parse_field(field) for field in fields]
    assert key_of(body, places) == print_of(body, places).key
    return key_of(body, places)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b'{"a": 1, "b": [true, null]}', b'{"b":[true,null],"a":1}'),
        (b'"\\u00e9"', '"é"'.encode()),
        (b'{"a": {"c": 1, "b": 2}}', b'\n{"a":{"b":2,"c":1}}'),
        (b"", b""),
        (b"\xff\x00", b"\xff\x00"),
    ],
)
def test_equal_bodies_have_equal_keys(one: bytes, other: bytes) -> None:
    assert key(one) == key(other)
    assert differences(one, other) == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b'{"a":1}', b'{"a":"1"}'),
        (b'{"a":1}', b'{"a":1.0}'),
        (b'{"a":1}', b'{"a":true}'),
        (b"[1,2]", b"[2,1]"),
        (b"", b"{}"),
        (b"not json", b"not json "),
        (b'{"a":1', b'{"a":1 '),
        (b"[" * 100_000, b"[" * 100_001),
        (b'"\\ud800"', b'"\\ud801"'),
    ],
)
def test_different_bodies_have_different_keys(one: bytes, other: bytes) -> None:
    assert key(one) != key(other)
    assert differences(one, other)


def test_a_body_nested_too_deep_for_json_is_compared_by_its_bytes() -> None:
    one, other = b"[" * 500 + b"]" * 500, b"[" * 500 + b" " + b"]" * 500
    assert key(one) == key(one)
    assert key(one) != key(other)
    assert differences(one, other) == ()


def test_what_names_the_caller_is_ignored() -> None:
    recorded = b'{"model":"m","metadata":{"user_id":"a"},"prompt_cache_key":"1","user":"x"}'
    assert print_of(recorded, IGNORED_FIELDS) == print_of(b'{"model":"m"}', IGNORED_FIELDS)
    assert print_of(b'{"stream_options":{}}', IGNORED_FIELDS).key != print_of(b"{}").key


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("a.b", b'{"a":{"b":1,"c":2}}', b'{"a":{"c":2}}'),
        ("m.*.id", b'{"m":[{"id":1},{"id":2,"x":0}]}', b'{"m":[{"id":3},{"x":0}]}'),
        ("m.1", b'{"m":[1,2,3]}', b'{"m":[1,9,3]}'),
        ("m.*", b'{"m":[1,2,3]}', b'{"m":[]}'),
        ("*", b'{"m":1}', b"{}"),
        ("*.t", b'{"a":{"t":1},"b":{"t":2}}', b'{"a":{},"b":{}}'),
    ],
)
def test_fields_at_a_place_can_be_ignored(field: str, one: bytes, other: bytes) -> None:
    assert key(one) != key(other)
    assert key(one, field) == key(other, field)
    assert differences(one, other, [parse_field(field)]) == ()


@pytest.mark.parametrize("field", ["a", "a.b.c", "0", "m.7", "m.x", "m.0.a"])
def test_a_place_that_is_not_there_changes_nothing(field: str) -> None:
    assert key(b'{"m":[1]}', field) == key(b'{"m":[1]}')
    assert key(b"[]", field) == key(b"[]")
    assert key(b"1", field) == key(b"1")


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "a..b"])
def test_a_place_without_a_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected names with dots between them"):
        parse_field(text)


@given(json_values, json_values)
def test_two_bodies_differ_where_their_keys_do(one: Any, other: Any) -> None:
    recorded, asked = json.dumps(one).encode(), json.dumps(other).encode()
    assert bool(differences(recorded, asked)) is (key(recorded) != key(asked))
    assert 0 <= likeness(print_of(recorded), print_of(asked)) <= 1
    assert likeness(print_of(recorded), print_of(recorded)) == 1


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_any_bytes_are_a_body(one: bytes, other: bytes) -> None:
    assert bool(differences(one, other)) is (key(one) != key(other))


def conversation(length: int, nonce: str = "") -> bytes:
    messages = [{"role": "user", "content": f"turn {number}"} for number in range(length)]
    return json.dumps({"model": "m", "system": f"help {nonce}", "messages": messages}).encode()


def test_the_same_turn_of_a_conversation_is_the_most_alike() -> None:
    asked = print_of(conversation(5, nonce="today"))
    turns = [likeness(asked, print_of(conversation(length))) for length in (1, 3, 5, 7, 300)]
    assert max(turns) == turns[2]
    assert likeness(asked, print_of(b"not json")) == 0


def test_the_first_differences_are_told_with_their_places() -> None:
    recorded = {"model": "a", "messages": [{"content": "x" * 100 + "Paris"}], "n": 1, "t": [1]}
    asked = {"model": "b", "messages": [{"content": "x" * 100 + "Rome"}], "new": {}, "t": [1, []]}
    found = differences(json.dumps(recorded).encode(), json.dumps(asked).encode())
    assert found == (
        Difference("model", '"a"', '"b"'),
        Difference("messages.0.content", f'"...{"x" * 20}Paris"', f'"...{"x" * 20}Rome"'),
        Difference("n", "1", None),
        Difference("t.1", None, "an array of 0 items"),
        Difference("new", None, "an object of 0 fields"),
    )


def test_values_are_shown_short_and_plain() -> None:
    (found,) = differences(json.dumps("\x1b[2J\u202e" + "y" * 500).encode(), b"[1]")
    assert found.at == ""
    assert found.recorded is not None
    assert found.recorded.startswith('"\\u001b[2J\\u202eyyy')
    assert found.recorded.endswith('..."')
    assert len(found.recorded) < 120
    (found,) = differences(b'{"\xe2\x80\xae\\n":1}', b"{}")
    assert found.at == "\\u202e\\n"


def test_a_coded_body_is_compared_without_its_coding() -> None:
    assert without_coding(gzip.compress(b"{}"), "gzip") == b"{}"
    assert without_coding(b"{}", "identity") == b"{}"
    assert without_coding(b"no gzip", "gzip") == b"no gzip"
    assert without_coding(b"?", "unheard-of") == b"?"
    bomb = gzip.compress(bytes(70 * 1024 * 1024))
    assert without_coding(bomb, "gzip") == bomb
