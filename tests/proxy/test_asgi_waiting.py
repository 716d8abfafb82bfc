"""Waiting on behalf of a client."""

from __future__ import annotations

import asyncio

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Message

from proxy.asgi_waiting import stay_until
from proxy.deadlines import loop_time

LONG = 1e6


async def never() -> Message:
    await asyncio.Event().wait()
    return {}


async def gone() -> Message:
    return {"type": "http.disconnect"}


async def test_a_time_that_has_passed_is_not_waited_for() -> None:
    await stay_until(loop_time() - LONG, gone)


async def test_a_time_to_come_is_reached() -> None:
    soon = loop_time() + 0.01
    await stay_until(soon, never)
    assert loop_time() >= soon


async def test_a_client_that_leaves_ends_the_wait() -> None:
    with pytest.raises(ClientDisconnect):
        await stay_until(loop_time() + LONG, gone)
