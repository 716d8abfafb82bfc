from __future__ import annotations

from dataclasses import replace

import pytest

from captures.exchange import Exchange
from captures.findings.network import (
    BROKE_AFTER_THE_END,
    BYTES_DIFFER,
    CLIENT_LEFT_EARLY,
    CLIENT_LEFT_UNANSWERED,
    NO_EVENT,
    NOT_ANSWERED,
    REDIRECTED,
    STREAM_UNDER_OTHER_TYPE,
    UPSTREAM_BROKE,
)
from captures.findings.rule import Level, Rule
from captures.network_checks import CHECKS, network_findings
from captures.records import Chunk, Ending
from captures.verdict import verdict_of
from tests.captures.anthropic_stream import HELLO
from tests.captures.by_hand import (
    EVENT_STREAM,
    JSON,
    a_head,
    a_request,
    an_end,
    chunks,
    exchange_of,
    streamed,
    tally,
)

NEVER_AFTER_A_HEAD = {
    Ending.UPSTREAM_CLOSED,
    Ending.UPSTREAM_REFUSED,
    Ending.UPSTREAM_DNS,
    Ending.UPSTREAM_TLS,
}


def found(exchange: Exchange) -> list[tuple[Rule, str]]:
    return [(finding.rule, finding.detail) for finding in network_findings(exchange)]


@pytest.mark.parametrize("check", CHECKS)
def test_nothing_is_found_before_the_end(check: object) -> None:
    assert callable(check)
    for exchange in (exchange_of([]), exchange_of([a_head(), *chunks(HELLO[:3])])):
        assert list(check(exchange)) == []


class TestEndings:
    def test_client_that_left_is_told_where_and_what_it_missed(self) -> None:
        [(rule, detail)] = found(streamed(HELLO[:4], Ending.CLIENT_LEFT))

        assert rule is CLIENT_LEFT_EARLY
        assert detail == "in the text; it missed stop_reason, usage, message_stop"

    def test_client_that_left_before_the_head_waited_so_long(self) -> None:
        assert found(exchange_of([an_end(Ending.CLIENT_RESET, time=2.5)])) == [
            (CLIENT_LEFT_UNANSWERED, "it had waited 2.500 s")
        ]

    def test_upstream_that_broke_is_told_with_its_reason(self) -> None:
        broke = streamed(HELLO[:4], Ending.UPSTREAM_RESET, "reset by peer")

        words = "reset by peer; missing stop_reason, usage, message_stop"
        assert found(broke) == [(UPSTREAM_BROKE, words)]
        assert [finding.rule for finding in broke.findings] == [UPSTREAM_BROKE]
        assert found(exchange_of([an_end(Ending.UPSTREAM_DNS)])) == [(NOT_ANSWERED, "upstream_dns")]

    @pytest.mark.parametrize("how", Ending)
    def test_nobody_is_blamed_for_an_end_after_the_end(self, how: Ending) -> None:
        levels = {rule.level for rule, _ in found(streamed(HELLO, how))}

        # Endings that come before any head contradict a whole answer.
        assert levels <= {Level.INFO} or how in NEVER_AFTER_A_HEAD

    def test_connection_that_broke_after_the_end_is_worth_knowing(self) -> None:
        assert found(streamed(HELLO, Ending.UPSTREAM_TRUNCATED, "no final chunk")) == [
            (BROKE_AFTER_THE_END, "no final chunk")
        ]


class TestBytes:
    def exchange(self, client: bytes, how: Ending = Ending.COMPLETE) -> Exchange:
        end = replace(an_end(how), upstream=tally(b"abc"), client=tally(client))
        return exchange_of([a_head(headers=JSON), Chunk(2, 0.6, b"abc"), end])

    def test_same_bytes_in_other_pieces_are_the_same(self) -> None:
        exchange = self.exchange(b"abc")
        assert exchange.end is not None
        other = replace(exchange.end, client=replace(exchange.end.client, chunks=2))

        assert found(exchange) == []
        assert found(exchange_of([a_head(headers=JSON), other])) == []

    def test_other_bytes_are_told(self) -> None:
        assert found(self.exchange(b"ab")) == [(BYTES_DIFFER, "3 bytes came and 2 went")]
        assert found(self.exchange(b"abd")) == [
            (BYTES_DIFFER, "3 bytes came and 3 went, with another SHA-256")
        ]

    def test_client_that_left_got_less(self) -> None:
        rules = {rule for rule, _ in found(self.exchange(b"ab", Ending.CLIENT_LEFT))}

        assert BYTES_DIFFER not in rules


