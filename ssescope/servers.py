"""``ssescope proxy``, ``sandbox`` and ``replay``: servers that run until a signal comes."""

from __future__ import annotations

import asyncio
import errno
import signal
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TypeVar

import click

from captures.records import Ending
from captures.redact import Redactor
from captures.store import CaptureError
from captures.writer import Writer, WriterStatus
from inspector_tui.safe import safe_text
from proxy.asgi_server import AsgiServer, serve
from proxy.flight import Landed
from proxy.replay import serve_replay
from proxy.replay_source import load_recordings
from proxy.sandbox import sandbox_application
from proxy.sandbox_scenarios import SCENARIOS, model_name
from proxy.sandbox_script import Pace
from proxy.server import RunningProxy, serve_proxy
from proxy.target import Upstream, UpstreamError, parse_upstream
from ssescope.base_urls import lines_to_paste
from ssescope.exits import Exit, fail
from ssescope.loop import Stop, run
from ssescope.places import usable_folder

Running = TypeVar("Running")


def upstream_named(text: str) -> Upstream:
    """The upstream a user names; ends with code 2 if it cannot be used."""
    try:
        return parse_upstream(text)
    except UpstreamError as error:
        fail(Exit.USAGE, str(error))


def run_proxy(upstream_url: str, port: int, folder: Path) -> int:
    """Forwards to one upstream until a signal comes; returns the exit code."""
    upstream = upstream_named(upstream_url)
    key = usable_folder(folder)

    async def command(stop: Stop) -> int:
        writer = Writer(folder)
        interrupted = 0
        try:
            async with bound(
                serve_proxy(upstream, writer, Redactor(key), port=port, on_landed=_tell_landed),
                port,
            ) as running:
                _announce_proxy(running, folder)
                await stop.wait()
                interrupted = running.under_way
        finally:
            status = await asyncio.to_thread(writer.close)
        return _exit_code(stop, interrupted, status)

    return run(command)


def run_sandbox(port: int, first_token: float, total: float) -> int:
    """Runs the pretend LLM server until a signal comes."""

    async def command(stop: Stop) -> int:
        application = sandbox_application(Pace(first_token=first_token, total=total))
        async with bound(serve(application, port=port), port) as server:
            _announce("the sandbox", server)
            click.echo("It does as the model name says:", err=True)
            for scenario in SCENARIOS:
                click.echo(f"  {model_name(scenario):28} {scenario.description}", err=True)
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
        click.echo(f"ssescope: {safe_text(warning)}", err=True)

    async def command(stop: Stop) -> int:
        served = serve_replay(
            recordings,
            port=port,
            speed=speed,
            on_served=lambda line: click.echo(safe_text(line), err=True),
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


def _announce_proxy(running: RunningProxy, folder: Path) -> None:
    upstream = running.upstream
    click.echo(f"forwarding {running.origin} -> {upstream}, captures in {folder}", err=True)
    click.echo("Paste into the shell of your client:", err=True)
    for paste in lines_to_paste(upstream.host, upstream.prefix, running.origin):
        click.echo(f"{paste.line}  # {paste.names}")
    click.echo("Watch with ssescope inspect; stop with Ctrl-C.", err=True)


def _announce(what: str, server: AsgiServer) -> None:
    click.echo(f"serving {what} on {server.origin}; stop with Ctrl-C.", err=True)
    for paste in lines_to_paste("", "", server.origin):
        click.echo(f"{paste.line}  # {paste.names}")


def _tell_landed(landed: Landed) -> None:
    status = "---" if landed.status is None else str(landed.status)
    why = "" if landed.how is Ending.COMPLETE else f" ({landed.why})"
    click.echo(
        f"{status} {landed.how}{why}, {landed.size:,} bytes in {landed.seconds:.2f} s, "
        f"{landed.capture_id}",
        err=True,
    )


def _exit_code(stop: Stop, interrupted: int, status: WriterStatus) -> int:
    if status.lost_records:
        click.echo(
            f"ssescope: {status.lost_records} records with {status.lost_bytes:,} body bytes could "
            f"not be kept: {status.failure}",
            err=True,
        )
        return Exit.CAPTURE_LOST
    if not interrupted:
        return Exit.FINE
    click.echo(f"ssescope: cut {interrupted} running streams", err=True)
    return Exit.TERMINATED if stop.signal is signal.SIGTERM else Exit.INTERRUPTED
