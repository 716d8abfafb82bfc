"""Bodies on their way through a harm, and resets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable

from captures.faults.catalogue import parse_faults
from captures.faults.harm import Ending, Expiry, Harm, Send, Stop
from proxy.deadlines import loop_time
from proxy.harming import AnswerHarm, harmed_body, reset_connection

CLOSED: list[str] = []


async def body(
    pieces: Iterable[bytes], *, wait: float = 0.0
) -> AsyncGenerator[tuple[float, bytes], None]:
    """Pieces that are due so many seconds one after the other."""
    started = loop_time()
    try:
        for number, piece in enumerate(pieces):
            yield started + number * wait, piece
    finally:
        CLOSED.append("closed")


async def test_what_is_fed_what_is_left_and_how_it_ends() -> None:
    doubled = Harm(feed=lambda data: [Send(data), Send(data)], finish=lambda: [Send(b"end")])
    assert [part async for part in harmed_body(body([b"a", b"", b"b"]), doubled)] == [
        *(b"a", b"a", b"b", b"b"),
        b"end",
    ]
    stops = Harm(feed=lambda data: [Send(data), Stop(Ending.RESET), Send(b"never")])
    CLOSED.clear()
    assert [part async for part in harmed_body(body([b"a", b"b"]), stops)] == [b"a", Ending.RESET]
    assert CLOSED == ["closed"]


async def test_a_wait_is_added_to_when_a_piece_is_due() -> None:
    started = loop_time()
    slow = Harm(feed=lambda data: [Send(data, 0.02)])
    times = [loop_time() - started async for _ in harmed_body(body([b"a"] * 3, wait=0.01), slow)]
    for time, due in zip(times, (0.02, 0.04, 0.06), strict=True):
        assert time >= due


async def test_an_expiry_ends_a_body_that_waits() -> None:
    harm = Harm(expires=Expiry(0.01, Ending.CLEAN))
    made = [part async for part in harmed_body(body([b"a", b"b"], wait=1e6), harm)]
    assert made == [b"a", Ending.CLEAN]


def test_the_head_loses_what_speaks_of_the_old_bytes_and_says_what_was_done() -> None:
    harm = AnswerHarm(parse_faults(["bom"], seed=3), 2)
    head = harm.head_for(200, (("Content-Length", "9"), ("Digest", "x"), ("a", "b")))
    assert head.headers == (("a", "b"), ("x-ssescope-fault", "bom; seed=3; answer=2"))
    assert harm.replacement is None
    replaced = AnswerHarm(parse_faults(["status:code=500"]), 1).replacement
    assert replaced is not None
    assert (replaced.status, bool(replaced.body)) == (500, True)


async def test_a_connection_is_reset_behind_its_bytes() -> None:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"last words")
        await reset_connection(writer.transport)  # type: ignore[arg-type]

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        assert await reader.readexactly(10) == b"last words"
        try:
            ended: object = await reader.read()
        except ConnectionResetError as error:
            ended = error
        assert isinstance(ended, ConnectionResetError)
        writer.close()
    await reset_connection(None)
