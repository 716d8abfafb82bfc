"""What becomes of complaints about the grammar of a stream: findings, one a cause."""

from __future__ import annotations

import pytest

from captures.exchange import Exchange
from captures.records import Ending
from tests.captures.anthropic_stream import HELLO
from tests.captures.by_hand import a_head, chunks, exchange_of, streamed
from tests.captures.cuts import byte_by_byte

BODY = b"".join(HELLO)


def codes(exchange: Exchange) -> list[str]:
    return [finding.rule.code for finding in exchange.findings]


def test_the_same_fault_in_many_events_is_one_finding_with_a_count() -> None:
    exchange = streamed([BODY.replace(b"Hello, ", "a\u2028b".encode()) + b": \xe2\x80\xa8\n\n" * 9])

    [finding] = exchange.findings
    assert (finding.rule.code, finding.event) == ("SSE012", 3)
    assert finding.offset == exchange.events[3].frame.start
    assert finding.detail == "U+2028, 1 in this event (10 events in all)"


def test_a_stream_that_still_runs_has_its_finding_without_a_count() -> None:
    exchange = exchange_of([a_head(), *chunks([": \u2028\n\n".encode()] * 3)])

    assert [finding.detail for finding in exchange.findings] == ["U+2028, 1 in this event"]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        pytest.param(b'{"error":{"message":"x"}}', ["SSE007"], id="a JSON body is no cut event"),
        pytest.param(
            b'{\n "error": 1\n}\n\n', ["SSE007"], id="a JSON body with a blank line behind it"
        ),
        pytest.param(
            BODY.replace(b"Hello, ", b"a\nb"), ["SSE007"], id="a line end inside the data"
        ),
        pytest.param(
            BODY.replace(b"Hello, ", b"a\rb"), ["SSE007"], id="a carriage return inside it"
        ),
    ],
)
def test_one_cause_is_one_finding(body: bytes, found: list[str]) -> None:
    assert codes(streamed([body])) == found


def test_events_run_together_are_not_also_called_invalid_json() -> None:
    joined = BODY.replace(b"\n\nevent: content_block_delta\n", b"\n", 1)
    assert joined != BODY

    assert codes(streamed([joined])) == ["SSE017"]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_healthy_stream_that_stops_at_any_byte_breaks_no_rule_of_grammar(end: bytes) -> None:
    body = BODY.replace(b"\n", end)
    for stop in range(len(body)):
        exchange = streamed([body[:stop]], how=Ending.CLIENT_LEFT)
        assert {code for code in codes(exchange) if code != "SSE022"} <= {"NET002"}


def test_findings_do_not_depend_on_cuts() -> None:
    body = b"\xef\xbb\xbf" + BODY.replace(b"\n", b"\r\n") + b"error: x\n\nData: y\r\r"

    assert streamed(byte_by_byte(body)).findings == streamed([body]).findings
