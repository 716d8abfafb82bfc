"""``ssescope demo``: a pretend model, the proxy and a client, all in this process."""

from __future__ import annotations

import asyncio
import json
import shutil
import textwrap
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import aiohttp
import click

from captures.exchange import Exchange
from captures.loading import load
from captures.redact import Redactor
from captures.sse import Decoder
from captures.store import captures_in
from captures.writer import Writer
from inspector_tui.safe import safe_text
from proxy.asgi_server import serve
from proxy.sandbox import sandbox_application
from proxy.sandbox_script import Pace
from proxy.server import serve_proxy
from proxy.target import parse_mount
from ssescope.loop import Stop, run
from ssescope.places import usable_folder
from ssescope.report import Ink, fact_lines, finding_line, timeline_lines, verdict_line
from ssescope.views import ink_for_stdout

SHOWN_EVENTS_AT_EACH_END = 8
_KEY = "sandbox-needs-no-key"


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds until the user sees the first word, streamed and not."""

    streamed: float
    whole: float


def run_demo(folder: Path, scenario: str, pace: Pace) -> tuple[int, Path]:
    """Streams one answer through the proxy and prints what it was; returns code and capture."""
    key = usable_folder(folder)
    before = set(captures_in(folder))
    waits: list[Waits] = []

    async def command(stop: Stop) -> int:
        client = asyncio.create_task(_play(folder, key, scenario, pace))
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({client, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not client.done():
            client.cancel()
            await asyncio.gather(client, return_exceptions=True)
            return 130
        waits.append(client.result())
        return 0

    code = run(command)
    fresh = sorted(set(captures_in(folder)) - before)
    if code or not fresh:
        return code, folder
    streamed = next(path for path in fresh if load(path).is_stream or path == fresh[-1])
    _print_account(load(streamed), waits[0], ink_for_stdout())
    _print_next_steps(streamed)
    return code, streamed


async def _play(folder: Path, key: bytes, scenario: str, pace: Pace) -> Waits:
    """Asks twice at once, streaming and not, and shows the stream as it arrives."""
    writer = Writer(folder)
    try:
        async with (
            serve(sandbox_application(pace)) as sandbox,
            serve_proxy((parse_mount(sandbox.origin),), writer, Redactor(key)) as proxy,
            aiohttp.ClientSession() as session,
        ):
            click.echo(
                f"pretend model {sandbox.origin}  <-  ssescope {proxy.origin}  <-  client",
                err=True,
            )
            url = f"{proxy.origin}/v1/messages"
            whole = asyncio.create_task(_ask_whole(session, url, scenario))
            streamed = await _ask_streaming(session, url, scenario)
            return Waits(streamed, await whole)
    finally:
        await asyncio.to_thread(writer.close)


async def _ask_streaming(session: aiohttp.ClientSession, url: str, scenario: str) -> float:
    """Prints the text as it comes; returns the seconds until its first word."""
    started = monotonic()
    first: float | None = None
    decoder = Decoder()
    try:
        async with session.post(
            url, json=_question(scenario, stream=True), headers=_HEADERS
        ) as answer:
            async for data in answer.content.iter_any():
                for frame in decoder.feed(data, monotonic() - started):
                    text = _text_of(frame.data)
                    if text and first is None:
                        first = monotonic() - started
                    click.echo(safe_text(text, newline="\n"), nl=False)
    except aiohttp.ClientError as error:
        click.echo(f"\n[the client saw {type(error).__name__}]", nl=False)
    click.echo("\n")
    return first if first is not None else monotonic() - started


async def _ask_whole(session: aiohttp.ClientSession, url: str, scenario: str) -> float:
    """The same request without streaming; returns the seconds until there is anything to see."""
    started = monotonic()
    try:
        async with session.post(
            url, json=_question(scenario, stream=False), headers=_HEADERS
        ) as answer:
            await answer.read()
    except aiohttp.ClientError:
        pass
    return monotonic() - started


_HEADERS = {"x-api-key": _KEY, "anthropic-version": "2023-06-01"}


def _question(scenario: str, *, stream: bool) -> dict[str, object]:
    return {
        "model": f"sandbox-{scenario.replace('_', '-')}",
        "max_tokens": 1024,
        "stream": stream,
        "messages": [{"role": "user", "content": "How does streaming work?"}],
    }


def _text_of(data: str) -> str:
    """The visible text of one event, as a client would take it."""
    try:
        delta = json.loads(data).get("delta") or {}
    except (ValueError, AttributeError):
        return ""
    text = delta.get("text", "")
    return text if isinstance(text, str) else ""


def _print_account(exchange: Exchange, waits: Waits, ink: Ink) -> None:
    click.echo(verdict_line(exchange, ink))
    for line in fact_lines(exchange, ink):
        click.echo(line)
    click.echo()
    for line in timeline_lines(exchange, ink, SHOWN_EVENTS_AT_EACH_END):
        click.echo(line)
    for finding in exchange.findings:
        click.echo(finding_line(finding, ink))
    click.echo()
    for line in wait_lines(waits, ink):
        click.echo(line)


def wait_lines(waits: Waits, ink: Ink, cells: int = 40) -> tuple[str, str, str]:
    """Two bars on one scale: how long the user looks at nothing, streamed and not."""
    longest = max(waits.streamed, waits.whole, 0.001)

    def bar(seconds: float) -> str:
        empty = round(cells * seconds / longest)
        return ink("░" * empty, dim=True) + ink("█" * (cells - empty), "green")

    saved = max(0.0, waits.whole - waits.streamed)
    return (
        f"  streaming      first word after {waits.streamed:5.2f} s  {bar(waits.streamed)}",
        f"  not streaming  first word after {waits.whole:5.2f} s  {bar(waits.whole)}",
        f"  the wait saved by streaming: {ink(f'{saved:.2f} s', 'green', bold=True)}",
    )


def _print_next_steps(capture: Path) -> None:
    width = shutil.get_terminal_size().columns
    click.echo()
    click.echo(f"  capture   {safe_text(str(capture))}")
    click.echo(f"  again     ssescope show {safe_text(capture.stem)}")
    click.echo("  browse    ssescope inspect")
    hint = "  yours     ssescope proxy https://api.anthropic.com, then paste the line it prints"
    click.echo("\n".join(textwrap.wrap(hint, width, subsequent_indent=" " * 12)))
