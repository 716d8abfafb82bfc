"""Waiting for absolute times on the running loop's clock, so that no delay adds up."""

from __future__ import annotations

import asyncio


def loop_time() -> float:
    """Seconds on the monotonic clock by which the running loop sleeps."""
    return asyncio.get_running_loop().time()


async def sleep_until(deadline: float) -> None:
    """Waits for a time on the loop's clock, at least for the loop's next turn."""
    await asyncio.sleep(max(0.0, deadline - loop_time()))
