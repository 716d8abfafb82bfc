from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.aws_message import Message, MessageError, read_headers, read_message
from tests.captures.aws_messages import header

KINDS = header(":message-type", "event") + header(":event-type", "chunk")


@pytest.mark.parametrize(
    ("headers", "payload", "expected"),
    [
        (header(":event-type", "trace"), b"{}", Message("trace", "{}", False)),
        (b"", b"x", Message("event", "x", False)),
        (b"", b"\xff", Message("event", "\ufffd", False)),
        (
            header(":message-type", "exception") + header(":exception-type", "modelTimeout"),
            b'{"message": "m"}',
            Message("modelTimeout", '{"message": "m"}', True),
        ),
        (header(":message-type", "exception"), b"", Message("exception", "", True)),
        (
            header(":message-type", "error")
            + header(":error-code", "InternalFailure")
            + header(":error-message", "m"),
            b"",
            Message("InternalFailure", '{"message":"m"}', True),
        ),
        (header(":message-type", "error"), b"{}", Message("error", "{}", True)),
        (KINDS, b'{"bytes": "eyJhIjogMX0="}', Message("chunk", '{"a": 1}', False)),
        (KINDS, b'{"bytes": "aGk=", "p": "abc"}', Message("chunk", "hi", False)),
        (KINDS, b'{"bytes": "/w=="}', Message("chunk", "\ufffd", False)),
        (KINDS, b'{"bytes": "?"}', Message("chunk", '{"bytes": "?"}', False)),
        (KINDS, b'{"bytes": 7}', Message("chunk", '{"bytes": 7}', False)),
        (KINDS, b'{"p": "a"}', Message("chunk", '{"p": "a"}', False)),
        (KINDS, b"[]", Message("chunk", "[]", False)),
        (KINDS, b"oops", Message("chunk", "oops", False)),
        (
            KINDS,
            b'{"bytes": "aGk=", "attribution": {}}',
            Message("chunk", '{"bytes": "aGk=", "attribution": {}}', False),
        ),
        (
            header(":event-type", "trace"),
            b'{"bytes": "aGk="}',
            Message("trace", '{"bytes": "aGk="}', False),
        ),
    ],
)
def test_what_a_message_comes_to(headers: bytes, payload: bytes, expected: Message) -> None:
    assert read_message(headers, payload) == expected


def test_values_that_are_no_text_are_left_out() -> None:
    values = [b"\x00", b"\x01", b"\x02a", b"\x03ab", b"\x04abcd", b"\x05abcdefgh", b"\x06\0\2ab"]
    values += [b"\x08abcdefgh", b"\x09abcdefghijklmnop"]
    headers = b"".join(b"\x01n" + value for value in values)
    assert read_headers(headers + header("last", "é")) == {"last": "é"}


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        (b"\x05ab", "name at byte 0 ends behind"),
        (b"\x02ab", "name at byte 0 ends behind"),
        (b"\x01a\x0a", "'a' has the unknown type 10"),
        (b"\x01a\x07\0", "length of 'a' ends behind"),
        (b"\x01a\x07\0\x03ab", "value of 'a' ends behind"),
        (b"\x01a\x04abc", "value of 'a' ends behind"),
    ],
)
def test_headers_that_are_not_as_the_encoding_has_them(headers: bytes, words: str) -> None:
    with pytest.raises(MessageError, match=words):
        read_message(headers, b"")


@given(st.binary(max_size=60), st.binary(max_size=40))
def test_any_bytes_are_a_message_or_are_refused(headers: bytes, payload: bytes) -> None:
    with suppress(MessageError):
        assert read_message(headers, payload).data is not None
