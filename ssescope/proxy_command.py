"""``ssescope proxy``: forwards until a signal comes, then lets the running streams finish."""

from __future__ import annotations

import asyncio
import resource
import signal
import ssl
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.request import getproxies_environment, proxy_bypass

from captures.faults.catalogue import NO_FAULTS, Faults
from captures.quota import SESSION_SIZE, Limits
from captures.records import Ending
from captures.redact import Redactor
from captures.writer import Writer, WriterStatus
from inspector_tui.safe import safe_text
from proxy.flight import Landed
from proxy.listen import LOCAL_REACH, Reach
from proxy.server import MOST_EXCHANGES, Outbound, RunningProxy, serve_proxy
from proxy.target import Mount, UpstreamError, parse_mount
from ssescope.access import tell
from ssescope.base_urls import lines_to_paste
from ssescope.exits import Exit, fail
from ssescope.faults_command import tell_faults
from ssescope.log_limit import limit_logs
from ssescope.loop import Stop, run
from ssescope.loss_watch import Policy, losses_in_words, watch_losses
from ssescope.places import usable_folder
from ssescope.servers import bound
from ssescope.talk import hand_out, say

GRACE_SECONDS = 30.0
DESCRIPTORS_AN_EXCHANGE = 3
"""Client, upstream and capture file."""
SPARE_DESCRIPTORS = 64


@dataclass(frozen=True, slots=True)
class ProxyOptions:
    """What the user asked of the proxy."""

    upstreams: tuple[str, ...]
    """URLs, each on a port of its own, and ``/prefix=URL`` mounts, which share the first port."""
    port: int
    folder: Path
    idle_timeout: float | None = None
    ca_file: Path | None = None
    environment_proxy: bool = False
    max_capture: int | None = SESSION_SIZE
    """Bytes of captures in all; None sets no limit."""
    policy: Policy = Policy.DROP
    redact_headers: tuple[str, ...] = ()
    """Names of header fields that are secret beside the known ones."""
    redact_queries: tuple[str, ...] = ()
    """Names of query parameters that are secret beside the known ones."""
    reach: Reach = LOCAL_REACH
    faults: Faults = NO_FAULTS
    """What is done to every answer on purpose."""
    """Where it listens, and who may ask."""


def run_proxy(options: ProxyOptions) -> int:
    """Forwards until a signal comes; returns the exit code."""
    ports = mounts_by_port(options.upstreams)
    outbound = outbound_for(options, ports)
    key = usable_folder(options.folder)
    redactor = Redactor(key, headers=options.redact_headers, query_names=options.redact_queries)
    raise_open_files()
    most_exchanges = room_for_exchanges()
    limit_logs()

    async def command(stop: Stop) -> int:
        writer = Writer(
            options.folder,
            limits=Limits(session_size=options.max_capture),
            waits=options.policy is Policy.BLOCK,
        )
        cut = 0
        try:
            async with AsyncExitStack() as stack:
                running = [
                    await stack.enter_async_context(
                        bound(
                            serve_proxy(
                                mounts,
                                writer,
                                redactor,
                                port=port,
                                outbound=outbound,
                                most_exchanges=most_exchanges,
                                reach=options.reach,
                                faults=options.faults,
                                on_landed=tell_landed,
                            ),
                            port,
                            options.reach.host,
                        )
                    )
                    for port, mounts in _with_port_numbers(options.port, ports)
                ]
                _announce(running, options.folder)
                tell(options.reach)
                tell_faults(options.faults)
                cut = await _until_over(running, stop, writer, options.policy)
        finally:
            status = await asyncio.to_thread(writer.close)
        return _exit_code(stop, cut, status)

    return run(command)


def mounts_by_port(upstreams: Sequence[str]) -> tuple[tuple[Mount, ...], ...]:
    """The mounts of each port; ends with code 2 if an upstream cannot be used."""
    try:
        mounts = [parse_mount(text) for text in upstreams]
    except UpstreamError as error:
        fail(Exit.USAGE, str(error))
    mounted = tuple(mount for mount in mounts if mount.prefix)
    roots = [(mount,) for mount in mounts if not mount.prefix]
    if not mounted:
        return tuple(roots)
    return (mounted + roots[0] if roots else mounted, *roots[1:])


def outbound_for(options: ProxyOptions, ports: tuple[tuple[Mount, ...], ...]) -> Outbound:
    """How upstreams are reached; ends with code 2 on an unusable certificate file."""
    tls = None
    if options.ca_file is not None:
        try:
            tls = ssl.create_default_context()
            tls.load_verify_locations(options.ca_file)
        except (OSError, ssl.SSLError) as error:
            words = error.strerror or "it holds no certificate"
            fail(Exit.USAGE, f"cannot use the certificates in {options.ca_file}: {words}")
    via = None
    if options.environment_proxy:
        upstreams = [mount.upstream for mounts in ports for mount in mounts]
        via = environment_proxy(upstreams[0].scheme, upstreams[0].host)
    return Outbound(options.idle_timeout, via, tls)


