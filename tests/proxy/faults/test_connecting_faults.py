"""Faults on the way to the upstream: names, ports, certificates, stale connections."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp.connector
import pytest

from captures.records import Ending
from proxy import server
from proxy.server import Outbound
from tests.proxy.faults.canary import with_length
from tests.proxy.faults.rows import sends
from tests.proxy.faults.stage import OpenStage, check_answer, notes_of
from tests.proxy.wire import UpstreamSide, scripted_upstream

ANSWER = with_length(b"ok")
MEBIBYTE = 1024 * 1024


async def test_f01_a_refused_connection_is_told_as_such(open_stage: OpenStage) -> None:
    with socket.create_server(("127.0.0.1", 0)) as freed:
        port = freed.getsockname()[1]
    async with open_stage(sends(), origin=f"http://127.0.0.1:{port}") as stage:
        response = await stage.ask()
        (capture,) = await stage.landed()
    end = check_answer(response, capture)
    assert (response.status, end.how) == (502, Ending.UPSTREAM_REFUSED)
    assert b"X-Ssescope-Error: upstream_refused" in response.head


@pytest.mark.parametrize(
    ("certificate", "trusted", "words"),
    [
        ("127.0.0.1", False, "self-signed certificate"),
        ("other.example", True, "mismatch"),
        ("expired", True, "expired"),
        ("127.0.0.1", True, None),
    ],
)
async def test_f03_a_bad_certificate_is_refused_and_says_which_check_failed(
    certificate: str, trusted: bool, words: str | None, open_stage: OpenStage, tmp_path: Path
) -> None:
    certificates = pytest.importorskip("tests.proxy.faults.certificates")
    file = certificates.write_certificate(tmp_path / "keys", certificate)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(file)
    outbound = Outbound(tls=ssl.create_default_context(cafile=file) if trusted else None)
    stage_of_tls = open_stage(
        sends(ANSWER), origin="https://127.0.0.1:{port}", outbound=outbound, tls=serving
    )
    async with stage_of_tls as stage:
        response = await stage.ask()
        (capture,) = await stage.landed()
    end = check_answer(response, capture)
    if words is None:
        assert (response.status, response.body, end.how) == (200, b"ok", Ending.COMPLETE)
    else:
        assert (response.status, end.how) == (502, Ending.UPSTREAM_TLS)
        assert words in end.why
        assert stage.upstream.requests == []


async def test_f04_plain_http_behind_https_is_a_failed_handshake(open_stage: OpenStage) -> None:
    async def answer_hello(side: UpstreamSide) -> None:
        await side.reader.read(1)
        await side.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    plain = open_stage(answer_hello, origin="https://127.0.0.1:{port}", reads_requests=False)
    async with plain as stage:
        response = await stage.ask()
        (capture,) = await stage.landed()
    end = check_answer(response, capture)
    assert (response.status, end.how) == (502, Ending.UPSTREAM_TLS)


async def test_f04_silence_behind_https_is_a_timeout(
    open_stage: OpenStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "CONNECT_SECONDS", 0.3)
    silent = open_stage(
        UpstreamSide.wait_for_close, origin="https://127.0.0.1:{port}", reads_requests=False
    )
    async with silent as stage:
        response = await stage.ask()
        (capture,) = await stage.landed()
    end = check_answer(response, capture)
    assert (response.status, end.how) == (504, Ending.UPSTREAM_TIMEOUT)


async def test_f05_a_full_backlog_is_a_timeout(
    open_stage: OpenStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "CONNECT_SECONDS", 0.3)
    async with (
        full_backlog() as port,
        open_stage(sends(), origin=f"http://127.0.0.1:{port}") as stage,
    ):
        response = await stage.ask()
        (capture,) = await stage.landed()
    end = check_answer(response, capture)
    assert (response.status, end.how) == (504, Ending.UPSTREAM_TIMEOUT)
    assert b"X-Ssescope-Error: upstream_timeout" in response.head
    assert end.time >= 0.2


@asynccontextmanager
async def full_backlog() -> AsyncIterator[int]:
    """A port that listens and takes no more connections."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            with suppress(BlockingIOError):
                one.connect(listener.getsockname())
        try:
            yield listener.getsockname()[1]
        finally:
            for one in waiting:
                one.close()


