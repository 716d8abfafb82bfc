from __future__ import annotations

import pytest

from proxy.replay_exchange import body_key, plain


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
    assert body_key(one) == body_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b'{"a":1}', b'{"a":"1"}'),
        (b"[1,2]", b"[2,1]"),
        (b"", b"{}"),
        (b"not json", b"not json "),
        (b'{"a":1', b'{"a":1 '),
        (b"[" * 500 + b"]" * 500, b"[" * 500 + b" " + b"]" * 500),
        (b"[" * 100_000, b"[" * 100_001),
        (b'"\\ud800"', b'"\\ud801"'),
    ],
)
def test_different_bodies_have_different_keys(one: bytes, other: bytes) -> None:
    assert body_key(one) != body_key(other)


def test_plain_text_is_one_line_of_ascii() -> None:
    assert plain("a\x1b[2J\r\né\ud800\u202e") == "a\\x1b[2J\\r\\n\\xe9\\ud800\\u202e"
