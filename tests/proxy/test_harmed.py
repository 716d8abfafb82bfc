"""Faults on the live proxy: the client and the capture see what a faulty upstream would send."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from captures.faults.catalogue import parse_faults
from captures.faults.harm import Ending as FaultEnding
from captures.faults.harm import Expiry, Harm
from captures.records import Ending, Head, Note
from proxy.deadlines import loop_time
from proxy.harmed import relay_harmed
from proxy.harming import FAULT_FIELD
from tests.proxy.running import ProxyUnderTest, body_of, end_of, records_of, running_proxy
from tests.proxy.streams import EVENTS, good_stream
from tests.proxy.wire import (
    RawClient,
    ScriptedUpstream,
    UpstreamSide,
    raw_client,
    request_bytes,
    scripted_upstream,
)

BODY = b"".join(EVENTS)


@asynccontextmanager
async def harming(
    tmp_path: Path, *texts: str
) -> AsyncIterator[tuple[ScriptedUpstream, ProxyUnderTest, RawClient]]:
    async with (
        scripted_upstream(good_stream) as upstream,
        running_proxy(upstream.origin, tmp_path, faults=parse_faults(texts, seed=7)) as proxy,
        raw_client(proxy.port) as client,
    ):
        yield upstream, proxy, client


async def test_the_client_and_the_capture_get_the_harmed_stream_and_both_say_so(
    tmp_path: Path,
) -> None:
    async with harming(tmp_path, "duplicate:event=0", "bom") as (_upstream, proxy, client):
        await client.send(request_bytes(proxy.port))
        response = await client.read_response()
        (capture,) = await proxy.ended()
    assert response.complete
    assert response.body == b"\xef\xbb\xbf" + EVENTS[0] + BODY
    assert body_of(capture) == response.body
    words = "duplicate:event=0, bom; seed=7; answer=1"
    assert f"{FAULT_FIELD}: {words}".encode() in response.head
    notes = [record for record in records_of(capture) if isinstance(record, Note)]
    assert [(note.about, note.text) for note in notes] == [("harmed", words)]
    end = end_of(capture)
    assert end.how is Ending.COMPLETE
    assert end.upstream == end.client


@pytest.mark.parametrize(
    ("text", "how"),
    [("cut:event=1", Ending.UPSTREAM_TRUNCATED), ("cut:event=1:reset", Ending.UPSTREAM_RESET)],
)
async def test_a_cut_looks_cut(text: str, how: Ending, tmp_path: Path) -> None:
    async with harming(tmp_path, text) as (_upstream, proxy, client):
        await client.send(request_bytes(proxy.port))
        response = await client.read_response()
        (capture,) = await proxy.ended()
    assert (response.body, response.complete) == (EVENTS[0], False)
    assert end_of(capture).how is how
    assert end_of(capture).why.startswith("a fault: cut")


async def test_a_clean_end_looks_whole_on_the_wire(tmp_path: Path) -> None:
    async with harming(tmp_path, "cut:event=1:clean") as (_upstream, proxy, client):
        await client.send(request_bytes(proxy.port))
        response = await client.read_response()
        (capture,) = await proxy.ended()
    assert (response.body, response.complete) == (EVENTS[0], True)
    assert end_of(capture).how is Ending.COMPLETE


async def test_a_status_is_answered_without_asking_the_upstream(tmp_path: Path) -> None:
    async with harming(tmp_path, "status:code=429:retry-after=3") as (upstream, proxy, client):
        await client.send(request_bytes(proxy.port))
        response = await client.read_response()
        (capture,) = await proxy.ended()
        assert upstream.requests == []
    assert response.status == 429
    assert b"retry-after: 3" in response.head
    assert b"rate_limit_error" in response.body
    (head,) = [record for record in records_of(capture) if isinstance(record, Head)]
    assert head.status == 429


async def test_each_answer_of_a_run_is_numbered(tmp_path: Path) -> None:
    async with harming(tmp_path, "comments") as (_upstream, proxy, client):
        for number in (1, 2):
            await client.send(request_bytes(proxy.port))
            response = await client.read_response()
            assert f"answer={number}".encode() in response.head


async def test_an_upstream_that_breaks_off_is_still_told_as_its_own_failure(
    tmp_path: Path,
) -> None:
    async def cut(side: UpstreamSide) -> None:
        await side.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        await side.send_chunk(EVENTS[0])
        side.writer.close()

    async with (
        scripted_upstream(cut) as upstream,
        running_proxy(upstream.origin, tmp_path, faults=parse_faults(["comments"])) as proxy,
        raw_client(proxy.port) as client,
    ):
        await client.send(request_bytes(proxy.port))
        response = await client.read_response()
        (capture,) = await proxy.ended()
    assert not response.complete
    assert end_of(capture).why == "the connection was closed before the end of the body"


async def test_a_compressing_upstream_is_asked_for_plain_text(tmp_path: Path) -> None:
    async with harming(tmp_path, "comments") as (upstream, proxy, client):
        await client.send(request_bytes(proxy.port, headers=("Accept-Encoding: gzip",)))
        await client.read_response()
    (request,) = upstream.requests
    assert b"accept-encoding" not in request.lower()


async def test_an_upstream_that_compresses_all_the_same_is_decoded_first(tmp_path: Path) -> None:
    async def compressing(side: UpstreamSide) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
        await side.send(head)
        await side.send_chunk(gzip.compress(BODY))
        await side.send(b"0\r\n\r\n")

    async with (
        scripted_upstream(compressing) as upstream,
        running_proxy(upstream.origin, tmp_path, faults=parse_faults(["comments"])) as proxy,
        raw_client(proxy.port) as client,
    ):
        await client.send(request_bytes(proxy.port))
        response = await client.read_response()
    assert response.body == BODY.replace(b"\n\n", b"\n\n: keep-alive\n\n")
    assert b"content-encoding" not in response.head.lower()


async def test_an_expiry_ends_the_answer_whatever_the_upstream_does() -> None:
    passed: list[bytes] = []

    async def endless() -> AsyncGenerator[tuple[float, bytes], None]:
        yield loop_time(), b"data: 1\n\n"
        await asyncio.Event().wait()

    async def pass_on(data: bytes) -> None:
        passed.append(data)

    harm = Harm(expires=Expiry(0.01, FaultEnding.RESET))
    assert await relay_harmed(endless(), harm, pass_on) is FaultEnding.RESET
    assert passed == [b"data: 1\n\n"]
