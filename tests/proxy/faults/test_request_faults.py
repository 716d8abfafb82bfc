"""Requests that must be refused, and requests that must not be bent on their way."""

from __future__ import annotations

import asyncio

import pytest

from captures.records import Ending, Request
from tests.proxy.faults.canary import CANARY, SECRET_FIELDS, with_length
from tests.proxy.faults.framing_rows import FRAMING_ROWS, HIDDEN, HOST, FramingRow
from tests.proxy.faults.rows import sends
from tests.proxy.faults.stage import OpenStage, Stage, TimeMachine, check_answer
from tests.proxy.running import end_of, records_of
from tests.proxy.wire import DEADLINE, RawResponse, UpstreamSide, scripted_upstream

OK = sends(with_length(b"ok"))


async def everything_said_to(stage: Stage, sent: bytes) -> bytes:
    """What the proxy says to these bytes until it closes."""
    async with stage.client() as client:
        await client.send(sent.replace(HOST, f"127.0.0.1:{stage.proxy.port}".encode()))
        return await asyncio.wait_for(client.reader.read(), DEADLINE)


def check_refused(stage: Stage, said: bytes, statuses: tuple[int, ...]) -> None:
    """Holds that there was one answer, and nothing was asked or recorded."""
    head, _, body = said.partition(b"\r\n\r\n")
    assert len(body) in {0, int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])}
    assert int(said.split(b" ")[1]) in statuses
    assert CANARY.encode() not in said
    assert b"access-control" not in said.lower()
    assert stage.upstream.connections == []
    assert stage.proxy.captures() == []


@pytest.mark.parametrize("row", FRAMING_ROWS, ids=str)
async def test_f57_framing_that_can_be_read_in_two_ways_is_refused_once(
    row: FramingRow, open_stage: OpenStage
) -> None:
    async with open_stage(OK) as stage:
        said = await everything_said_to(stage, row.request + HIDDEN)
        check_refused(stage, said, row.statuses)


