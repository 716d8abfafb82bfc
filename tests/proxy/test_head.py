"""The response head as the client gets it, over real connections."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proxy.running import proxied
from tests.proxy.wire import UpstreamSide, request_bytes


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (
            b"HTTP/1.1 200 Very Good\r\nb: 1\r\nA: 2\r\nb: 3\r\nContent-Length: 2\r\n\r\nok",
            b"HTTP/1.1 200 Very Good\r\nb: 1\r\nA: 2\r\nb: 3\r\nContent-Length: 2\r\n\r\n",
        ),
        (
            b"HTTP/1.1 529 \r\nContent-Length: 0\r\nDate: then\r\nServer: theirs\r\n\r\n",
            b"HTTP/1.1 529 \r\nContent-Length: 0\r\nDate: then\r\nServer: theirs\r\n\r\n",
        ),
        (
            (
                b"HTTP/1.1 200 OK\r\nX: \x80\xff\r\nKeep-Alive: timeout=5\r\n"
                b"Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            ),
            b"HTTP/1.1 200 OK\r\nX: \x80\xff\r\nTransfer-Encoding: chunked\r\n\r\n",
        ),
        (
            b"HTTP/1.0 200 OK\r\nX: closes\r\n\r\nbody",
            b"HTTP/1.1 200 OK\r\nX: closes\r\nTransfer-Encoding: chunked\r\n\r\n",
        ),
    ],
)
async def test_fields_keep_their_order_case_and_bytes(
    sent: bytes, expected: bytes, tmp_path: Path
) -> None:
    async def answer(side: UpstreamSide) -> None:
        await side.send(sent)
        if sent.startswith(b"HTTP/1.0"):
            side.writer.close()

    async with proxied(answer, tmp_path) as (_upstream, proxy, client):
        await client.send(request_bytes(proxy.port))
        assert (await client.read_response()).head == expected


async def test_an_http_1_0_client_gets_a_body_that_ends_with_its_connection(tmp_path: Path) -> None:
    async def answer(side: UpstreamSide) -> None:
        await side.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        await side.send_chunk(b"text")
        await side.send(b"0\r\n\r\n")

    async with proxied(answer, tmp_path) as (_upstream, proxy, client):
        request = request_bytes(proxy.port).replace(b"HTTP/1.1", b"HTTP/1.0")
        await client.send(request)
        response = await client.read_response()
    assert b"Transfer-Encoding" not in response.head
    assert response.body == b"text"
