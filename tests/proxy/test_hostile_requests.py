"""No request leads past the guard of the proxy or the replay, or from the proxy to another host.

Everything goes over raw sockets; a listener that is named in every way must see no connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.proxy.hostile_requests import BROKEN, HOSTS, PATHS, TARGETS
from tests.proxy.recorded import Recorded
from tests.proxy.replaying import replaying
from tests.proxy.running import running_proxy
from tests.proxy.wire import DEADLINE, ScriptedUpstream, UpstreamSide, raw_client, scripted_upstream

REFUSED = range(400, 506)
OWN = "127.0.0.1:PORT"


@dataclass
class Stage:
    """A server of ours, and what must not be reached from outside or through it."""

    port: int
    evil: int
    evil_connections: list[object]
    upstream: ScriptedUpstream = field(default_factory=ScriptedUpstream)
    """What the proxy forwards to; a replay has none."""

    def filled(self, text: str) -> bytes:
        """The bytes of a form, with the ports in it."""
        return (
            text.replace("PORT", str(self.port)).replace("EVIL", str(self.evil)).encode("latin-1")
        )

    async def ask(self, method: str, target: str, host: str) -> bytes:
        """Everything that comes back for one request; empty if the connection was just closed."""
        request = f"{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        answer = b""
        with suppress(ConnectionError):
            writer.write(self.filled(request))
            async with asyncio.timeout(DEADLINE):
                while data := await reader.read(65536):
                    answer += data
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        return answer


@asynccontextmanager
async def evil_listener() -> AsyncIterator[tuple[int, list[object]]]:
    seen: list[object] = []

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(reader)
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], seen


async def hello(side: UpstreamSide) -> None:
    await side.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-From: upstream\r\n\r\nhello")


@asynccontextmanager
async def proxy_stage(folder: Path) -> AsyncIterator[Stage]:
    async with (
        evil_listener() as (evil, seen),
        scripted_upstream(hello) as upstream,
        running_proxy(upstream.origin, folder) as proxy,
    ):
        yield Stage(proxy.port, evil, seen, upstream)


@asynccontextmanager
async def replay_stage(folder: Path) -> AsyncIterator[Stage]:
    async with (
        evil_listener() as (evil, seen),
        replaying(folder, Recorded(method="GET", body=b"")) as port,
    ):
        yield Stage(port, evil, seen)


Open = Callable[[Path], AbstractAsyncContextManager[Stage]]
both = pytest.mark.parametrize("open_stage", [proxy_stage, replay_stage])


def status(answer: bytes) -> int:
    """The status of an answer; 400 where the connection was closed without one."""
    return int(answer.split(b" ")[1]) if answer else 400


async def check_all_refused(stage: Stage, asks: Iterable[tuple[str, str, str]]) -> None:
    """Sees that none of these requests, each a method, a target and a host, is served."""
    for ask in asks:
        answer = await stage.ask(*ask)
        form = " ".join(ask)[:200]
        assert status(answer) in REFUSED, (form, answer[:300])
        assert b"access-control" not in answer.lower(), form
        assert answer.count(b"HTTP/1.1 ") <= 1, (form, answer[:600])
    assert stage.upstream.requests == []
    assert stage.evil_connections == []


@both
async def test_f62_no_host_but_our_own_is_answered(open_stage: Open, tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        own = await stage.ask("GET", "/v1/messages", OWN)
        assert status(own) == 200
        stage.upstream.requests.clear()
        await check_all_refused(stage, [("GET", "/v1/messages", host) for host in HOSTS])


@both
@pytest.mark.parametrize("request_", ["GET /v1/messages HTTP/1.0", "GET /v1/messages HTTP/1.1"])
async def test_f62_a_request_that_names_no_host_is_not_answered(
    open_stage: Open, request_: str, tmp_path: Path
) -> None:
    async with open_stage(tmp_path) as stage, raw_client(stage.port) as client:
        await client.send(f"{request_}\r\n\r\n".encode())
        assert (await client.read_response()).status in {400, 421}
        assert stage.upstream.requests == []


@both
async def test_f61_no_target_but_a_path_is_served(open_stage: Open, tmp_path: Path) -> None:
    methods = ("GET", "POST", "CONNECT", "OPTIONS", "connect")
    async with open_stage(tmp_path) as stage:
        await check_all_refused(stage, [(m, target, OWN) for target in TARGETS for m in methods])
        await check_all_refused(stage, [("CONNECT", path, OWN) for path in PATHS])


@both
async def test_what_is_no_request_line_is_no_request(open_stage: Open, tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await check_all_refused(stage, [("GET", target, OWN) for target in BROKEN])


async def test_f61_a_path_reaches_the_upstream_as_it_is_and_nobody_else(tmp_path: Path) -> None:
    async with proxy_stage(tmp_path) as stage:
        for path in PATHS:
            stage.upstream.requests.clear()
            answer = await stage.ask("GET", path, OWN)
            if status(answer) in REFUSED:
                assert stage.upstream.requests == []
                continue
            (request,) = stage.upstream.requests
            line, _, fields = request.partition(b"\r\n")
            assert line == b"GET " + stage.filled(path).partition(b"#")[0] + b" HTTP/1.1"
            hosts = [field for field in fields.split(b"\r\n") if field.lower().startswith(b"host:")]
            assert hosts == [f"Host: 127.0.0.1:{stage.upstream.port}".encode()]
            assert b"X-From: upstream" in answer
        assert stage.evil_connections == []


async def test_f61_a_replay_takes_a_path_for_nothing_but_a_path(tmp_path: Path) -> None:
    async with replay_stage(tmp_path) as stage:
        for path in PATHS:
            answer = await stage.ask("GET", path, OWN)
            assert status(answer) in {400, 404, 414}, (path[:100], answer[:300])
        assert stage.evil_connections == []


@both
@pytest.mark.parametrize(
    "field",
    [
        "Origin: http://evil.example",
        "Origin: null",
        "Origin: http://127.0.0.1:EVIL",
        "Origin: http://127.0.0.1:PORT.evil.example",
        "Origin: https://127.0.0.1:PORT",
        "Origin: ",
        "Origin: http://127.0.0.1:PORT\r\nOrigin: http://evil.example",
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
        "Sec-Fetch-Site: none, cross-site",
        "Origin: http://evil.example\r\nAccess-Control-Request-Method: POST",
        "Origin: http://evil.example\r\nAccess-Control-Request-Private-Network: true",
    ],
)
async def test_f63_no_page_of_another_origin_is_answered(
    open_stage: Open, field: str, tmp_path: Path
) -> None:
    async with open_stage(tmp_path) as stage:
        for method in ("GET", "POST", "OPTIONS", "HEAD"):
            answer = await stage.ask(method, "/v1/messages", f"{OWN}\r\n{field}")
            assert status(answer) == 403, (method, answer[:300])
            assert b"access-control" not in answer.lower()
        assert stage.upstream.requests == []
