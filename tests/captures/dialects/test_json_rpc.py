from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.dialects.json_rpc import (
    Asked,
    error_of,
    id_of,
    is_response,
    messages_in,
    messages_of,
    requests_in,
)
from captures.message import StreamError
from tests.captures.strategies import payloads

REQUEST = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
RESPONSE = {"jsonrpc": "2.0", "id": "1", "result": {}}
NOTIFICATION = {"jsonrpc": "2.0", "method": "notifications/x"}


@pytest.mark.parametrize(
    ("payload", "found"),
    [
        (REQUEST, [REQUEST]),
        ([REQUEST, RESPONSE], [REQUEST, RESPONSE]),
        ([], None),
        ([REQUEST, 1], None),
        ({"jsonrpc": "1.0", "result": 1}, None),
        ({"jsonrpc": "2.0"}, None),
        ({"jsonrpc": "2.0", "method": 1}, None),
        (None, None),
    ],
)
def test_messages_come_alone_or_in_a_batch(payload: object, found: object) -> None:
    assert messages_of(payload) == found


def test_bytes_that_are_no_json_hold_no_message() -> None:
    assert messages_in("oops") is None
    assert messages_in(b"\x80") is None


def test_a_request_and_its_response_have_one_id() -> None:
    assert [is_response(message) for message in (REQUEST, RESPONSE, NOTIFICATION)] == [
        False,
        True,
        False,
    ]
    assert [id_of(message) for message in (REQUEST, RESPONSE, NOTIFICATION)] == ["1", '"1"', None]


def test_requests_that_want_a_response_are_found_in_a_body() -> None:
    body = b'[{"jsonrpc":"2.0","id":7,"method":"a"},{"jsonrpc":"2.0","method":"b"}]'
    assert requests_in(body) == (Asked("7", "a"),)
    assert requests_in(b"") == ()
    assert requests_in(b'{"model":"m"}') == ()


@pytest.mark.parametrize(
    ("error", "found"),
    [
        ({"code": -32601, "message": "m"}, StreamError("-32601", "m")),
        ({"code": ["x"]}, StreamError('["x"]', "")),
        ("it broke", StreamError('"error"', "")),
        (None, None),
    ],
)
def test_an_error_has_a_code(error: object, found: StreamError | None) -> None:
    assert error_of({"jsonrpc": "2.0", "id": 1, "error": error}) == found


@given(payloads, st.dictionaries(st.sampled_from(["id", "error", "method"]), payloads))
def test_any_payload_is_read(payload: object, fields: dict[str, object]) -> None:
    messages_of(payload)
    for message in messages_of({"jsonrpc": "2.0", "result": {}, **fields}) or []:
        id_of(message)
        error_of(message)
