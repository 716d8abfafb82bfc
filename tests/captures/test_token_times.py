from __future__ import annotations

from itertools import pairwise
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from captures.token_times import InterToken, TokenGaps


def gaps_of(*times: float) -> TokenGaps:
    gaps = TokenGaps()
    for time in times:
        gaps.see(time)
    return gaps


def test_one_token_is_followed_by_no_wait() -> None:
    assert TokenGaps().summary() is None
    assert gaps_of(1.0).summary() is None


def test_two_tokens_have_one_wait_between_them() -> None:
    assert gaps_of(1.0, 3.0).summary() == InterToken(1, 2.0, 2.0, 2.0, 2.0)


def test_percentiles_are_waits_that_were_measured() -> None:
    times = [0.0]
    for wait in range(1, 101):
        times.append(times[-1] + wait)

    assert gaps_of(*times).summary() == InterToken(100, 50.0, 95.0, 99.0, 100.0)


def test_summary_follows_the_stream() -> None:
    gaps = gaps_of(0.0, 1.0)
    before = gaps.summary()
    gaps.see(5.0)

    assert before == InterToken(1, 1.0, 1.0, 1.0, 1.0)
    assert gaps.summary() == InterToken(2, 1.0, 4.0, 4.0, 4.0)


def test_clock_that_runs_backwards_gives_no_negative_wait() -> None:
    assert gaps_of(2.0, 1.0).summary() == InterToken(1, 0.0, 0.0, 0.0, 0.0)


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=200).map(sorted))
def test_each_percentile_is_the_smallest_wait_that_enough_waits_do_not_exceed(
    times: list[float],
) -> None:
    waits = sorted(after - before for before, after in pairwise(times))

    summary = gaps_of(*times).summary()

    assert summary is not None
    for share, found in ((0.5, summary.p50), (0.95, summary.p95), (0.99, summary.p99)):
        assert found in waits
        assert sum(wait <= found for wait in waits) >= ceil(share * len(waits))
        assert sum(wait < found for wait in waits) < ceil(share * len(waits))
    assert (summary.count, summary.maximum) == (len(waits), waits[-1])
