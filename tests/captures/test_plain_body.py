from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.findings.anthropic import NO_MESSAGE_STOP
from captures.plain_body import content_type_of, exchange_of_body
from captures.verdict import verdict_of
from tests.captures.anthropic_stream import HELLO
from tests.captures.by_hand import streamed

BODY = b"".join(HELLO)
SSE = "text/event-stream"


@pytest.mark.parametrize(
    ("name", "beginning", "content_type"),
    [
        ("a.sse", b"{}", SSE),
        ("a.SSE", b"", SSE),
        ("a.ndjson", b"data: x\n\n", "application/x-ndjson"),
        ("a.json", b"[", "application/json"),
        ("a", b"event: message_start\n", SSE),
        ("-", b"\xef\xbb\xbfdata: x\n\n", SSE),
        ("-", b": comment\n\n", SSE),
        ("-", b'{"a": 1}\n{"a": 2}\n', "application/x-ndjson"),
        ("-", b'{"error": {"code": 404}}', "application/json"),
        ("-", b'{\n  "error": {}\n}', "application/json"),
        ("-", b'[{"candidates": []}\n,\r\n', "application/json"),
        ("-", b"\0\0\0\xa2\0\0\0\x52\x8b\x01\x02\x03", "application/vnd.amazon.eventstream"),
        ("-", b"", SSE),
    ],
)
def test_the_name_decides_and_then_the_beginning(
    name: str, beginning: bytes, content_type: str
) -> None:
    assert content_type_of(name, beginning) == content_type


def test_a_saved_stream_is_judged_like_a_recorded_one_but_for_times() -> None:
    exchange = exchange_of_body("a.sse", SSE, [BODY[:-30]])
    recorded = streamed([BODY[:-30]])
    assert not exchange.is_timed
    assert exchange.message() == recorded.message()
    assert exchange.findings == recorded.findings
    assert NO_MESSAGE_STOP in {finding.rule for finding in exchange.findings}
    assert verdict_of(exchange) == verdict_of(recorded)


@pytest.mark.parametrize(
    ("body", "framing"),
    [(b'[{"candidates": []}]', "json array"), (b'{"candidates": []}', ""), (b" [", "json array")],
)
def test_only_an_array_of_json_streams(body: bytes, framing: str) -> None:
    exchange = exchange_of_body("a.json", "application/json", [body[:3], body[3:]])
    assert exchange.framing == framing


@given(st.binary(max_size=300), st.sampled_from(["a.sse", "a.ndjson", "a.json", "-"]))
def test_no_bytes_make_it_raise(body: bytes, name: str) -> None:
    exchange = exchange_of_body(name, content_type_of(name, body), [body])
    assert verdict_of(exchange).headline
    assert exchange.body.size == len(body)
