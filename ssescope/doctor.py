"""``ssescope doctor``: proves here and now that streams come through as they were sent."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Iterable, Sequence
from contextlib import aclosing, asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import click

from captures.records import Chunk, End, Gap
from captures.redact import Redactor
from captures.store import CaptureError, Follower, prepare_folder
from captures.writer import Writer
from proxy.flight import Landed
from proxy.nasty_cases import CASES, Case, Finish
from proxy.nasty_upstream import NastyUpstream, Run, nasty_upstream
from proxy.server import serve_proxy
from proxy.target import Upstream, UpstreamError, parse_mount, parse_upstream
from ssescope.doctor_client import Answer, AnswerEnd, UnreachableError, ask
from ssescope.doctor_compare import (
    DOCUMENTED,
    Aspect,
    Difference,
    Kept,
    capture_differences,
    compared_aspects,
    differences,
    latency,
)
from ssescope.doctor_report import (
    Result,
    closing_lines,
    columns_of,
    heading,
    report_fields,
    row_lines,
)
from ssescope.exits import Exit, fail
from ssescope.loop import Stop, run
from ssescope.servers import bound
from ssescope.views import ink_for_stdout

OWN_PATIENCE = 10.0
"""Seconds that the upstream waits for the client where nothing foreign is between them."""
ANSWER_SECONDS = 30.0
"""Seconds that an answer may take beside what the upstream waits."""
CAPTURE_SECONDS = 10.0
"""Seconds until a capture's end must be on disk."""
_POLL_SECONDS = 0.005

Examination = AsyncGenerator[Result, None]


class NotExaminedError(Exception):
    """A gateway that cannot be examined. The message says what was found and expected."""


def run_doctor(url: str | None, port: int, patience: float, as_json: bool) -> int:
    """Examines our own proxy, or a gateway in front of the nasty upstream.

    Args:
        url: URL of the gateway; None examines our own proxy.
        port: loopback port on which the nasty upstream waits for the gateway.
        patience: seconds after which what has not arrived through the gateway counts as held.
        as_json: JSON on stdout in place of the table.

    Returns:
        The exit code: 1 if anything differs that is no documented limit.
    """
    try:
        gateway = None if url is None else parse_upstream(url)
    except UpstreamError as error:
        fail(Exit.USAGE, str(error))

    async def command(stop: Stop) -> int:
        if gateway is None:
            return await _until_stopped(_told(examine_ourselves(), None, as_json), stop)
        async with bound(nasty_upstream(port), port) as upstream:
            click.echo(
                f"the nasty upstream is {upstream.origin}; asking it through {gateway}", err=True
            )
            examination = examine_gateway(gateway, upstream, patience)
            return await _until_stopped(_told(examination, gateway, as_json), stop)

    try:
        return run(command)
    except NotExaminedError as error:
        fail(Exit.USAGE, str(error))


async def examine_ourselves(cases: Sequence[Case] = CASES) -> Examination:
    """Each case directly and through our own proxy, compared, with the capture it leaves."""
    async with nasty_upstream() as upstream, _own_proxy(upstream) as (proxy, captures):
        for case in cases:
            direct, direct_run = await _ask_directly(upstream, case)
            with upstream.playing(case, OWN_PATIENCE) as through_run:
                through = await ask(proxy, through_run, ANSWER_SECONDS)
            kept = await captures.kept()
            result = await asyncio.to_thread(
                _compared, direct, direct_run, through, through_run, [kept]
            )
            yield result


async def examine_gateway(
    gateway: Upstream, upstream: NastyUpstream, patience: float, cases: Sequence[Case] = CASES
) -> Examination:
    """Each case directly and through a gateway, compared.

    Raises:
        NotExaminedError: when the gateway cannot be reached, or does not ask this upstream.
    """
    for number, case in enumerate(cases):
        direct, direct_run = await _ask_directly(upstream, case)
        with upstream.playing(case, patience) as through_run:
            try:
                through = await ask(gateway, through_run, ANSWER_SECONDS + 3 * patience)
            except UnreachableError as error:
                if number == 0:
                    raise NotExaminedError(
                        f"cannot reach {gateway}: {error}; expected a gateway there that forwards "
                        f"to {upstream.origin}"
                    ) from None
                through = Answer(AnswerEnd.UNREACHABLE)
        if number == 0 and not through_run.requests:
            raise NotExaminedError(
                f"{gateway} answered ({through.status or through.end.value}) without asking "
                f"{upstream.origin}; point it there"
            )
        yield await asyncio.to_thread(_compared, direct, direct_run, through, through_run, [])


async def _ask_directly(upstream: NastyUpstream, case: Case) -> tuple[Answer, Run]:
    with upstream.playing(case, OWN_PATIENCE) as direct_run:
        return await ask(parse_upstream(upstream.origin), direct_run, ANSWER_SECONDS), direct_run


