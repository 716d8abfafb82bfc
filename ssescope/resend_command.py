"""``ssescope resend``: a recorded request sent once more, its answer recorded as any other."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from captures.records import Ending
from captures.redact import Redactor
from captures.store import CaptureError, read
from captures.writer import Writer
from inspector_tui.safe import safe_text
from proxy.flight import Landed
from proxy.server import Outbound, RunningProxy, serve_proxy
from ssescope.exits import Exit, fail
from ssescope.log_limit import limit_logs
from ssescope.loop import Stop, ending_with_input, require_open_input, run
from ssescope.loss_watch import losses_in_words
from ssescope.places import capture_named, usable_folder
from ssescope.proxy_command import environment_proxy, tell_landed
from ssescope.resend_plan import Plan, ResendError, planned, recorded_request
from ssescope.servers import bound
from ssescope.talk import hand_out, say

READ_SIZE = 65536
_WITH_A_BODY = frozenset({"POST", "PUT", "PATCH"})
"""Methods whose body has a length even if it is empty (RFC 9110, section 8.6)."""


@dataclass(frozen=True, slots=True)
class ResendOptions:
    """What the user asked for."""

    capture: str | None
    folder: Path
    """Where ids are looked up."""
    kept_in: Path | None = None
    """Where the answer is recorded; None means beside the capture."""
    upstream: str | None = None
    """URL of whom to ask; None means the recorded one, and keys for its own provider alone."""
    dry_run: bool = False
    as_json: bool = False
    until_eof: bool = False
    """Whether it gives up when its standard input ends."""


def run_resend(options: ResendOptions) -> int:
    """Sends the request, or says what would be sent; returns the exit code."""
    if options.until_eof:
        require_open_input()
    path = capture_named(options.capture, options.folder)
    try:
        recorded = recorded_request(read(path))
        plan = planned(recorded, options.upstream, os.environ)
    except (CaptureError, ResendError) as error:
        fail(Exit.CAPTURE_INVALID if isinstance(error, CaptureError) else Exit.USAGE, str(error))
    if options.dry_run:
        _show(plan, options)
        return Exit.FINE
    if options.upstream is None and not plan.has_own_host:
        fail(Exit.USAGE, _not_its_own_host(plan))
    if recorded.is_scrubbed:
        say("ssescope: the capture was scrubbed; what was written over is sent as it stands now")
    for line in _words(plan):
        say(safe_text(line))
    return _sent(plan, options.kept_in or path.absolute().parent, options)


def _sent(plan: Plan, folder: Path, options: ResendOptions) -> int:
    """Sends it through a proxy of ours, which records it."""
    redactor = Redactor(usable_folder(folder))
    limit_logs()
    landed: list[Landed] = []
    upstream = plan.mount.upstream
    outbound = Outbound(via=environment_proxy(upstream.scheme, upstream.host))

    async def command(stop: Stop) -> int:
        writer = Writer(folder)
        answered = b""
        try:
            served = serve_proxy(
                (plan.mount,), writer, redactor, outbound=outbound, on_landed=landed.append
            )
            async with bound(served, 0) as proxy:
                with ending_with_input(stop) if options.until_eof else nullcontext():
                    answered = await _ask_or_stop(proxy, plan, stop)
        finally:
            status = await asyncio.to_thread(writer.close)
        if not status.is_complete:
            say(f"ssescope: {losses_in_words(status)}")
            return Exit.CAPTURE_LOST
        if not landed:
            words = answered.split(b"\r\n")[0].decode("latin-1")
            say(safe_text(f"ssescope: the request was not sent: {words or 'it was given up'}"))
        return _exit_code(stop, landed)

    code = run(command)
    for flight in landed:
        capture = folder / f"{flight.capture_id}.jsonl"
        if options.as_json:
            fields = {"capture": str(capture), "status": flight.status, "how": flight.how.value}
            click.echo(json.dumps(fields | _fields(plan), ensure_ascii=True, indent=2))
        else:
            hand_out(safe_text(str(capture)))
            tell_landed(flight)
    return code


def _exit_code(stop: Stop, landed: list[Landed]) -> int:
    if stop.signal is signal.SIGINT:
        return Exit.INTERRUPTED
    if stop.signal is not None:
        return Exit.TERMINATED
    is_whole = bool(landed) and landed[0].how is Ending.COMPLETE
    return Exit.FINE if is_whole else Exit.FINDINGS


async def _ask_or_stop(proxy: RunningProxy, plan: Plan, stop: Stop) -> bytes:
    """The beginning of the proxy's answer; what is under way is given up when asked to stop."""
    asking = asyncio.create_task(_ask(proxy.port, plan))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({asking, stopping}, return_when=asyncio.FIRST_COMPLETED)
    for task in (asking, stopping):
        task.cancel()
    answered, _ = await asyncio.gather(asking, stopping, return_exceptions=True)
    await proxy.landed()
    return answered if isinstance(answered, bytes) else b""


async def _ask(port: int, plan: Plan) -> bytes:
    """Sends the request and reads the answer to its end; keeps its first bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    first = b""
    try:
        with suppress(ConnectionError):
            writer.writelines(_pieces(port, plan))
            await writer.drain()
            while data := await reader.read(READ_SIZE):
                first = first or data
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
    return first


def _pieces(port: int, plan: Plan) -> Iterator[bytes]:
    """The request as it goes over the wire."""
    yield b"%b %b HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n" % (plan.method.encode(), plan.target, port)
    for name, value in plan.fields:
        yield b"%b: %b\r\n" % (name, value)
    if plan.is_chunked:
        yield b"Transfer-Encoding: chunked\r\n"
    elif plan.body or plan.method in _WITH_A_BODY:
        yield b"Content-Length: %d\r\n" % len(plan.body)
    yield b"Connection: close\r\n\r\n"
    if not plan.is_chunked:
        yield plan.body
        return
    if plan.body:
        yield b"%x\r\n%b\r\n" % (len(plan.body), plan.body)
    yield b"0\r\n\r\n"


def _show(plan: Plan, options: ResendOptions) -> None:
    if options.as_json:
        click.echo(json.dumps(_fields(plan), ensure_ascii=True, indent=2))
        return
    for line in _words(plan):
        click.echo(safe_text(line))
    if options.upstream is None and not plan.has_own_host:
        click.echo(safe_text(_not_its_own_host(plan)))


def _words(plan: Plan) -> Iterator[str]:
    keys = f", with the key in {' and '.join(plan.variables)}" if plan.variables else ""
    yield f"{plan.method} {plan.url}, {len(plan.body):,} bytes as recorded{keys}"
    if plan.left_out:
        yield f"left out, as what stood in them was not recorded: {', '.join(plan.left_out)}"


def _not_its_own_host(plan: Plan) -> str:
    keys, upstream = " and ".join(plan.variables), plan.mount.upstream
    return (
        f"the key in {keys} is not sent where only a capture says so; "
        f"if it is for {upstream}, give --upstream {upstream}"
    )


def _fields(plan: Plan) -> dict[str, Any]:
    return {
        "method": plan.method,
        "url": plan.url,
        "upstream": str(plan.mount.upstream),
        "bytes": len(plan.body),
        "variables": list(plan.variables),
        "own_host": plan.has_own_host,
        "left_out": list(plan.left_out),
    }
