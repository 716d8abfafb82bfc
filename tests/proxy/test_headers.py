"""Which header fields are forwarded."""

from __future__ import annotations

import pytest

from captures.redact import is_secret_header
from proxy.headers import HOP_BY_HOP, as_text, end_to_end, for_capture, for_upstream


@pytest.mark.parametrize("name", sorted(HOP_BY_HOP))
def test_hop_by_hop_fields_stay_on_their_hop(name: str) -> None:
    raw = ((name.title().encode(), b"x"), (b"X-Kept", b"y"))
    assert end_to_end(raw) == ((b"X-Kept", b"y"),)


def test_fields_named_by_connection_are_dropped() -> None:
    raw = ((b"Connection", b"close, X-Private"), (b"x-private", b"1"), (b"X-Public", b"2"))
    assert end_to_end(raw) == ((b"X-Public", b"2"),)


@pytest.mark.parametrize("name", ["authorization", "x-api-key", "host", "content-length"])
def test_connection_cannot_name_a_field_the_request_lives_on(name: str) -> None:
    raw = ((b"Connection", name.encode()), (name.encode(), b"v"))
    assert end_to_end(raw) == ((name.encode(), b"v"),)


def test_the_upstreams_own_host_is_sent_and_expect_is_not() -> None:
    raw = ((b"host", b"127.0.0.1:1"), (b"Expect", b"100-continue"), (b"A", b"1"))
    assert for_upstream(raw, "api.example") == [("Host", "api.example"), ("A", "1")]


def test_the_token_for_the_proxy_is_neither_sent_nor_recorded() -> None:
    raw = ((b"X-Ssescope-Token", b"t"), (b"A", b"1"), (b"x-ssescope-token", b"t"))
    assert for_upstream(raw, "h") == [("Host", "h"), ("A", "1")]
    assert for_capture(raw) == (("A", "1"),)
    assert is_secret_header("x-ssescope-token")


def test_duplicates_in_mixed_case_take_the_first_spelling_so_that_none_is_lost() -> None:
    raw = ((b"X-A", b"1"), (b"x-a", b"2"), (b"Cookie", b"c"), (b"cookie", b"d"))
    fields = for_upstream(raw, "h")
    assert fields[1:] == [("X-A", "1"), ("X-A", "2"), ("Cookie", "c"), ("Cookie", "d")]


def test_captured_fields_hold_every_byte() -> None:
    value = bytes(range(128, 256))
    ((name, text),) = as_text(((b"X-\xe9", value),))
    assert (name.encode("latin-1"), text.encode("latin-1")) == (b"X-\xe9", value)
