"""Waiting for a condition, with a deadline and never for a fixed time."""

from __future__ import annotations

import time
from collections.abc import Callable

DEADLINE_SECONDS = 20.0


def wait_until(condition: Callable[[], bool]) -> None:
    """Returns as soon as the condition holds; fails the test when it does not in time."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come about in time"
        time.sleep(0.001)
