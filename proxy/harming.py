"""What whoever sends answers needs for faults: a harmed head, a harmed body, and a reset."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing

from captures.faults.catalogue import Faults
from captures.faults.harm import AnswerHead, Ending, Harm, Send, Step
from captures.records import Headers
from proxy.deadlines import loop_time, sleep_until

FAULT_FIELD = "x-ssescope-fault"
"""Response header that says what was done to an answer."""

RESET_PAUSE = 0.05
"""Seconds between the last bytes and a reset."""

_NO_LINGER = struct.pack("ii", 1, 0)
_LOST_BY_HARM = ("content-length", "content-md5", "digest", "repr-digest", "content-digest")
"""Fields that speak of the bytes as they were."""

Pieces = AsyncGenerator[tuple[float, bytes], None]
"""A body: each piece with the time on the loop's clock before which it is not sent. One without
bytes is waited for only."""


class AnswerHarm:
    """The harm done to one answer, with its words. Mutable: serves one answer."""

    def __init__(self, faults: Faults, number: int) -> None:
        self.harm = faults.begin(number)
        self.words = faults.words(number)
        """Which faults, in a form fit for a header field."""
        replaced = self.head_for(200, ())
        self.replacement = replaced if replaced.body is not None else None
        """The whole answer, where a fault gives it in the place of the real one."""

    def head_for(self, status: int, headers: Headers) -> AnswerHead:
        """The head that the client gets.

        Args:
            status: of the real answer.
            headers: of the real answer.
        """
        head = self.harm.head(AnswerHead(status, headers))
        for name in _LOST_BY_HARM:
            head = head.without_header(name)
        return head.with_header(FAULT_FIELD, self.words)


async def harmed_body(pieces: Pieces, harm: Harm) -> AsyncGenerator[bytes | Ending, None]:
    """A body on its way through a harm.

    A wait that the harm adds counts from when the chunk before it was due.

    Args:
        pieces: the body; closed at the end.
        harm: what is done to it.

    Yields:
        Chunks as soon as they are due, and last how the harm ended the answer, if it did.
    """
    expiry = harm.expires
    ends_at = loop_time() + expiry.seconds if expiry else None
    async with aclosing(_due_steps(pieces, harm)) as steps:
        while True:
            try:
                async with asyncio.timeout_at(ends_at) as timer:
                    step = await anext(steps, None)
            except TimeoutError:
                if expiry is None or not timer.expired():
                    raise
                yield expiry.ending
                return
            if step is None:
                return
            if not isinstance(step, Send):
                yield step.ending
                return
            if step.data:
                yield step.data


async def _due_steps(pieces: Pieces, harm: Harm) -> AsyncGenerator[Step, None]:
    """What the harm makes of a body, each step when it is due."""
    latest = 0.0
    async with aclosing(_made_of(pieces, harm)) as made:
        async for due, steps in made:
            latest = max(latest, due)
            for step in steps:
                latest += step.delay
                await sleep_until(latest)
                yield step


async def _made_of(
    pieces: Pieces, harm: Harm
) -> AsyncGenerator[tuple[float, Iterable[Step]], None]:
    async with aclosing(pieces):
        async for due, data in pieces:
            yield due, harm.feed(data) if data else [Send(b"")]
    yield loop_time(), harm.finish()


async def reset_connection(transport: asyncio.Transport | None) -> None:
    """Resets a client's connection: it gets RST in place of FIN.

    A reset throws away what was sent and not yet read, so the client is given a moment first.
    """
    await asyncio.sleep(RESET_PAUSE)
    if transport is None:
        return
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()
