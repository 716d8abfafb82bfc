from __future__ import annotations

from dataclasses import replace

import pytest

from captures.exchange import Exchange
from captures.records import Chunk, Latency
from captures.waits import Waits, waits_of
from tests.captures.by_hand import a_head, a_request, an_end, exchange_of, streamed


def ended(client_wait: float) -> Exchange:
    end = replace(an_end(time=9.0), latency=Latency(0.0001, 0.0002, 0.0005, client_wait))
    return exchange_of([a_head(), Chunk(2, 1.0, b"data: 1\n\n"), Chunk(3, 8.0, b"\n"), end])


@pytest.mark.parametrize(
    ("client_wait", "waits"),
    [
        (0.0, Waits(8.0, 0.0, 0.0005)),
        (3.0, Waits(5.0, 3.0, 0.0005)),
        (8.5, Waits(0.0, 8.5, 0.0005)),
    ],
)
def test_what_the_client_took_is_not_the_upstreams(client_wait: float, waits: Waits) -> None:
    assert waits_of(ended(client_wait)) == waits


def test_nothing_is_told_that_was_not_measured() -> None:
    saved = Exchange(a_request(), timed=False)
    saved.feed(an_end())

    assert waits_of(saved) is None
    assert waits_of(exchange_of([a_head()])) is None
    assert waits_of(streamed([b"data: 1\n\n"])) is None
