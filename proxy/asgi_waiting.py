"""Waiting on behalf of a client, for as long as it stays."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from proxy.deadlines import loop_time


async def stay_until(deadline: float, receive: Receive) -> None:
    """Waits for a time on the loop's clock, or until the client leaves.

    Raises:
        ClientDisconnect: the client left before.
    """
    if deadline <= loop_time():
        return
    try:
        async with asyncio.timeout_at(deadline):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return
    raise ClientDisconnect
