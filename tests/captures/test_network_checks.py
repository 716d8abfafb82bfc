from __future__ import annotations

import pytest

from captures.exchange import Exchange
from captures.findings.network import (
    CLIENT_LEFT_EARLY,
    CLIENT_LEFT_UNANSWERED,
    NOT_ANSWERED,
    UPSTREAM_BROKE,
)
from captures.findings.rule import Rule
from captures.network_checks import CHECKS, network_findings
from captures.records import Ending
from tests.captures.anthropic_stream import HELLO
from tests.captures.by_hand import a_head, an_end, chunks, exchange_of, streamed


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

        assert found(broke) == [(UPSTREAM_BROKE, "reset by peer")]
        assert found(exchange_of([an_end(Ending.UPSTREAM_DNS)])) == [(NOT_ANSWERED, "upstream_dns")]

    @pytest.mark.parametrize("how", Ending)
    def test_nobody_is_blamed_for_an_end_after_the_end(self, how: Ending) -> None:
        if how.value.startswith("upstream_"):
            return
        assert found(streamed(HELLO, how)) == []
