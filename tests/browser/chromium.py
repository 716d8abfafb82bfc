"""A headless Chromium, spoken to in the Chrome DevTools Protocol over its WebSocket."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse

DEADLINE = 30.0
PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
    "--window-size=1400,900",
)

# The page keeps its terminal to itself; whoever sets one of its properties is it.
EXPOSE_TERMINAL = """
Object.defineProperty(Object.prototype, "fitAddon", {configurable: true, set(addon) {
    window.shown = this;
    Object.defineProperty(this, "fitAddon", {value: addon, writable: true});
}});
"""
BUFFER = """
(() => {
    const buffer = window.shown?.terminal.buffer.active;
    if (!buffer) return "";
    return Array.from({length: buffer.length}, (_, row) =>
        buffer.getLine(row).translateToString(true)).join("\\n");
})()
"""


class Page:
    """A page of the browser. Mutable: counts what it has asked."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket
        self._asked = 0

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """What a method of the protocol gives back."""
        self._asked += 1
        await self._socket.send_json({"id": self._asked, "method": method, "params": parameters})
        async with asyncio.timeout(DEADLINE):
            while (answer := await self._socket.receive_json()).get("id") != self._asked:
                pass
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    async def open(self, url: str) -> None:
        """Goes to an address; what its terminal shows can be read then."""
        await self.call("Page.enable")
        await self.call("Page.addScriptToEvaluateOnNewDocument", source=EXPOSE_TERMINAL)
        await self.call("Page.navigate", url=url)

    async def value(self, expression: str) -> Any:
        """The value of a JavaScript expression, awaited if it is a promise."""
        found = await self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    async def wait_for(self, expression: str, words: str) -> str:
        """Asks until the text of an expression holds these words."""
        text = ""
        async with asyncio.timeout(DEADLINE):
            while words not in text:
                text = str(await self.value(expression) or "")
                await asyncio.sleep(0.02)
        return text

    async def wait_for_terminal(self, words: str) -> str:
        """Waits until the terminal of the page shows these words; returns all that it shows."""
        try:
            return await self.wait_for(BUFFER, words)
        except TimeoutError:
            raise AssertionError(f"{words!r} not in:\n{await self.value(BUFFER)}") from None

    async def type(self, text: str) -> None:
        """Types a text."""
        await self.call("Input.insertText", text=text)

    async def press(self, key: str, code: int) -> None:
        """Presses a key that has a name, by its Windows key code."""
        for kind in ("keyDown", "keyUp"):
            await self.call(
                "Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code
            )

    async def picture(self) -> bytes:
        """What the page looks like, as a PNG."""
        found = await self.call("Page.captureScreenshot", format="png")
        return base64.b64decode(found["data"])


@asynccontextmanager
async def chromium(folder: Path) -> AsyncIterator[Page]:
    """A browser with an empty page, in a folder of its own; ended after the block."""
    assert PROGRAM is not None
    profile = folder / "profile"
    process = await asyncio.create_subprocess_exec(
        PROGRAM,
        *FLAGS,
        f"--user-data-dir={profile}",
        "about:blank",
        stdin=DEVNULL,
        stdout=DEVNULL,
        stderr=DEVNULL,
    )
    try:
        origin = f"http://127.0.0.1:{await _port(profile / 'DevToolsActivePort')}"
        async with ClientSession() as session:
            async with session.get(f"{origin}/json/list") as answer:
                targets = json.loads(await answer.read())
            address = next(one for one in targets if one["type"] == "page")
            url = address["webSocketDebuggerUrl"]
            async with session.ws_connect(url, max_msg_size=64 * 1024 * 1024) as socket:
                yield Page(socket)
                await Page(socket).call("Browser.close")
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), DEADLINE)


async def _port(path: Path) -> int:
    async with asyncio.timeout(DEADLINE):
        while (port := _port_in(path)) is None:
            await asyncio.sleep(0.02)
    return port


def _port_in(path: Path) -> int | None:
    first = path.read_text().partition("\n")[0] if path.exists() else ""
    return int(first) if first else None
