"""Waiting for absolute times."""

from __future__ import annotations

from proxy.deadlines import loop_time, sleep_until


async def test_a_time_to_come_is_reached_and_one_that_has_passed_not_waited_for() -> None:
    soon = loop_time() + 0.01
    await sleep_until(soon)
    assert loop_time() >= soon
    await sleep_until(soon - 1e6)
