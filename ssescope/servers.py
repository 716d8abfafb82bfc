"""``ssescope sandbox`` and ``replay``: servers that run until a signal comes."""

from __future__ import annotations

import errno
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TypeVar

import click

from captures.store import CaptureError
from inspector_tui.safe import safe_text
from proxy.asgi_server import AsgiServer, serve
from proxy.replay import serve_replay
from proxy.replay_source import load_recordings
from proxy.sandbox import sandbox_application
from proxy.sandbox_scenarios import SCENARIOS, model_name
from proxy.sandbox_script import Pace
from ssescope.base_urls import lines_to_paste
from ssescope.exits import Exit, fail
from ssescope.loop import Stop, run
from ssescope.talk import say

Running = TypeVar("Running")


def run_sandbox(port: int, first_token: float, total: float) -> int:
    """Runs the pretend LLM server until a signal comes."""

    async def command(stop: Stop) -> int:
        application = sandbox_application(Pace(first_token=first_token, total=total))
        async with bound(serve(application, port=port), port) as server:
            _announce("the sandbox", server)
            say("It does as the model name says:")
            for scenario in SCENARIOS:
                say(f"  {model_name(scenario):28} {scenario.description}")
            await stop.wait()
        return Exit.FINE

    return run(command)


def run_replay(path: Path, port: int, speed: float) -> int:
    """Serves saved exchanges until a signal comes; ends with code 5 if there are none."""
    try:
        recordings = load_recordings(path)
    except CaptureError as error:
        fail(Exit.CAPTURE_INVALID, str(error))
    for warning in recordings.warnings:
        say(f"ssescope: {safe_text(warning)}")

    async def command(stop: Stop) -> int:
        served = serve_replay(
            recordings,
            port=port,
            speed=speed,
            on_served=lambda line: say(safe_text(line)),
        )
        async with bound(served, port) as server:
            _announce(f"{len(recordings.exchanges)} saved exchanges", server)
            await stop.wait()
        return Exit.FINE

    return run(command)


@asynccontextmanager
async def bound(server: AbstractAsyncContextManager[Running], port: int) -> AsyncIterator[Running]:
    """Runs a server for as long as the block runs; ends with code 3 if it cannot listen."""
    async with AsyncExitStack() as stack:
        try:
            running = await stack.enter_async_context(server)
        except OSError as error:
            fail(Exit.CANNOT_BIND, _cannot_bind(error, port))
        yield running


def _cannot_bind(error: OSError, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is in use; choose another with --port, or any free one with --port 0"
    return f"cannot listen on port {port}: {error.strerror}; choose another with --port"


def _announce(what: str, server: AsgiServer) -> None:
    say(f"serving {what} on {server.origin}; stop with Ctrl-C.")
    for paste in lines_to_paste("", "", server.origin):
        click.echo(f"{paste.line}  # {paste.names}")
