"""``ssescope run -- CMD``: a proxy for every known provider around one command."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import subprocess
import sys
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
from ssescope.exits import Exit, fail
from ssescope.faults_command import tell_faults
from ssescope.log_limit import limit_logs
from ssescope.loop import Stop, run
from ssescope.loss_watch import losses_in_words
from ssescope.places import usable_folder
from ssescope.providers import Route, child_environment, routes
from ssescope.proxy_command import environment_proxy, raise_open_files, room_for_exchanges
from ssescope.run_summary import summary_lines
from ssescope.servers import bound
from ssescope.talk import say

LEFT_OVER_SECONDS = 5.0
"""How long streams may still run when the command, and with it their client, has ended."""

NOT_FOUND, NOT_EXECUTABLE = 127, 126
"""Exit codes of a command that could not be started, as shells have them."""

_FORWARDED = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
_FROM_THE_TERMINAL = (signal.SIGINT, signal.SIGQUIT)
"""A terminal sends these to the command as well, so that they are forwarded only without one."""


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

    async def command(stop: Stop) -> int:
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
                code = await _run_child(options.command, _environment(planned, running), stop)
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


def end_as(code: int) -> int:
    """The exit code to end with; a command that a signal ended makes us end by it too."""
    if code >= 0:
        return code
    number = -code
    if number not in {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)
        if number in {signal.SIGQUIT, signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS}:
            # The command has left its core already; ours would hide it.
            resource.setrlimit(
                resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1])
            )
        os.kill(os.getpid(), number)
    return 128 + number


def _outbound(route: Route) -> Outbound:
    """As the command's own clients would go: through the environment's forward proxy, if any."""
    parts = urlsplit(route.origin)
    return Outbound(via=environment_proxy(parts.scheme, parts.hostname or ""))


def _environment(planned: Sequence[Route], running: Sequence[RunningProxy]) -> Mapping[str, str]:
    origins = [proxy.origin for proxy in running]
    return child_environment(os.environ, zip(planned, origins, strict=True))


async def _run_child(command: Sequence[str], environment: Mapping[str, str], stop: Stop) -> int:
    """Starts the command in this terminal and waits for its end; returns its code."""
    try:
        child = subprocess.Popen(command, env=environment)  # noqa: ASYNC220, S603 - it is asked for
    except FileNotFoundError:
        say(f"ssescope: no command {command[0]!r} was found")
        return NOT_FOUND
    except OSError as error:
        say(f"ssescope: cannot run {command[0]!r}: {error.strerror}")
        return NOT_EXECUTABLE
    # The command keeps the limit it was started with.
    raise_open_files()
    loop = asyncio.get_running_loop()
    for number in (*_FORWARDED, *_FROM_THE_TERMINAL):
        loop.add_signal_handler(number, _forward, child, number)
    try:
        return await asyncio.to_thread(child.wait)
    finally:
        for number in (*_FORWARDED, *_FROM_THE_TERMINAL):
            loop.remove_signal_handler(number)


def _forward(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if number not in _FROM_THE_TERMINAL or not sys.stdin.isatty():
        child.send_signal(number)


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
