"""How the upstream is asked; what happens on a stale connection is tested in test_forward.py."""

from __future__ import annotations

from pathlib import Path

from tests.proxy.running import proxied
from tests.proxy.streams import good_stream
from tests.proxy.wire import request_bytes


async def test_nothing_is_added_to_the_request_but_its_host(tmp_path: Path) -> None:
    async with proxied(good_stream, tmp_path) as (upstream, proxy, client):
        await client.send(request_bytes(proxy.port, headers=("Accept-Encoding: gzip",)))
        await client.read_response()
    (request,) = upstream.requests
    names = {
        line.partition(b":")[0].lower()
        for line in request.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
    }
    assert b"accept-encoding" in names
    assert names <= {b"accept-encoding", b"host", b"content-length", b"transfer-encoding"}