async def test_f57_an_http_0_9_line_is_never_answered_with_a_response_of_ours(
    open_stage: OpenStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = TimeMachine(monkeypatch)
    async with open_stage(OK) as stage, stage.client() as client:
        await client.send(b"GET /\r\n\r\n")
        reading = asyncio.create_task(client.reader.read())
        await machine.pass_by(80)
        said = await reading
        assert said.count(b"HTTP/1.") <= 1
        assert b" 200 " not in said
        assert stage.upstream.connections == []
        await stage.landed(0)


@pytest.mark.parametrize(
    ("version", "coding", "status"),
    [
        ("1.1", "gzip, chunked", 501),
        ("1.1", "deflate,chunked", 501),
        ("1.0", "chunked", 400),
        ("1.0", "gzip, chunked", 400),
    ],
)
async def test_f58_codings_that_would_be_lost_on_the_way_are_refused(
    version: str, coding: str, status: int, open_stage: OpenStage
) -> None:
    async with open_stage(OK) as stage:
        fields = (f"Transfer-Encoding: {coding}", "Connection: keep-alive")
        request = stage.request(body=b"", headers=fields) + b"2\r\n{}\r\n0\r\n\r\n"
        old = request.replace(b"HTTP/1.1", f"HTTP/{version}".encode(), 1)
        said = await everything_said_to(stage, old + HIDDEN)
        check_refused(stage, said, (status,))


@pytest.mark.parametrize(
    ("line", "fields", "status"),
    [
        ("GET /v1/realtime", ("Upgrade: websocket", "Connection: Upgrade"), 501),
        ("CONNECT api.example:443", (), 405),
        ("OPTIONS *", (), 405),
    ],
)
async def test_f59_upgrades_and_tunnels_are_refused(
    line: str, fields: tuple[str, ...], status: int, open_stage: OpenStage
) -> None:
    async with open_stage(OK) as stage, stage.client() as client:
        host = f"Host: 127.0.0.1:{stage.proxy.port}"
        lines = (f"{line} HTTP/1.1", host, *SECRET_FIELDS, *fields, "", "")
        await client.send("\r\n".join(lines).encode())
        response = await client.read_response()
        check_refused(stage, response.head, (status,))


async def test_f59_an_upgrade_to_http_2_is_not_passed_on(open_stage: OpenStage) -> None:
    fields = ("Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAMAAABk")
    async with open_stage(OK) as stage:
        response = await stage.ask(headers=fields)
        (capture,) = await stage.landed()
    assert check_answer(response, capture).how is Ending.COMPLETE
    passed_on = stage.upstream.requests[0].lower()
    assert not any(word in passed_on for word in (b"upgrade", b"h2c", b"http2"))


async def test_f60_fields_that_differ_only_in_case_all_arrive(open_stage: OpenStage) -> None:
    fields = ("X-Same: 1", "x-same: 2", "X-SAME: 3", "X-Latin: caf\xc3\xa9")
    async with open_stage(OK) as stage:
        response = await stage.ask(headers=fields)
        (capture,) = await stage.landed()
    assert check_answer(response, capture).how is Ending.COMPLETE
    lines = stage.upstream.requests[0].split(b"\r\n")
    assert [line for line in lines if line.lower().startswith(b"x-same")] == [
        b"X-Same: 1",
        b"X-Same: 2",
        b"X-Same: 3",
    ]
    assert b"X-Latin: caf\xc3\xa9" in lines
    request = records_of(capture)[0]
    assert isinstance(request, Request)
    assert [name for name, _ in request.headers if name.lower() == "x-same"] == [
        "X-Same",
        "x-same",
        "X-SAME",
    ]


async def test_f60_bytes_that_are_no_utf_8_lose_nothing_but_themselves(
    open_stage: OpenStage,
) -> None:
    async with open_stage(OK) as stage:
        response = await stage.ask(headers=("X-Latin: caf\xe9 au lait",))
        (capture,) = await stage.landed()
    assert check_answer(response, capture).how is Ending.COMPLETE
    assert b"X-Latin: caf au lait" in stage.upstream.requests[0].split(b"\r\n")
    request = records_of(capture)[0]
    assert isinstance(request, Request)
    assert ("X-Latin", "caf\xe9 au lait") in request.headers


@pytest.mark.parametrize(
    "target",
    [
        "http://{evil}/steal",
        "https://{evil}/steal",
        "//{evil}/steal",
        "///{evil}/steal",
        "/\\{evil}/steal",
        "\\\\{evil}/steal",
        "@{evil}/steal",
        "/@{evil}/steal",
        ":@{evil}/steal",
        "/../../{evil}/steal",
        "/%2e%2e/%2e%2e//{evil}/steal",
        "/%0d%0aHost:%20{evil}",
        "/%00//{evil}",
        "/#@{evil}/steal",
        "/?@{evil}/steal",
        "{evil}/steal",
        "?@{evil}",
    ],
)
async def test_f61_no_target_leads_to_another_host(target: str, open_stage: OpenStage) -> None:
    async with scripted_upstream(OK) as evil, open_stage(OK) as stage:
        hostile = target.format(evil=f"127.0.0.1:{evil.port}")
        async with stage.client() as client:
            await client.send(stage.request(target=hostile, method="GET", body=b""))
            response = await client.read_response()
        if response.status == 200:
            (request,) = stage.upstream.requests
            assert request.split(b" ")[1].decode() == hostile.partition("#")[0]
            assert f"Host: 127.0.0.1:{stage.upstream.port}".encode() in request
            (capture,) = await stage.landed()
            assert end_of(capture).how is Ending.COMPLETE
        else:
            check_refused(stage, response.head, (400, 405))
    assert evil.connections == []


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "0.0.0.0:{port}",
        "127.0.0.1.nip.io:{port}",
        "127.1:{port}",
        "2130706433:{port}",
        "0x7f000001:{port}",
        "localhost.:{port}",
        "127.0.0.1",
        "127.0.0.1:1",
        "127.0.0.1:0{port}",
        "",
        "user@127.0.0.1:{port}",
        "127.0.0.1:{port}@evil.example",
        "[::ffff:127.0.0.1]:{port}",
    ],
)
async def test_f62_a_host_that_is_not_ours_is_refused(host: str, open_stage: OpenStage) -> None:
    async with open_stage(OK) as stage:
        own = f"Host: 127.0.0.1:{stage.proxy.port}".encode()
        other = f"Host: {host.format(port=stage.proxy.port)}".encode()
        async with stage.client() as client:
            await client.send(stage.request().replace(own, other))
            response = await client.read_response()
        check_refused(stage, response.head, (400, 421))


@pytest.mark.parametrize("method", ["POST", "GET", "OPTIONS"])
@pytest.mark.parametrize(
    "field",
    [
        "Origin: http://evil.example",
        "Origin: null",
        "Origin: https://127.0.0.1",
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
    ],
)
async def test_f63_pages_of_others_are_refused_and_not_let_in_by_a_preflight(
    field: str, method: str, open_stage: OpenStage
) -> None:
    fields = (field, "Access-Control-Request-Method: POST")
    async with open_stage(OK) as stage:
        response = await stage.ask(method=method, headers=fields)
        check_refused(stage, response.head, (403,))


async def test_f64_a_hundred_pipelined_requests_are_answered_in_order(
    open_stage: OpenStage,
) -> None:
    async def echo(side: UpstreamSide) -> None:
        await side.send(with_length(side.request.split(b" ")[1].partition(b"?")[0]))

    targets = [f"/v1/number/{number}" for number in range(100)]
    async with open_stage(echo) as stage, stage.client() as client:
        await client.send(
            b"".join(stage.request(target=f"{target}?key={CANARY}") for target in targets)
        )
        responses = [await client.read_response() for _ in targets]
        captures = await stage.landed(len(targets))
    assert [response.body.decode() for response in responses] == targets
    asked = [records_of(capture)[0] for capture in captures]
    paths = [request.path.partition("?")[0] for request in asked if isinstance(request, Request)]
    assert paths == targets
    for response, capture in zip(responses, captures, strict=True):
        check_ends(response, check_answer(response, capture).how)


def check_ends(response: RawResponse, how: Ending) -> None:
    """Holds that an answer was whole on both sides."""
    assert response.complete
    assert how is Ending.COMPLETE
