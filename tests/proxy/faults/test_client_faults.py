"""Clients that leave, stall or dawdle."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from captures.records import Ending, Head
from tests.proxy.faults.canary import CHUNKED, LAST, chunk
from tests.proxy.faults.relayed_rows import EVENT
from tests.proxy.faults.stage import (
    OpenStage,
    TimeMachine,
    check_answer,
    chunks_of,
    go_on,
    jammed,
    notes_of,
    stall,
)
from tests.proxy.running import body_of, end_of, records_of
from tests.proxy.wire import UpstreamSide, dechunked, until

FLOOD = [b"x" * 65536] * 400
"""More than all buffers on the way hold."""


async def quiet_after_one_event(side: UpstreamSide) -> None:
    await side.send(CHUNKED + chunk(EVENT))
    await side.wait_for_close()


async def flooding(side: UpstreamSide) -> None:
    await side.send(CHUNKED)
    for data in FLOOD:
        await side.send_chunk(data)
    await side.send(LAST)


async def test_f44_leaving_a_quiet_stream_closes_the_upstream(open_stage: OpenStage) -> None:
    async with open_stage(quiet_after_one_event) as stage:
        async with stage.client() as client:
            await client.send(stage.request())
            await client.read_head()
            assert await client.read_chunk() == EVENT
        await until(stage.upstream.connections[0].client_closed.is_set)
        (capture,) = await stage.landed()
    assert end_of(capture).how is Ending.CLIENT_LEFT
    assert body_of(capture) == EVENT


async def test_f45_leaving_before_the_head_closes_the_upstream(open_stage: OpenStage) -> None:
    async with open_stage(UpstreamSide.wait_for_close) as stage:
        async with stage.client() as client:
            await client.send(stage.request())
            await until(lambda: bool(stage.upstream.requests))
        await until(stage.upstream.connections[0].client_closed.is_set)
        (capture,) = await stage.landed()
    assert end_of(capture).how is Ending.CLIENT_LEFT
    assert not any(isinstance(record, Head) for record in records_of(capture))


async def test_f46_a_reset_of_a_quiet_stream_is_the_clients(open_stage: OpenStage) -> None:
    async with open_stage(quiet_after_one_event) as stage, stage.client() as client:
        await client.send(stage.request())
        await client.read_head()
        client.reset()
        await until(stage.upstream.connections[0].client_closed.is_set)
        (capture,) = await stage.landed()
    assert end_of(capture).how is Ending.CLIENT_RESET


async def test_f46_a_reset_while_the_proxy_waits_to_write_is_the_clients(
    open_stage: OpenStage,
) -> None:
    async with open_stage(flooding) as stage, stage.client() as client:
        stall(client)
        await client.send(stage.request())
        await until(lambda: bool(stage.upstream.connections))
        await jammed(stage.upstream.connections[0])
        client.reset()
        (capture,) = await stage.landed()
    end = end_of(capture)
    assert end.how is Ending.CLIENT_RESET
    assert end.client.size < end.upstream.size


async def test_f47_200_clients_may_leave_at_once(open_stage: OpenStage) -> None:
    count = 200
    async with open_stage(quiet_after_one_event) as stage:
        async with AsyncExitStack() as clients:
            for _ in range(count):
                client = await clients.enter_async_context(stage.client())
                await client.send(stage.request())
                await client.read_head()
                assert await client.read_chunk() == EVENT
            assert stage.proxy.running.under_way == count
        captures = await stage.landed(count)
        for side in stage.upstream.connections:
            await until(side.client_closed.is_set)
    assert {end_of(capture).how for capture in captures} == {Ending.CLIENT_LEFT}


async def test_f48_a_client_that_half_closes_counts_as_having_left(open_stage: OpenStage) -> None:
    async with open_stage(quiet_after_one_event) as stage, stage.client() as client:
        await client.send(stage.request())
        await client.read_head()
        assert await client.read_chunk() == EVENT
        client.writer.write_eof()
        with pytest.raises(asyncio.IncompleteReadError):
            await client.read_chunk()
        await until(stage.upstream.connections[0].client_closed.is_set)
        (capture,) = await stage.landed()
    assert end_of(capture).how is Ending.CLIENT_LEFT


async def test_f49_a_client_that_stalls_for_ten_minutes_gets_everything_in_order(
    open_stage: OpenStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = TimeMachine(monkeypatch)
    async with open_stage(flooding) as stage, stage.client() as client:
        stall(client)
        await client.send(stage.request())
        await until(lambda: bool(stage.upstream.connections))
        await jammed(stage.upstream.connections[0])
        await machine.pass_by(600)
        go_on(client)
        response = await client.read_response()
        (capture,) = await stage.landed()
    assert response.body == b"".join(FLOOD)
    end = check_answer(response, capture)
    assert end.how is Ending.COMPLETE
    assert end.latency is not None
    assert end.latency.client_wait >= 600
    times = [piece.time for piece in chunks_of(capture)]
    assert times == sorted(times)
    assert times[0] < 600 < times[-1]


async def test_f50_a_client_that_reads_byte_by_byte_holds_nobody_up(
    open_stage: OpenStage,
) -> None:
    async def by_target(side: UpstreamSide) -> None:
        if b"/flood" in side.request:
            await flooding(side)
        else:
            await side.send(CHUNKED + chunk(EVENT) + LAST)

    async with open_stage(by_target) as stage, stage.client(limit=1) as slow:
        await slow.send(stage.request(target="/flood"))
        received = b"".join([await slow.reader.readexactly(1) for _ in range(1000)])
        await jammed(stage.upstream.connections[0])
        response = await stage.ask()
        assert response.pieces == (EVENT,)
        assert stage.proxy.running.under_way == 1
        received += b"".join([await slow.reader.readexactly(1) for _ in range(1000)])
        while not received.endswith(LAST):
            received += await slow.reader.read(2**20)
        captures = await stage.landed(2)
    pieces, complete = dechunked(received.partition(b"\r\n\r\n")[2])
    assert (b"".join(pieces), complete) == (b"".join(FLOOD), True)
    assert [end_of(capture).how for capture in captures] == [Ending.COMPLETE] * 2


@pytest.mark.parametrize(
    "start", [b"", b"POST /v1/messages HTTP/1.1\r\nHost: 127", b"POST /v1/mess"]
)
async def test_f51_a_client_that_never_finishes_its_head_is_closed_after_75_seconds(
    start: bytes, open_stage: OpenStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = TimeMachine(monkeypatch)
    async with open_stage(quiet_after_one_event) as stage, stage.client() as client:
        await client.send(start)
        reading = asyncio.create_task(client.reader.read())
        await machine.pass_by(60)
        assert not reading.done()
        await machine.pass_by(20)
        assert await reading == b""
        await stage.landed(0)
    assert stage.upstream.connections == []


async def test_f65_an_http_1_0_client_cannot_see_a_cut_and_the_capture_says_so(
    open_stage: OpenStage,
) -> None:
    async def cut(side: UpstreamSide) -> None:
        await side.send(CHUNKED + chunk(EVENT))
        side.writer.close()

    async with open_stage(cut) as stage, stage.client() as client:
        await client.send(stage.request().replace(b"HTTP/1.1", b"HTTP/1.0"))
        response = await client.read_response()
        (capture,) = await stage.landed()
    assert (response.body, response.complete) == (EVENT, True)
    assert end_of(capture).how is Ending.UPSTREAM_TRUNCATED
    assert notes_of(capture).keys() == {"client_cannot_see_truncation"}