def answers_once_a_connection() -> Any:
    """Answers the first request on every connection and closes at the second."""
    served: set[UpstreamSide] = set()

    async def script(side: UpstreamSide) -> None:
        if side in served:
            side.writer.close()
        else:
            served.add(side)
            await side.send(ANSWER)

    return script


@pytest.mark.parametrize(
    ("row", "method", "size"),
    [
        ("F08", "POST", 100),
        ("F08", "POST", MEBIBYTE),
        ("F10", "GET", 0),
        ("F10", "PUT", 100),
        ("F10", "DELETE", 0),
    ],
)
async def test_f08_f10_a_stale_connection_is_retried_once_and_noted(
    row: str, method: str, size: int, open_stage: OpenStage
) -> None:
    async with open_stage(answers_once_a_connection()) as stage, stage.client() as client:
        responses = []
        for _ in range(2):
            await client.send(stage.request(method=method, body=b"x" * size))
            responses.append(await client.read_response())
        captures = await stage.landed(2)
    assert [response.body for response in responses] == [b"ok", b"ok"]
    assert [notes_of(capture).keys() for capture in captures] == [set(), {"retried"}]
    assert [check_answer(*pair).how for pair in zip(responses, captures, strict=True)] == [
        Ending.COMPLETE,
        Ending.COMPLETE,
    ]
    bodies = [request.partition(b"\r\n\r\n")[2] for request in stage.upstream.requests]
    assert bodies == [b"x" * size] * 3, row


async def test_f09_more_than_can_be_kept_is_not_sent_again(open_stage: OpenStage) -> None:
    async with open_stage(answers_once_a_connection()) as stage, stage.client() as client:
        await client.send(stage.request())
        await client.read_response()
        await client.send(stage.request(body=b"x" * (2 * MEBIBYTE)))
        response = await client.read_response()
        captures = await stage.landed(2)
    end = check_answer(response, captures[1])
    assert (response.status, end.how) == (502, Ending.UPSTREAM_CLOSED)
    assert notes_of(captures[1]) == {}
    assert len(stage.upstream.requests) == 2


async def test_f43_a_dead_address_is_passed_over(
    open_stage: OpenStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = Names(monkeypatch, "::1", "127.0.0.1")
    async with open_stage(sends(ANSWER), origin="http://two.example:{port}") as stage:
        response = await stage.ask()
        (capture,) = await stage.landed()
    assert check_answer(response, capture).how is Ending.COMPLETE
    assert response.body == b"ok"
    assert names.asked == ["two.example"]


async def test_f43_a_name_that_moves_is_asked_for_again(
    open_stage: OpenStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = Names(monkeypatch, "127.0.0.1")
    moment = [100.0]
    monkeypatch.setattr(aiohttp.connector, "monotonic", lambda: moment[0])
    here = sends(with_length(b"here", b"Connection: close"))
    there = sends(with_length(b"there", b"Connection: close"))
    async with open_stage(here, origin="http://moving.example:{port}") as stage:
        async with scripted_upstream(there, host="127.0.0.2", port=stage.upstream.port):
            bodies = [(await stage.ask()).body]
            names.addresses = ("127.0.0.2",)
            moment[0] += 60
            bodies.append((await stage.ask()).body)
            await stage.landed(2)
    assert bodies == [b"here", b"there"]


class Names:
    """A name service of our own; tells what it was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
        self.addresses = addresses
        self.asked: list[str] = []
        loop = asyncio.get_running_loop()
        real = loop.getaddrinfo

        async def getaddrinfo(host: Any, port: Any, **settings: Any) -> list[Any]:
            if not str(host).endswith(".example"):
                return await real(host, port, **settings)
            self.asked.append(host)
            return [
                (family_of(address), socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port))
                for address in self.addresses
            ]

        monkeypatch.setattr(loop, "getaddrinfo", getaddrinfo)


def family_of(address: str) -> socket.AddressFamily:
    """The family of an address that is written out."""
    return socket.AF_INET6 if ":" in address else socket.AF_INET
