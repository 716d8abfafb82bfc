"""``ssescope sandbox``, and what servers that run until a signal comes have in common."""

from __future__ import annotations

import errno
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TypeVar

from proxy.asgi_server import AsgiServer, serve
from proxy.listen import LOCALHOST, ListenHost
from proxy.sandbox import sandbox_application
from proxy.sandbox_scenarios import SCENARIOS, model_name
from proxy.sandbox_script import Pace
from ssescope.base_urls import lines_to_paste
from ssescope.exits import Exit, fail
from ssescope.loop import Stop, run
from ssescope.talk import hand_out, say

Running = TypeVar("Running")


def run_sandbox(port: int, first_token: float, total: float) -> int:
    """Runs the pretend LLM server until a signal comes."""

    async def command(stop: Stop) -> int:
        application = sandbox_application(Pace(first_token=first_token, total=total))
        async with bound(serve(application, port=port), port) as server:
            announce("the sandbox", server)
            say("It does as the model name says:")
            for scenario in SCENARIOS:
                say(f"  {model_name(scenario):28} {scenario.description}")
            await stop.wait()
        return Exit.FINE

    return run(command)


@asynccontextmanager
async def bound(
    server: AbstractAsyncContextManager[Running], port: int, host: ListenHost = LOCALHOST
) -> AsyncIterator[Running]:
    """Runs a server for as long as the block runs; ends with code 3 if it cannot listen."""
    async with AsyncExitStack() as stack:
        try:
            running = await stack.enter_async_context(server)
        except OSError as error:
            fail(Exit.CANNOT_BIND, _cannot_bind(error, port, host))
        yield running


def announce(what: str, server: AsgiServer) -> None:
    """Says what is served, and prints the lines to paste."""
    say(f"serving {what} on {server.origin}; stop with Ctrl-C.")
    for paste in lines_to_paste("", "", server.origin):
        hand_out(f"{paste.line}  # {paste.names}")


def _cannot_bind(error: OSError, port: int, host: ListenHost) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is in use; choose another with --port, or any free one with --port 0"
    if error.errno == errno.EADDRNOTAVAIL:
        words = "is no address of this machine; choose another with --host"
        return f"cannot listen on {host.addresses[0]}: it {words}"
    return f"cannot listen on port {port}: {error.strerror}; choose another with --port"
