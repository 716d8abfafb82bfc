"""The inspector served to browsers: who gets in, and that no process is left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, WSServerHandshakeError

from ssescope.web import server as servers
from ssescope.web.server import WebServer, serve
from tests.ssescope.running import running, ssescope
from tests.ssescope.saved import save

SPOKEN = [
    sys.executable,
    "-c",
    "import os,sys;os.write(1,b'__GANGLION__\\nD\\0\\0\\0\\5hello');sys.stdin.buffer.read(9)",
]
"""Says hello and runs until it is told something."""


@pytest.fixture
async def server() -> AsyncIterator[WebServer]:
    async with serve(SPOKEN, "title", 0) as running_server:
        yield running_server


@pytest.fixture
async def client() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


def origin(server: WebServer) -> str:
    return f"http://127.0.0.1:{server.door.port}"


def as_a_page(server: WebServer, **changed: str) -> dict[str, str]:
    """The header fields of the page's own WebSocket."""
    cookie = f"{server.door.cookie}={server.door.token}"
    return {"Origin": origin(server), "Cookie": cookie, **changed}


def runs(pid: int) -> bool:
    """Whether there is such a process."""
    return Path(f"/proc/{pid}").exists()


async def gone(pid: int) -> None:
    """Waits until a process has ended."""
    async with asyncio.timeout(30):
        while runs(pid):
            await asyncio.sleep(0.02)


async def drawn(socket: ClientWebSocketResponse, words: bytes) -> None:
    """Waits until these bytes have been drawn."""
    data = b""
    async with asyncio.timeout(30):
        while words not in data:
            message = await socket.receive()
            assert message.type is WSMsgType.BINARY, message
            data += message.data


async def test_the_printed_address_opens_the_page_and_gives_a_cookie(
    server: WebServer, client: ClientSession
) -> None:
    async with client.get(server.door.url) as answer:
        cookie = answer.headers["Set-Cookie"]
        assert answer.status == 200
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert server.door.token not in await answer.text()
    headers = {"Cookie": as_a_page(server)["Cookie"]}
    for path in ("/", "/page.js", "/page.css", "/static/js/textual.js", "/static/css/xterm.css"):
        async with client.get(origin(server) + path, headers=headers) as answer:
            assert answer.status == 200, path
            assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/", "/page.js", "/static/js/textual.js", "/ws", "/nothing"])
async def test_without_the_token_nothing_is_served(
    server: WebServer, client: ClientSession, path: str
) -> None:
    for changed in ({}, {"Host": "evil.example"}, {"Origin": "http://evil.example"}):
        async with client.get(f"{origin(server)}{path}?token=x", headers=changed) as answer:
            text = await answer.text()
            assert answer.status == 403
            assert "evil.example" not in text + str(answer.headers)
            assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "changed",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost:1"},
        {"Origin": "null"},
        {"Host": "evil.example"},
        {"Cookie": "ssescope-1=x"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_a_foreign_websocket_starts_nothing(
    server: WebServer, client: ClientSession, changed: dict[str, str]
) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        await client.ws_connect(f"{origin(server)}/ws", headers=as_a_page(server, **changed))
    assert refused.value.status == 403
    assert not server.pids


async def test_a_closed_tab_ends_its_inspector(server: WebServer, client: ClientSession) -> None:
    async with client.ws_connect(f"{origin(server)}/ws", headers=as_a_page(server)) as socket:
        await drawn(socket, b"hello")
        (pid,) = server.pids
        await socket.send_str('["ping", 7]')
        assert await socket.receive_json() == ["pong", 7]
        await socket.send_str("no message of ours")
    await gone(pid)


async def test_an_inspector_that_ends_closes_its_tab(
    server: WebServer, client: ClientSession
) -> None:
    async with client.ws_connect(f"{origin(server)}/ws", headers=as_a_page(server)) as socket:
        await drawn(socket, b"hello")
        await socket.send_str('["stdin", "12345"]')
        assert (await socket.receive()).type is WSMsgType.CLOSE


async def test_an_inspector_that_cannot_be_started_is_told(
    client: ClientSession, capsys: pytest.CaptureFixture[str]
) -> None:
    async with serve(["/nowhere/ssescope"], "title", 0) as server:
        async with client.ws_connect(f"{origin(server)}/ws", headers=as_a_page(server)) as socket:
            assert (await socket.receive()).type is WSMsgType.CLOSE
        assert "cannot start an inspector" in capsys.readouterr().err


async def test_bytes_that_are_no_http_are_not_told_on_the_terminal(
    server: WebServer, capfd: pytest.CaptureFixture[str]
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.door.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nevil\x1b]0;\x07: 1\r\n\r\n")
    assert b" 400 " in await asyncio.wait_for(reader.readline(), 30)
    writer.close()
    assert capfd.readouterr() == ("", "")


async def test_only_so_many_run_at_a_time(
    server: WebServer, client: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "MOST_SESSIONS", 1)
    async with client.ws_connect(f"{origin(server)}/ws", headers=as_a_page(server)) as socket:
        await drawn(socket, b"hello")
        with pytest.raises(WSServerHandshakeError) as refused:
            await client.ws_connect(f"{origin(server)}/ws", headers=as_a_page(server))
        assert refused.value.status == 503


async def test_a_server_that_stops_takes_its_inspectors_along(client: ClientSession) -> None:
    async with serve(SPOKEN, "title", 0) as server:
        socket = await client.ws_connect(f"{origin(server)}/ws", headers=as_a_page(server))
        await drawn(socket, b"hello")
        (pid,) = server.pids
    await gone(pid)
    await socket.close()


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, str, int]]:
    """The command itself: its origin, its token, its process id."""
    save(folder)
    with running("inspect", str(folder), "--web") as command:
        assert command.process.stdout is not None
        url = command.process.stdout.readline().strip()
        start, _, token = url.partition("/?token=")
        yield start, token, command.pid


def children(pid: int) -> list[int]:
    """The process ids of a process's children."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


async def test_a_killed_server_leaves_no_inspector_behind(
    tmp_path: Path, client: ClientSession
) -> None:
    with served(tmp_path) as (start, token, pid):
        name = f"ssescope-{start.rpartition(':')[2]}"
        headers = {"Origin": start, "Cookie": f"{name}={token}"}
        socket = await client.ws_connect(f"{start}/ws?width=100&height=30", headers=headers)
        await drawn(socket, b"ssescope")
        (child,) = children(pid)
        os.kill(pid, signal.SIGKILL)
        await gone(child)
        await socket.close()


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    done = ssescope("inspect", str(tmp_path / "missing"), "--web")
    assert done.returncode == 5
    assert done.stderr.count("\n") == 1


def test_the_port_is_that_of_web(tmp_path: Path) -> None:
    done = ssescope("inspect", str(tmp_path), "--port", "1")
    assert done.returncode == 2
    assert "--web" in done.stderr
