"""Latency percentiles in constant memory."""

from __future__ import annotations

from random import Random
from statistics import quantiles

import pytest

from proxy.latency import RunningLatency


def test_without_chunks_there_is_nothing_to_tell() -> None:
    assert RunningLatency().latency() is None


def test_percentiles_are_those_of_all_chunks_within_five_percent() -> None:
    random = Random(7)  # noqa: S311 - any delays will do
    delays = [random.expovariate(1 / 0.0003) for _ in range(5000)]
    running = RunningLatency()
    now = 0.0
    for delay in delays:
        now += 1.0
        running.passed_on(now, now + delay, now + delay)
    latency = running.latency()
    assert latency is not None
    exact = quantiles(delays, n=100)
    assert latency.p50 == pytest.approx(exact[49], rel=0.05)
    assert latency.p99 == pytest.approx(exact[98], rel=0.05)
    assert latency.maximum == pytest.approx(max(delays))
    assert latency.client_wait == 0.0


def test_a_client_that_is_not_ready_is_not_our_latency() -> None:
    running = RunningLatency()
    running.passed_on(arrived=1.0, handed_over=1.001, ready_again=6.0)
    running.passed_on(arrived=1.5, handed_over=6.002, ready_again=6.0025)
    latency = running.latency()
    assert latency is not None
    assert latency.maximum == pytest.approx(0.002)
    assert latency.client_wait == pytest.approx(4.999)


@pytest.mark.parametrize("delay", [-1.0, 0.0, 1e-9, 1e9])
def test_any_delay_is_counted(delay: float) -> None:
    running = RunningLatency()
    running.passed_on(2.0, 2.0 + delay, 2.0 + delay)
    latency = running.latency()
    assert latency is not None
    assert latency.p50 == latency.p99 == max(0.0, latency.maximum)
