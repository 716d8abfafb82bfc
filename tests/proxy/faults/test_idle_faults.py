"""Upstreams that fall silent, with and without a limit to the wait."""

from __future__ import annotations

import asyncio

import pytest

from captures.records import Ending
from proxy.server import Outbound
from tests.proxy.faults.canary import CHUNKED, LAST, chunk, with_length
from tests.proxy.faults.relayed_rows import EVENT
from tests.proxy.faults.stage import (
    OpenStage,
    TimeMachine,
    check_answer,
    go_on,
    jammed,
    stall,
)
from tests.proxy.running import body_of, end_of
from tests.proxy.wire import UpstreamSide, until

IDLE_FOR_A_MINUTE = Outbound(idle_timeout=60)


async def test_f06_an_upstream_that_never_answers_is_waited_for_without_a_limit(
    open_stage: OpenStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = TimeMachine(monkeypatch)
    answers = asyncio.Event()

    async def late(side: UpstreamSide) -> None:
        await answers.wait()
        await side.send(with_length(b"at last"))

    async with open_stage(late) as stage, stage.client() as client:
        await client.send(stage.request())
        await until(lambda: bool(stage.upstream.requests))
        await machine.pass_by(7200)
        assert stage.proxy.running.under_way == 1
        answers.set()
        response = await client.read_response()
        (capture,) = await stage.landed()
    assert response.body == b"at last"
    assert check_answer(response, capture).how is Ending.COMPLETE


async def test_f06_an_upstream_that_never_answers_is_given_up_at_the_limit(
    open_stage: OpenStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = TimeMachine(monkeypatch)
    silent = open_stage(UpstreamSide.wait_for_close, outbound=IDLE_FOR_A_MINUTE)
    async with silent as stage, stage.client() as client:
        await client.send(stage.request())
        await until(lambda: bool(stage.upstream.requests))
        await machine.pass_by(50)
        assert stage.proxy.running.under_way == 1
        await machine.pass_by(50)
        response = await client.read_response()
        (capture,) = await stage.landed()
        await until(stage.upstream.connections[0].client_closed.is_set)
    end = check_answer(response, capture)
    assert (response.status, end.how) == (504, Ending.UPSTREAM_TIMEOUT)
    assert end.time >= 60


async def test_f38_a_stream_that_falls_silent_is_cut_at_the_limit(
    open_stage: OpenStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = TimeMachine(monkeypatch)

    async def falls_silent(side: UpstreamSide) -> None:
        await side.send(CHUNKED + chunk(EVENT))
        await side.wait_for_close()

    silent = open_stage(falls_silent, outbound=IDLE_FOR_A_MINUTE)
    async with silent as stage, stage.client() as client:
        await client.send(stage.request())
        await client.read_head()
        assert await client.read_chunk() == EVENT
        await machine.pass_by(100)
        with pytest.raises(asyncio.IncompleteReadError):
            await client.read_chunk()
        (capture,) = await stage.landed()
        await until(stage.upstream.connections[0].client_closed.is_set)
    assert body_of(capture) == EVENT
    assert end_of(capture).how is Ending.UPSTREAM_TIMEOUT


async def test_f38_a_stalled_client_is_not_taken_for_a_silent_upstream(
    open_stage: OpenStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = TimeMachine(monkeypatch)
    flood = [b"x" * 65536] * 400

    async def flooding(side: UpstreamSide) -> None:
        await side.send(CHUNKED)
        for data in flood:
            await side.send_chunk(data)
        await side.send(LAST)

    async with (
        open_stage(flooding, outbound=IDLE_FOR_A_MINUTE) as stage,
        stage.client() as client,
    ):
        stall(client)
        await client.send(stage.request())
        await until(lambda: bool(stage.upstream.connections))
        await jammed(stage.upstream.connections[0])
        await machine.pass_by(600)
        go_on(client)
        response = await client.read_response()
        (capture,) = await stage.landed()
    assert response.body == b"".join(flood)
    assert check_answer(response, capture).how is Ending.COMPLETE
