"""The inspector in headless Chromium: what it shows, and what other sites' pages get."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from ssescope.web.server import serve
from tests.browser.chromium import PROGRAM, Page, chromium
from tests.ssescope.saved import save

needs_chromium = pytest.mark.skipif(PROGRAM is None, reason="there is no chromium here")
FOREIGN = """
(async () => {
    const socket = new WebSocket("ws://%s/ws?token=%s");
    const ending = await new Promise((found) => {
        socket.onopen = () => found("opened");
        socket.onerror = () => found("refused");
    });
    const page = await fetch("http://%s/", {credentials: "include"})
        .then(() => "read", () => "unreadable");
    return `${ending} ${page}`;
})()
"""


@asynccontextmanager
async def recorder() -> AsyncIterator[tuple[int, list[str]]]:
    """A server of another port on the same machine, and the Cookie fields it was sent."""
    cookies: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        cookies.append(request.headers.get("Cookie", ""))
        fields = {"Access-Control-Allow-Credentials": "true"}
        if origin := request.headers.get("Origin"):
            fields["Access-Control-Allow-Origin"] = origin
        return web.Response(text="a page", content_type="text/html", headers=fields)

    application = web.Application()
    application.router.add_get("/", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "localhost", 0)
    await site.start()
    try:
        yield runner.addresses[0][1], cookies
    finally:
        await runner.cleanup()


async def _reads_the_timeline(page: Page) -> None:
    await page.wait_for_terminal("end_turn")
    await page.press("Enter", 13)
    shown = await page.wait_for_terminal("Esc back")
    assert "message_start" in shown
    assert "content_block_delta" in shown
    await page.type("v")
    await page.wait_for_terminal("The terminal cannot be given to another program here")
    await page.type("2")
    assert "Hello" in await page.wait_for_terminal("Hello")


async def _is_kept_out(page: Page, host: str, token: str) -> None:
    found = await page.value(FOREIGN % (host, token, host))
    assert found == "refused unreadable"


@needs_chromium
async def test_chromium_shows_the_timeline_and_keeps_other_sites_out(tmp_path: Path) -> None:
    save(tmp_path / "captures")
    command = [sys.executable, "-m", "ssescope", "inspect", str(tmp_path / "captures")]
    async with serve(command, "captures", 0) as server, recorder() as (port, cookies):
        door = server.door
        host = f"127.0.0.1:{door.port}"
        async with chromium(tmp_path) as page:
            await page.open(door.url)
            await _reads_the_timeline(page)
            assert await page.value("location.href") == f"http://{host}/"
            assert await page.value("document.cookie") == ""
            # One more page of this very site: cookies know no port, and Origin does.
            await page.open(f"http://127.0.0.1:{port}/")
            await page.wait_for("document.body?.innerText", "a page")
            assert door.token in cookies.pop()
            await _is_kept_out(page, host, door.token)
            # Pages of another site do not even send it.
            await page.open(f"http://localhost:{port}/")
            await page.wait_for("location.hostname + document.readyState", "localhostcomplete")
            await page.value(
                f"fetch('http://127.0.0.1:{port}/', {{credentials: 'include'}}).then()"
            )
            assert all(door.token not in sent for sent in cookies)
            assert len(cookies) >= 2
            await _is_kept_out(page, host, door.token)
