"""The proxy as a server: where it listens, and what it leaves behind."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import aiohttp
import pytest

from captures.loading import load
from captures.records import Ending
from captures.redact import Redactor
from captures.writer import Writer
from proxy import tap
from proxy.flight import Landed
from proxy.library import UnfitLibraryError
from proxy.listen import ListenHost, Reach
from proxy.server import serve_proxy
from proxy.target import parse_mount
from tests.proxy.running import running_proxy
from tests.proxy.streams import good_stream
from tests.proxy.wire import UpstreamSide, raw_client, request_bytes, scripted_upstream, until


async def test_a_proxy_leaves_no_task_thread_or_descriptor_behind(tmp_path: Path) -> None:
    def open_things() -> tuple[int, list[str], int]:
        # The event loop keeps the threads of its executor.
        threads = sorted(thread.name for thread in threading.enumerate())
        own_threads = [name for name in threads if not name.startswith("asyncio_")]
        return len(list(Path("/proc/self/fd").iterdir())), own_threads, len(asyncio.all_tasks())

    async with scripted_upstream(good_stream) as upstream:
        before = open_things()
        async with running_proxy(upstream.origin, tmp_path) as proxy:
            for _ in range(3):
                async with raw_client(proxy.port) as client:
                    await client.send(request_bytes(proxy.port))
                    assert (await client.read_response()).complete
        for side in upstream.connections:
            side.writer.close()
        await until(lambda: open_things() == before)


async def test_it_tells_of_every_exchange_that_has_ended(tmp_path: Path) -> None:
    landed: list[Landed] = []
    writer = Writer(tmp_path)
    async with scripted_upstream(good_stream) as upstream:
        proxy = serve_proxy(
            (parse_mount(upstream.origin),), writer, Redactor(b"k"), on_landed=landed.append
        )
        async with proxy as running, raw_client(running.port) as client:
            await client.send(request_bytes(running.port))
            response = await client.read_response()
            await until(lambda: bool(landed))
            assert running.under_way == 0
    await asyncio.to_thread(writer.close)
    assert (landed[0].status, landed[0].how) == (200, Ending.COMPLETE)
    assert landed[0].size == len(response.body)


async def test_it_says_where_it_listens(tmp_path: Path) -> None:
    for address in ("127.0.0.1", "127.0.0.5"):
        reach = Reach(ListenHost((address,)))
        async with running_proxy("http://127.0.0.1:1", tmp_path, reach=reach) as it:
            assert it.origin == f"http://{address}:{it.port}"
            _, writer = await asyncio.open_connection(address, it.port)
            writer.close()
            await writer.wait_closed()


async def test_it_refuses_to_start_on_an_unfit_aiohttp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aiohttp, "__version__", "3.13.2")
    writer = Writer(tmp_path)
    with pytest.raises(UnfitLibraryError):
        async with serve_proxy((parse_mount("http://127.0.0.1:1"),), writer, Redactor(b"k")):
            pass
    await asyncio.to_thread(writer.close)


async def test_without_the_tap_a_stream_and_its_cut_are_forwarded_and_the_capture_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cut(side: UpstreamSide) -> None:
        await side.send(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n9\r\npart"
        )
        side.writer.close()

    monkeypatch.setattr(tap, "_NAMES_OF_A_READER", (*tap._NAMES_OF_A_READER, "_gone"))
    async with (
        scripted_upstream(cut) as upstream,
        running_proxy(upstream.origin, tmp_path) as proxy,
    ):
        async with raw_client(proxy.port) as client:
            await client.send(request_bytes(proxy.port))
            response = await client.read_response()
        assert response.body.startswith(b"whole")
        assert not response.complete
        (capture,) = await proxy.ended()
    exchange = load(capture)
    assert exchange.end is not None
    assert exchange.end.how is Ending.UPSTREAM_TRUNCATED
    assert [note.about for note in exchange.notes] == ["reduced_fidelity"]
