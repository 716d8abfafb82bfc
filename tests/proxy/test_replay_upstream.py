"""What a replay does not have, asked of a real upstream through a recording proxy."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from captures.records import Ending
from captures.store import captures_in, prepare_folder
from proxy.flight import Landed
from proxy.replay import Manner, serve_replay
from proxy.replay_library import Library
from proxy.replay_miss import OnMiss
from proxy.replay_upstream import is_worth_serving, relay_to
from tests.proxy.recorded import Recorded, write_captures
from tests.proxy.replaying import AT_ONCE, ask, lines_of
from tests.proxy.running import end_of, pieces_of, running_proxy
from tests.proxy.wire import (
    Script,
    ScriptedUpstream,
    UpstreamSide,
    raw_client,
    request_bytes,
    scripted_upstream,
    until,
)

HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-Upstream: 1\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)


@asynccontextmanager
async def replaying_before(
    script: Script, folder: Path, lines: list[str] | None = None
) -> AsyncIterator[tuple[int, ScriptedUpstream]]:
    """A replay that asks a scripted upstream; its port, and the upstream."""
    prepare_folder(folder)
    library = Library((folder,))
    library.load(may_be_empty=True)

    def landed(exchange: Landed) -> None:
        if not is_worth_serving(exchange):
            library.leave_out(exchange.capture_id)

    manner = Manner(AT_ONCE.pace, on_miss=OnMiss.UPSTREAM)
    on_served = lines_of(lines if lines is not None else [])
    async with (
        scripted_upstream(script) as upstream,
        running_proxy(upstream.origin, folder, on_landed=landed) as proxy,
        relay_to(proxy.origin) as relay,
        serve_replay(library, manner=manner, relay=relay, on_served=on_served) as server,
    ):
        yield server.port, upstream


async def answer_in_chunks(side: UpstreamSide) -> None:
    await side.send(HEAD)
    for piece in (b"data: 1\n", b"\nda", b"ta: 2\n\n"):
        await side.send_chunk(piece)
    await side.send(b"0\r\n\r\n")


async def test_the_upstream_answers_once_and_its_recording_from_then_on(tmp_path: Path) -> None:
    lines: list[str] = []
    async with replaying_before(answer_in_chunks, tmp_path, lines) as (port, upstream):
        first = await ask(port, "/v1/x?beta=true", body=b'{"a":1,"user":"me"}')
        second = await ask(port, "/v1/x?beta=true", body=b'{"user":"you","a":1}')
        third = await ask(port, "/v1/x?beta=true", body=b'{"a":1}')
        assert len(upstream.requests) == 1
    assert first.pieces == second.pieces == third.pieces == (b"data: 1\n", b"\nda", b"ta: 2\n\n")
    assert first.complete
    assert second.complete
    assert b"X-Upstream: 1\r\n" in first.head
    assert b"x-ssescope-miss: upstream\r\n" in first.head
    assert b"x-ssescope-replay" not in first.head
    assert b"x-ssescope-replay" in second.head
    assert b"x-ssescope-miss" not in second.head
    assert lines[0] == "POST /v1/x?beta=true: not recorded, asking the upstream"
    assert lines[2].endswith(" again")


async def test_what_is_recorded_is_not_asked(tmp_path: Path) -> None:
    write_captures(tmp_path, Recorded((b"1",)))
    async with replaying_before(answer_in_chunks, tmp_path) as (port, upstream):
        assert (await ask(port)).body == b"1"
        assert upstream.requests == []


async def test_the_upstream_gets_the_clients_request(tmp_path: Path) -> None:
    headers = ("X-Api-Key: sk-mine", "TE: trailers", "User-Agent: me")
    async with replaying_before(answer_in_chunks, tmp_path) as (port, upstream):
        await ask(port, "/v1/x?a=%2F&key=sk-mine", body=b"\x00{", headers=headers)
        request = upstream.requests[0]
        assert request.startswith(b"POST /v1/x?a=%2F&key=sk-mine HTTP/1.1\r\n")
        assert request.endswith(b"\r\n\r\n\x00{")
        lowered = request.lower()
        assert b"x-api-key: sk-mine\r\n" in lowered
        assert b"user-agent: me\r\n" in lowered
        assert f"host: 127.0.0.1:{upstream.port}\r\n".encode() in lowered
        assert b"te: " not in lowered
        assert b"accept" not in lowered
        assert b"content-type" not in lowered
    (capture,) = captures_in(tmp_path)
    assert pieces_of(capture) == [b"data: 1\n", b"\nda", b"ta: 2\n\n"]
    assert "sk-mine" not in capture.read_text()


async def test_a_cut_is_a_cut_and_the_upstream_is_asked_again(tmp_path: Path) -> None:
    async def cut(side: UpstreamSide) -> None:
        await side.send(HEAD)
        await side.send_chunk(b"data: 1\n\n")
        side.writer.close()

    async with replaying_before(cut, tmp_path) as (port, upstream):
        answers = [await ask(port) for _ in range(2)]
        assert len(upstream.requests) == 2
    assert [answer.pieces for answer in answers] == [(b"data: 1\n\n",)] * 2
    assert not any(answer.complete for answer in answers)


async def test_a_refusal_is_not_served_to_the_next_try(tmp_path: Path) -> None:
    async def refuse_once(side: UpstreamSide) -> None:
        if len(upstream.requests) > 1:
            await answer_in_chunks(side)
        else:
            await side.send(b"HTTP/1.1 429 Slow Down\r\nContent-Length: 2\r\n\r\nno")

    async with replaying_before(refuse_once, tmp_path) as (port, upstream):
        first = await ask(port)
        others = [await ask(port) for _ in range(2)]
        assert len(upstream.requests) == 2
    assert (first.status, first.body, first.complete) == (429, b"no", True)
    assert [answer.status for answer in others] == [200, 200]


async def test_answers_without_a_body_end_too(tmp_path: Path) -> None:
    async def empty(side: UpstreamSide) -> None:
        await side.send(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")

    async with replaying_before(empty, tmp_path) as (port, _):
        for method in ("GET", "GET", "HEAD"):
            answer = await ask(port, method=method, body=b"")
            assert (answer.status, answer.body, answer.complete) == (404, b"", True)


async def test_an_upstream_that_is_not_there_is_a_bad_gateway(tmp_path: Path) -> None:
    async def never(_side: UpstreamSide) -> None:
        pass

    async with scripted_upstream(never) as gone:
        unused = gone.origin
    async with (
        running_proxy(unused, tmp_path) as proxy,
        relay_to(proxy.origin) as relay,
        serve_replay(Library(()), manner=AT_ONCE, relay=relay) as server,
    ):
        answer = await ask(server.port)
    assert answer.status == 502
    assert b"ssescope-error: upstream_refused\r\n" in answer.head.lower()


@pytest.mark.parametrize("head_first", [False, True])
async def test_a_client_that_leaves_is_gone_for_the_upstream_too(
    tmp_path: Path, head_first: bool
) -> None:
    async def stall(side: UpstreamSide) -> None:
        if head_first:
            await side.send(HEAD)
            await side.send_chunk(b"data: 1\n\n")
        await side.wait_for_close()

    async with replaying_before(stall, tmp_path) as (port, upstream):
        async with raw_client(port) as client:
            await client.send(request_bytes(port))
            await until(lambda: bool(upstream.requests))
            if head_first:
                await client.read_head()
                assert await client.read_chunk() == b"data: 1\n\n"
        (side,) = upstream.connections
        async with asyncio.timeout(20):
            await side.client_closed.wait()
    (capture,) = captures_in(tmp_path)
    assert end_of(capture).how is Ending.CLIENT_LEFT


async def test_a_capture_that_never_comes_is_not_waited_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("proxy.replay._WAIT_FOR_CAPTURE", 0.05)
    empty = Library((tmp_path,))
    async with (
        scripted_upstream(answer_in_chunks) as upstream,
        running_proxy(upstream.origin, tmp_path / "elsewhere") as proxy,
        relay_to(proxy.origin) as relay,
        serve_replay(empty, manner=AT_ONCE, relay=relay) as server,
    ):
        answers = [await ask(server.port) for _ in range(3)]
        assert len(upstream.requests) == 3
    assert all(answer.complete for answer in answers)
