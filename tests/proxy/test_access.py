"""Tokens, hosts and web pages that the user lets in, at the proxy and at the replay."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from captures.records import Head, Request
from proxy.guard import LOCAL, Access
from proxy.listen import Reach
from proxy.replay import serve_replay
from tests.proxy.recorded import EVENT_STREAM, Recorded, write_captures
from tests.proxy.replaying import AT_ONCE, library_of
from tests.proxy.running import records_of, running_proxy
from tests.proxy.wire import RawResponse, UpstreamSide, raw_client, request_bytes, scripted_upstream

TOKEN = "correct-horse-battery"
WITH_TOKEN = f"X-Ssescope-Token: {TOKEN}"
PAGE = "http://localhost:3000"
FROM_PAGE = (f"Origin: {PAGE}", "Sec-Fetch-Site: cross-site")
PREFLIGHT = (*FROM_PAGE, "Access-Control-Request-Method: POST")
PIECE = b"data: hello\n\n"
OF_THE_UPSTREAM = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Credentials", "true"),
    ("X-Request-Id", "1"),
)
PASSED_ON = ["access-control-allow-credentials: true", "access-control-allow-origin: *"]


async def answer(side: UpstreamSide) -> None:
    fields = "".join(f"{name}: {value}\r\n" for name, value in (EVENT_STREAM, *OF_THE_UPSTREAM))
    head = f"HTTP/1.1 200 OK\r\n{fields}Transfer-Encoding: chunked\r\n\r\n"
    await side.send(head.encode() + b"%x\r\n%b\r\n0\r\n\r\n" % (len(PIECE), PIECE))


@asynccontextmanager
async def proxy_with(access: Access, folder: Path) -> AsyncIterator[int]:
    async with scripted_upstream(answer) as upstream:
        async with running_proxy(upstream.origin, folder, reach=Reach(access=access)) as proxy:
            yield proxy.port


@asynccontextmanager
async def replay_with(access: Access, folder: Path) -> AsyncIterator[int]:
    write_captures(folder, Recorded((PIECE,), headers=(EVENT_STREAM, *OF_THE_UPSTREAM)))
    library = await asyncio.to_thread(library_of, folder)
    async with serve_replay(library, manner=AT_ONCE, reach=Reach(access=access)) as server:
        yield server.port


Open = Callable[[Access, Path], AbstractAsyncContextManager[int]]
both = pytest.mark.parametrize("open_server", [proxy_with, replay_with])


async def ask(port: int, *fields: str, method: str = "POST", host: str = "") -> RawResponse:
    body = b"{}" if method == "POST" else b""
    request = request_bytes(port, method=method, body=body, headers=fields)
    if host:
        request = request.replace(f"127.0.0.1:{port}".encode(), host.encode(), 1)
    async with raw_client(port) as client:
        await client.send(request)
        return await client.read_response(body=method == "POST")


def fields_of(response: RawResponse, begins: str) -> list[str]:
    """The fields of a response whose names begin with these letters, in small letters."""
    lines = response.head.decode("latin-1").lower().split("\r\n")
    return sorted(line for line in lines if line.startswith(begins))


@both
async def test_without_the_token_nothing_is_served(open_server: Open, tmp_path: Path) -> None:
    async with open_server(Access(TOKEN), tmp_path) as port:
        for fields in ((), ("X-Ssescope-Token: wrong",), (WITH_TOKEN, WITH_TOKEN)):
            refused = await ask(port, *fields)
            assert refused.status == 401
            assert b"the user's token in the header x-ssescope-token" in refused.body
            assert fields_of(refused, "www-authenticate") == [
                'www-authenticate: x-ssescope-token realm="ssescope"'
            ]
            assert fields_of(refused, "x-ssescope-error") == ["x-ssescope-error: refused_token"]
        served = await ask(port, WITH_TOKEN)
        assert (served.status, served.body) == (200, PIECE)
        assert (await ask(port, WITH_TOKEN, host=f"evil.example:{port}")).status == 421
        assert (await ask(port, WITH_TOKEN, "Origin: http://evil.example")).status == 403


async def test_the_token_is_neither_forwarded_nor_recorded(tmp_path: Path) -> None:
    async with scripted_upstream(answer) as upstream:
        # A client that still sends one to a proxy that wants none must not hand it on either.
        for folder, access in ((tmp_path / "a", Access(TOKEN)), (tmp_path / "b", LOCAL)):
            async with running_proxy(upstream.origin, folder, reach=Reach(access=access)) as proxy:
                assert (await ask(proxy.port, "X-Kept: 1", WITH_TOKEN)).status == 200
                (capture,) = await proxy.ended()
            assert TOKEN.encode() not in capture.read_bytes()
            assert b"ssescope-token" not in capture.read_bytes().lower()
            request = records_of(capture)[0]
            assert isinstance(request, Request)
            assert ("X-Kept", "1") in request.headers
    assert len(upstream.requests) == 2
    for sent in upstream.requests:
        assert b"x-kept" in sent.lower()
        assert b"ssescope" not in sent.lower()


@both
async def test_where_the_token_stands_in_for_it_any_host_may_be_named(
    open_server: Open, tmp_path: Path
) -> None:
    async with open_server(Access(TOKEN, any_host=True), tmp_path) as port:
        for host in (f"my-machine:{port}", "other.example", f"127.0.0.1:{port}"):
            assert (await ask(port, WITH_TOKEN, host=host)).status == 200
            assert (await ask(port, host=host)).status == 401
        assert (
            await ask(port, WITH_TOKEN, "Origin: http://my-machine", host="my-machine")
        ).status == 403


@both
async def test_a_page_that_is_allowed_may_read_what_is_answered(
    open_server: Open, tmp_path: Path
) -> None:
    async with open_server(Access(origins=frozenset({PAGE})), tmp_path) as port:
        served = await ask(port, *FROM_PAGE)
        assert (served.status, served.body) == (200, PIECE)
        assert fields_of(served, "access-control") == [
            f"access-control-allow-origin: {PAGE}",
            "access-control-expose-headers: *",
        ]
        assert fields_of(served, "vary") == ["vary: origin"]
        assert fields_of(served, "x-request-id") == ["x-request-id: 1"]
        for other in ("http://localhost:3001", "null", f"{PAGE}, {PAGE}"):
            refused = await ask(port, f"Origin: {other}")
            assert refused.status == 403
            assert fields_of(refused, "access-control") == []


@both
async def test_a_page_is_told_beforehand_what_it_may_send(
    open_server: Open, tmp_path: Path
) -> None:
    access = Access(TOKEN, origins=frozenset({PAGE}))
    async with open_server(access, tmp_path) as port:
        asked = (*PREFLIGHT, "Access-Control-Request-Headers: x-api-key, x-ssescope-token")
        told = await ask(port, *asked, method="OPTIONS")
        assert told.status == 204
        assert f"access-control-allow-origin: {PAGE}" in fields_of(told, "access-control")
        assert fields_of(told, "access-control-allow-headers") == [
            "access-control-allow-headers: x-api-key, x-ssescope-token"
        ]
        # The request itself needs the token, and the page can read why it was refused.
        refused = await ask(port, *FROM_PAGE)
        assert refused.status == 401
        assert f"access-control-allow-origin: {PAGE}" in fields_of(refused, "access-control")
        assert (await ask(port, *FROM_PAGE, WITH_TOKEN)).status == 200


@both
async def test_without_an_allowed_origin_no_field_of_cors_is_added(
    open_server: Open, tmp_path: Path
) -> None:
    async with open_server(LOCAL, tmp_path) as port:
        # The proxy passes on what the upstream says like everything else; a replay says nothing.
        said = fields_of(await ask(port), "access-control")
        assert said == (PASSED_ON if open_server is proxy_with else [])
        for fields in (FROM_PAGE, PREFLIGHT):
            refused = await ask(port, *fields, method="OPTIONS")
            assert refused.status == 403
            assert fields_of(refused, "access-control") == []


async def test_a_preflight_goes_no_further_and_a_capture_holds_what_the_upstream_said(
    tmp_path: Path,
) -> None:
    access = Access(origins=frozenset({PAGE}))
    async with scripted_upstream(answer) as upstream:
        async with running_proxy(upstream.origin, tmp_path, reach=Reach(access=access)) as proxy:
            await ask(proxy.port, *PREFLIGHT, method="OPTIONS")
            await ask(proxy.port, *FROM_PAGE)
            (capture,) = await proxy.ended()
    assert len(upstream.requests) == 1
    (head,) = [record for record in records_of(capture) if isinstance(record, Head)]
    assert set(OF_THE_UPSTREAM) <= set(head.headers)


async def test_a_page_can_read_why_the_upstream_did_not_answer(tmp_path: Path) -> None:
    async with scripted_upstream(answer) as upstream:
        closed = upstream.origin
    access = Access(origins=frozenset({PAGE}))
    async with running_proxy(closed, tmp_path, reach=Reach(access=access)) as proxy:
        failed = await ask(proxy.port, *FROM_PAGE)
    assert failed.status == 502
    assert f"access-control-allow-origin: {PAGE}" in fields_of(failed, "access-control")