def _compared(
    direct: Answer, direct_run: Run, through: Answer, through_run: Run, kept: Sequence[Kept | None]
) -> Result:
    """The result of a case; kept holds what its capture does, or nothing where there is none."""
    case = through_run.case
    found = _direct_failure(case, direct) or differences(direct, through, through_run)
    for each in kept:
        found += capture_differences(case, each)
    same = direct.body == through.body
    return Result(
        name=case.name,
        description=case.description,
        size=case.size,
        chunks=len(direct.chunks),
        compared=compared_aspects(direct, with_capture=bool(kept)),
        differences=tuple(found),
        documented=DOCUMENTED.get(case.name, frozenset()) if kept else frozenset(),
        direct=latency(direct_run.sent, direct.arrivals),
        through=latency(through_run.sent, through.arrivals) if same else None,
    )


def _direct_failure(case: Case, direct: Answer) -> list[Difference]:
    ends = {Finish.CLEAN: AnswerEnd.CLEAN, Finish.CUT: AnswerEnd.CUT, Finish.RESET: AnswerEnd.RESET}
    if direct.end is ends[case.finish] and direct.body == b"".join(case.body()):
        return []
    words = f"nothing can be told: even the direct answer ended with {direct.end.value}"
    return [Difference(Aspect.REQUEST, "direct_failed", words)]


class _Captures:
    """What the proxy under examination records. Mutable: knows which captures have ended."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._landed: asyncio.Queue[str] = asyncio.Queue()

    def landed(self, landed: Landed) -> None:
        """Told by the proxy of each exchange that has ended."""
        self._landed.put_nowait(landed.capture_id)

    async def kept(self) -> Kept | None:
        """What the next capture holds, once its end is on disk; None if it never is."""
        try:
            async with asyncio.timeout(CAPTURE_SECONDS):
                path = self._folder / f"{await self._landed.get()}.jsonl"
                with await _opened(path) as follower:
                    return await _kept(follower)
        except (TimeoutError, CaptureError):
            return None


async def _opened(path: Path) -> Follower:
    """The capture, once the writer has made it."""
    while True:
        try:
            return Follower(path)
        except CaptureError:
            await asyncio.sleep(_POLL_SECONDS)


async def _kept(follower: Follower) -> Kept:
    hashed, size, lost = sha256(), 0, 0
    while True:
        records = await asyncio.to_thread(follower.poll)
        for record in records:
            if isinstance(record, Chunk):
                hashed.update(record.data)
                size += len(record.data)
            elif isinstance(record, Gap):
                lost += record.size
            elif isinstance(record, End):
                return Kept(size, hashed.hexdigest(), lost, record)
        if not records:
            await asyncio.sleep(_POLL_SECONDS)


@asynccontextmanager
async def _own_proxy(upstream: NastyUpstream) -> AsyncIterator[tuple[Upstream, _Captures]]:
    """Our proxy in front of the upstream, recording into a folder that is deleted in the end."""
    with tempfile.TemporaryDirectory(prefix="ssescope-doctor-") as name:
        folder = Path(name)
        captures = _Captures(folder)
        redactor = Redactor(prepare_folder(folder))
        writer = Writer(folder)
        try:
            async with serve_proxy(
                (parse_mount(upstream.origin),), writer, redactor, on_landed=captures.landed
            ) as proxy:
                yield parse_upstream(proxy.origin), captures
        finally:
            await asyncio.to_thread(writer.close)


async def _told(examination: Examination, gateway: Upstream | None, as_json: bool) -> int:
    """Prints each result as it comes, and the sum; returns the exit code."""
    ink = ink_for_stdout()
    columns = columns_of(with_capture=gateway is None)
    results: list[Result] = []
    async with aclosing(examination) as coming:
        async for result in coming:
            if not as_json and not results:
                click.echo(heading(columns))
            results.append(result)
            if not as_json:
                _echo_lines(row_lines(result, columns, ink))
    if as_json:
        through = "ssescope" if gateway is None else str(gateway)
        click.echo(json.dumps(report_fields(results, through), indent=2))
    else:
        _echo_lines(closing_lines(results, ink, shutil.get_terminal_size().columns))
    return Exit.FINDINGS if any(result.unexpected for result in results) else Exit.FINE


def _echo_lines(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


async def _until_stopped(work: Coroutine[Any, Any, int], stop: Stop) -> int:
    """The work's exit code, or that of the signal that came first."""
    working = asyncio.create_task(work)
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if working.done():
        return working.result()
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    return Exit.TERMINATED if stop.signal is signal.SIGTERM else Exit.INTERRUPTED