class TestNoEvent:
    def answered(
        self, *pieces: bytes, method: str = "POST", status: int = 200, path: str = "/generate"
    ) -> Exchange:
        exchange = Exchange(replace(a_request(path), method=method))
        for record in (a_head(status), *chunks(pieces), an_end()):
            exchange.feed(record)
        return exchange

    @pytest.mark.parametrize("pieces", [(), (b": keep-alive\n\n",), (b"retry: 9\n\n", b"\n")])
    def test_stream_without_an_event_is_an_error(self, pieces: tuple[bytes, ...]) -> None:
        exchange = self.answered(*pieces)

        assert [finding.rule for finding in exchange.findings] == [NO_EVENT]
        assert verdict_of(exchange).headline == "ended without an event"

    def test_it_is_told_once_where_another_rule_names_the_cause(self) -> None:
        for exchange in (
            self.answered(b"<html>"),
            self.answered(b'{"a": 1}'),
            self.answered(b"data: torn"),
            self.answered(path="/v1/messages"),
            streamed(HELLO, headers=(*EVENT_STREAM, ("content-encoding", "own")), path="/x"),
        ):
            assert len(exchange.findings) == 1
            assert exchange.findings[0].rule is not NO_EVENT

    def test_stream_that_was_fetched_may_be_silent(self) -> None:
        assert self.answered(method="GET").findings == []

    def test_answer_without_content_may_be_empty(self) -> None:
        assert self.answered(status=204).findings == []

    def test_stream_that_was_cut_off_is_not_judged_by_it(self) -> None:
        for how in (Ending.CLIENT_LEFT, Ending.PROXY_SHUTDOWN, Ending.UPSTREAM_RESET):
            rules = {finding.rule for finding in streamed([], how, path="/x").findings}
            assert NO_EVENT not in rules


class TestRedirect:
    def redirected(self, status: int, location: str = "/v2", method: str = "POST") -> Exchange:
        exchange = Exchange(replace(a_request(), method=method))
        exchange.feed(a_head(status, "", (("Location", location),)))
        exchange.feed(an_end())
        return exchange

    def test_it_is_told_where_to_and_what_is_lost_on_the_way(self) -> None:
        assert found(self.redirected(308)) == [(REDIRECTED, "HTTP 308 to /v2")]
        [(_, detail)] = found(self.redirected(302))
        assert detail == "HTTP 302 to /v2 · most clients follow with a GET, without the body"

    def test_location_of_a_peer_is_one_short_line(self) -> None:
        [(_, detail)] = found(self.redirected(307, "/\n" + "x" * 9999))

        assert "\n" not in detail
        assert len(detail) < 300

    @pytest.mark.parametrize("status", [200, 204, 300, 304, 404])
    def test_other_statuses_are_no_redirects(self, status: int) -> None:
        assert REDIRECTED not in {rule for rule, _ in found(self.redirected(status))}

    def test_page_that_was_fetched_may_be_elsewhere(self) -> None:
        assert found(self.redirected(301, method="GET")) == []


def test_stream_under_another_type_is_told_with_that_type() -> None:
    def sent(*headers: tuple[str, str]) -> Exchange:
        return streamed(HELLO, headers=headers)

    assert found(sent(("content-type", "text/plain"))) == [
        (STREAM_UNDER_OTHER_TYPE, "it came as text/plain")
    ]
    assert found(sent()) == [(STREAM_UNDER_OTHER_TYPE, "it has none")]
