from __future__ import annotations

import json
from typing import Any

import pytest

from proxy.asgi_guard import ERROR_HEADER, Guarded, request_target
from proxy.asgi_server import serve
from tests.proxy.wire import RawResponse, raw_client

seen: list[str] = []


async def hello(scope: Any, _receive: Any, send: Any) -> None:
    seen.append(request_target(scope))
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello", "more_body": False})


async def answer_to(request: str) -> RawResponse:
    """The answer of a guarded application; PORT in the request stands for its port."""
    seen.clear()
    async with serve(Guarded(hello)) as server:
        async with raw_client(server.port) as client:
            await client.send(request.replace("PORT", str(server.port)).encode("latin-1"))
            return await client.read_response()


@pytest.mark.parametrize(
    ("status", "code", "request_line", "fields"),
    [
        (421, "refused_host", "GET / HTTP/1.1", ["Host: evil.example:PORT"]),
        (421, "refused_host", "GET / HTTP/1.1", ["Host: 127.0.0.1"]),
        (421, "refused_host", "GET / HTTP/1.1", ["Host: 127.0.0.1:1"]),
        (421, "refused_host", "GET / HTTP/1.0", []),
        (403, "refused_origin", "POST / HTTP/1.1", ["Host: [::1]:PORT", "Origin: null"]),
        (403, "refused_origin", "GET / HTTP/1.1", ["Host: localhost:PORT", "Origin: http://a.b"]),
        (
            403,
            "refused_origin",
            "GET / HTTP/1.1",
            ["Host: 127.0.0.1:PORT", "Sec-Fetch-Site: cross-site"],
        ),
        (405, "refused_target", "GET http://127.0.0.1:PORT/ HTTP/1.1", ["Host: 127.0.0.1:PORT"]),
        (405, "refused_target", "CONNECT 127.0.0.1:PORT HTTP/1.1", ["Host: 127.0.0.1:PORT"]),
        (405, "refused_target", "OPTIONS * HTTP/1.1", ["Host: 127.0.0.1:PORT"]),
        (
            501,
            "refused_upgrade",
            "GET / HTTP/1.1",
            ["Host: 127.0.0.1:PORT", "Connection: Upgrade", "Upgrade: websocket"],
        ),
    ],
)
async def test_refuses_with_a_json_error_and_never_asks_the_application(
    status: int, code: str, request_line: str, fields: list[str]
) -> None:
    answer = await answer_to("\r\n".join([request_line, *fields, "", ""]))
    assert answer.status == status
    assert f"{ERROR_HEADER}: {code}\r\n".encode() in answer.head
    assert b"access-control" not in answer.head.lower()
    error = json.loads(answer.body)["error"]
    assert error["type"] == "proxy_error"
    assert error["code"] == code
    assert error["message"].startswith("ssescope: ")
    assert seen == []


@pytest.mark.parametrize("host", ["127.0.0.1:PORT", "localhost:PORT", "[::1]:PORT"])
async def test_lets_its_own_user_through(host: str) -> None:
    fields = f"Host: {host}\r\nOrigin: http://{host}\r\nSec-Fetch-Site: same-origin"
    answer = await answer_to(f"GET /a%2Fb//..?x=%20&y HTTP/1.1\r\n{fields}\r\n\r\n")
    assert answer.status == 200
    assert seen == ["/a%2Fb//..?x=%20&y"]


async def test_header_bytes_that_are_not_ascii_do_no_harm() -> None:
    answer = await answer_to("GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nX-Name: \xff\x80\r\n\r\n")
    assert answer.status == 200
