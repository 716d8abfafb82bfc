"""``ssescope run -- CMD``: a proxy for every known provider around one command."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from captures.faults.catalogue import NO_FAULTS, Faults
from captures.quota import SESSION_SIZE, Limits
from captures.redact import Redactor
from captures.writer import Writer, WriterStatus
from proxy.flight import Landed
from proxy.server import Outbound, RunningProxy, serve_proxy
from proxy.target import UpstreamError
from ssescope.child import NOT_EXECUTABLE, NOT_FOUND, run_child
from ssescope.exits import Exit, fail
from ssescope.faults_command import tell_faults
from ssescope.log_limit import limit_logs
from ssescope.loop import Stop, run
from ssescope.loss_watch import losses_in_words
from ssescope.places import usable_folder
from ssescope.providers import Route, child_environment, routes
from ssescope.proxy_command import environment_proxy, room_for_exchanges
from ssescope.run_summary import summary_lines
from ssescope.servers import bound
from ssescope.talk import say

LEFT_OVER_SECONDS = 5.0
"""How long streams may still run when the command, and with it their client, has ended."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the user asked of ``ssescope run``."""

    command: tuple[str, ...]
    folder: Path
    variables: tuple[str, ...] = ()
    """Further base-URL variables as ``NAME=URL``."""
    max_capture: int | None = SESSION_SIZE
    """Bytes of captures in all; None sets no limit."""
    faults: Faults = NO_FAULTS
    """What is done to every answer on purpose."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of the command."""

    code: int
    """Its exit code; negative where a signal ended it."""
    capture_ids: tuple[str, ...]


def run_command(options: RunOptions) -> Ran:
    """Runs the command behind proxies and tells on stderr what it streamed."""
    try:
        planned = routes(os.environ, options.variables)
    except UpstreamError as error:
        fail(Exit.USAGE, str(error))
    redactor = Redactor(usable_folder(options.folder))
    limit_logs()
    tell_faults(options.faults)
    landed: list[Landed] = []

    async def command(_stop: Stop) -> int:
        writer = Writer(options.folder, limits=Limits(session_size=options.max_capture))
        try:
            async with AsyncExitStack() as stack:
                running = [
                    await stack.enter_async_context(
                        bound(
                            serve_proxy(
                                route.mounts,
                                writer,
                                redactor,
                                outbound=_outbound(route),
                                most_exchanges=room_for_exchanges(),
                                faults=options.faults,
                                on_landed=landed.append,
                            ),
                            0,
                        )
                    )
                    for route in planned
                ]
                code = await run_child(options.command, _environment(planned, running))
                await _let_land(running)
        finally:
            status = await asyncio.to_thread(writer.close)
        _tell_losses(status)
        return code

    code = run(command)
    ids = tuple(flight.capture_id for flight in landed)
    if ids or code not in {NOT_FOUND, NOT_EXECUTABLE}:
        for line in summary_lines(ids, options.folder):
            say(line)
    return Ran(code, ids)


def _outbound(route: Route) -> Outbound:
    """As the command's own clients would go: through the environment's forward proxy, if any."""
    parts = urlsplit(route.origin)
    return Outbound(via=environment_proxy(parts.scheme, parts.hostname or ""))


def _environment(planned: Sequence[Route], running: Sequence[RunningProxy]) -> Mapping[str, str]:
    origins = [proxy.origin for proxy in running]
    return child_environment(os.environ, zip(planned, origins, strict=True))


async def _let_land(running: Sequence[RunningProxy]) -> None:
    """Waits until nothing is under way, a few seconds at most."""
    for proxy in running:
        await proxy.stop_accepting()
    landed = asyncio.gather(*(proxy.landed() for proxy in running))
    try:
        async with asyncio.timeout(LEFT_OVER_SECONDS):
            await landed
    except TimeoutError:
        say("ssescope: the command has ended and streams of it still run; they are cut")


def _tell_losses(status: WriterStatus) -> None:
    if not status.is_complete:
        say(f"ssescope: {losses_in_words(status)}")