def environment_proxy(scheme: str, host: str) -> str | None:
    """The forward proxy that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name for a host."""
    if proxy_bypass(host):
        return None
    return getproxies_environment().get(scheme)


def room_for_exchanges() -> int:
    """How many exchanges fit under the limit on open files, once it is raised."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY:
        return MOST_EXCHANGES
    fitting = (hard - SPARE_DESCRIPTORS) // DESCRIPTORS_AN_EXCHANGE
    return max(1, min(MOST_EXCHANGES, fitting))


def raise_open_files() -> None:
    """Raises the limit on open files of this process, and of those it starts, as far as allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def _until_over(
    running: Sequence[RunningProxy], stop: Stop, writer: Writer, policy: Policy
) -> int:
    """Waits for a signal and the drain, or for what ends everything at once.

    Returns how many streams are left to be cut.
    """

    async def stopped() -> int:
        await stop.wait()
        return await drain(running, stop)

    living = asyncio.create_task(stopped())
    losing = asyncio.create_task(watch_losses(writer.status, until_lost=policy is Policy.STRICT))
    await asyncio.wait({living, losing}, return_when=asyncio.FIRST_COMPLETED)
    cut = living.result() if living.done() else sum(proxy.under_way for proxy in running)
    for task in (living, losing):
        task.cancel()
    await asyncio.gather(living, losing, return_exceptions=True)
    return cut


async def drain(running: Sequence[RunningProxy], stop: Stop) -> int:
    """Stops accepting and waits for what is under way; how many streams are left to be cut.

    It waits for GRACE_SECONDS in all, or until a second signal comes.
    """
    for proxy in running:
        await proxy.stop_accepting()
    live = sum(proxy.under_way for proxy in running)
    if live:
        words = f"{live} streams live, {GRACE_SECONDS:.0f} s to finish; the same signal cuts them"
        say(f"ssescope: {words}")
    landed = asyncio.create_task(_all_landed(running))
    again = asyncio.create_task(stop.wait_again())
    await asyncio.wait({landed, again}, timeout=GRACE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    left = sum(proxy.under_way for proxy in running)
    for waiting in (landed, again):
        waiting.cancel()
    await asyncio.gather(landed, again, return_exceptions=True)
    return left


async def _all_landed(running: Sequence[RunningProxy]) -> None:
    for proxy in running:
        await proxy.landed()


def _with_port_numbers(
    first: int, ports: tuple[tuple[Mount, ...], ...]
) -> list[tuple[int, tuple[Mount, ...]]]:
    return [(first + number if first else 0, mounts) for number, mounts in enumerate(ports)]


def _announce(running: Sequence[RunningProxy], folder: Path) -> None:
    for proxy in running:
        for mount in proxy.mounts:
            origin = f"{proxy.origin}{mount.prefix}"
            say(f"forwarding {origin} -> {mount.upstream}")
            for paste in lines_to_paste(mount.upstream.host, mount.upstream.prefix, origin):
                hand_out(f"{paste.line}  # {paste.names}")
    if missing := running[0].missing_names:
        say(
            "ssescope: reduced fidelity: streams are forwarded, but times and chunks are those of "
            f"reading, as aiohttp lacks {', '.join(missing)}"
        )
    say(f"captures in {safe_text(str(folder))}; watch with ssescope inspect, stop with Ctrl-C")


def tell_landed(landed: Landed) -> None:
    """Says how an exchange went, in one line."""
    status = "---" if landed.status is None else str(landed.status)
    why = "" if landed.how is Ending.COMPLETE else f" ({landed.why})"
    say(
        f"{status} {landed.how}{why}, {landed.size:,} bytes in {landed.seconds:.2f} s, "
        f"{landed.capture_id}"
    )


def _exit_code(stop: Stop, cut: int, status: WriterStatus) -> int:
    if cut:
        say(f"ssescope: cut {cut} running streams")
    if status.queued_records:
        say(
            f"ssescope: CAPTURE INCOMPLETE: {status.queued_records:,} records with "
            f"{status.queued_bytes:,} body bytes were still waiting for a disk that does not "
            "answer"
        )
    if not status.is_complete:
        say(f"ssescope: {losses_in_words(status)}")
    if status.queued_records or not status.is_complete:
        return Exit.CAPTURE_LOST
    if not cut:
        return Exit.FINE
    return Exit.TERMINATED if stop.signal is signal.SIGTERM else Exit.INTERRUPTED
