"""``ssescope inspect --web``: the inspector, served to browsers of this machine and this user."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import textual_serve
from aiohttp import WSMsgType, web
from aiohttp.typedefs import Handler

from inspector_tui.themes import DARK
from proxy.listen import bound_socket
from ssescope.exits import Exit
from ssescope.loop import Stop, run
from ssescope.servers import bound
from ssescope.talk import hand_out, say
from ssescope.web.guard import TOKEN_PARAMETER, Asked, Door, refused
from ssescope.web.messages import Focus, Keys, Ping, Resize, parse
from ssescope.web.page import SCRIPT, page, security_fields, style
from ssescope.web.session import Session

MOST_SESSIONS = 8
"""Inspectors that run at a time, one a tab; each takes some 40 MB."""

MAX_MESSAGE_SIZE = 1024 * 1024
"""Bytes of one message from the browser: what a user pastes."""

# aiohttp's lines quote the bytes of its peers.
_logger = logging.getLogger("ssescope.web")
_logger.addHandler(logging.NullHandler())
_logger.propagate = False

_STATIC = Path(textual_serve.__file__).parent / "static"
_WEBSOCKET = "/ws"
_TOKEN_BYTES = 32
_SHUTDOWN_SECONDS = 1.0


def run_web(command: Sequence[str], title: str, port: int, theme: str) -> int:
    """Serves the inspector until a signal comes.

    Args:
        command: the words that start an inspector.
        title: what the tab of the browser says.
        port: where to listen on 127.0.0.1; 0 takes a free one.
        theme: the theme of the inspector, which the page around it has too.
    """

    async def serving(stop: Stop) -> int:
        async with bound(serve(command, title, port, theme), port) as server:
            say("the inspector is served to browsers of this machine; stop with Ctrl-C.")
            say("Whoever has the address can read the captures: it is for you alone.")
            hand_out(server.door.url)
            await stop.wait()
        return Exit.FINE

    return run(serving)


class WebServer:
    """Serves one page, what it loads, and a WebSocket an inspector. Mutable: knows what runs."""

    def __init__(self, command: Sequence[str], title: str, door: Door, theme: str) -> None:
        self.door = door
        self._style = style(theme)
        self._command = command
        self._title = title
        self._sessions: dict[Session, asyncio.Task[None]] = {}
        self._starting = 0

    @property
    def pids(self) -> frozenset[int]:
        """The process ids of the inspectors that run."""
        return frozenset(session.pid for session in self._sessions)

    def application(self) -> web.Application:
        """The aiohttp application."""
        application = web.Application(middlewares=[self._guarded])
        application.router.add_get("/", self._page)
        application.router.add_get("/page.js", _text(SCRIPT, "text/javascript"))
        application.router.add_get("/page.css", _text(self._style, "text/css"))
        application.router.add_get(_WEBSOCKET, self._websocket)
        application.router.add_static("/static", _STATIC)
        application.on_response_prepare.append(_secure)
        return application

    async def stop(self) -> None:
        """Ends the inspectors."""
        await asyncio.gather(*(self._end(session) for session in tuple(self._sessions)))

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        asked = Asked(
            request.method,
            request.raw_path,
            tuple(request.headers.items()),
            request.query,
            request.cookies,
            websocket=request.path == _WEBSOCKET,
        )
        if words := refused(self.door, asked):
            return web.Response(status=403, text=f"{words}\n")
        return await handler(request)

    async def _page(self, request: web.Request) -> web.Response:
        text = page(self._title, request.host)
        response = web.Response(text=text, content_type="text/html")
        if TOKEN_PARAMETER in request.query:
            response.set_cookie(
                self.door.cookie, self.door.token, path="/", httponly=True, samesite="Strict"
            )
        return response

    async def _websocket(self, request: web.Request) -> web.StreamResponse:
        if len(self._sessions) + self._starting >= MOST_SESSIONS:
            words = f"{MOST_SESSIONS} tabs show an inspector already; close one.\n"
            return web.Response(status=503, text=words)
        self._starting += 1
        try:
            socket = web.WebSocketResponse(heartbeat=15, max_msg_size=MAX_MESSAGE_SIZE)
            await socket.prepare(request)
            size = (_number(request, "width", 80), _number(request, "height", 24))
            try:
                session = await Session.start(self._command, size, socket.send_bytes)
            except OSError as error:
                say(f"ssescope: cannot start an inspector: {error.strerror}")
                await socket.close()
                return socket
            conversing = asyncio.create_task(_converse(socket, session))
            self._sessions[session] = conversing
        finally:
            self._starting -= 1
        try:
            await asyncio.wait((conversing,))
        finally:
            await self._end(session)
            await socket.close()
        return socket

    async def _end(self, session: Session) -> None:
        conversing = self._sessions.get(session)
        if conversing is None:
            return
        conversing.cancel()
        await asyncio.wait((conversing,))
        await session.stop()
        self._sessions.pop(session, None)


@asynccontextmanager
async def serve(
    command: Sequence[str], title: str, port: int, theme: str = DARK
) -> AsyncIterator[WebServer]:
    """Serves for as long as the block runs, then ends every inspector.

    Raises:
        OSError: the port is taken or may not be used.
    """
    listening = bound_socket("127.0.0.1", port)
    door = Door(listening.getsockname()[1], secrets.token_urlsafe(_TOKEN_BYTES))
    server = WebServer(command, title, door, theme)
    runner = web.AppRunner(
        server.application(),
        access_log=None,
        logger=_logger,
        shutdown_timeout=_SHUTDOWN_SECONDS,
    )
    try:
        await runner.setup()
        await web.SockSite(runner, listening).start()
        yield server
    finally:
        await server.stop()
        await runner.cleanup()
        listening.close()


async def _converse(socket: web.WebSocketResponse, session: Session) -> None:
    """Hands everything on, until the browser leaves or the inspector ends."""
    listening = asyncio.create_task(_listen(socket, session))
    showing = asyncio.create_task(session.show())
    try:
        await asyncio.wait((listening, showing), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (listening, showing):
            task.cancel()
        await asyncio.gather(listening, showing, return_exceptions=True)


async def _listen(socket: web.WebSocketResponse, session: Session) -> None:
    async for received in socket:
        if received.type is not WSMsgType.TEXT:
            continue
        match parse(received.data):
            case Keys(text):
                await session.type(text)
            case Resize(width, height):
                await session.resize(width, height)
            case Focus(has_focus):
                await session.focus(has_focus)
            case Ping(data):
                await socket.send_json(["pong", data])


def _text(text: str, content_type: str) -> Handler:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(text=text, content_type=content_type)

    return answer


async def _secure(request: web.Request, response: web.StreamResponse) -> None:
    # A refused request may name any host; what it names never comes back to it.
    host = "127.0.0.1" if response.status == 403 else request.host
    response.headers.update(security_fields(host))


def _number(request: web.Request, name: str, default: int) -> int:
    digits = request.query.get(name, "")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 6 else default
