"""An exchange as plain text: the command-line twin of the inspector's views. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import log10

import click

from captures.answers import answers_of
from captures.chunk_map import chunk_map_of
from captures.dialects.base import Event, EventKind
from captures.exchange import Exchange
from captures.findings.rule import Finding, Level
from captures.message import Message, OtherPart, Part, Refusal, Text, Thinking, ToolCall
from captures.records import End
from captures.timing import TOKEN_KINDS
from captures.verdict import Outcome, Verdict, verdict_of
from inspector_tui.safe import safe_text
from ssescope.chunk_report import chunk_map_line
from ssescope.leave_report import leave_line
from ssescope.time_report import seconds_text, time_lines

BAR_CELLS = 8
MAX_NOTE = 200
"""Characters of a note that are shown."""
_FULL, _EIGHTHS = "█", " ▏▎▍▌▋▊▉"

_OUTCOME_COLOURS = {
    Outcome.LIVE: "cyan",
    Outcome.COMPLETE: "green",
    Outcome.CUT_OFF: "yellow",
    Outcome.CLIENT_LEFT: "yellow",
    Outcome.BROKEN: "red",
    Outcome.INCOMPLETE: "red",
    Outcome.ERROR: "red",
}
_LEVEL_COLOURS = {Level.ERROR: "red", Level.WARNING: "yellow", Level.INFO: "cyan"}
_KIND_COLOURS = {
    EventKind.TEXT: "green",
    EventKind.THINKING: "magenta",
    EventKind.TOOL: "blue",
    EventKind.ERROR: "red",
}
_DIM_KINDS = frozenset({EventKind.PING, EventKind.COMMENT, EventKind.NOTHING})


@dataclass(frozen=True, slots=True)
class Ink:
    """Writes with colour or without; every sign stands without it too."""

    colour: bool

    def __call__(
        self,
        text: str,
        colour: str | None = None,
        *,
        bold: bool = False,
        dim: bool = False,
        reverse: bool = False,
    ) -> str:
        if not self.colour:
            return text
        return click.style(text, fg=colour, bold=bold, dim=dim, reverse=reverse)


def exchange_lines(exchange: Exchange, ink: Ink, annotation: str = "") -> Iterator[str]:
    """The whole report: verdict, the user's own note, facts, timeline, message, findings."""
    yield verdict_line(exchange, ink)
    for number, line in enumerate(annotation.split("\n") if annotation else ()):
        yield f"  {ink('✎' if number == 0 else ' ', 'yellow')} {safe_text(line)}"
    yield from fact_lines(exchange, ink)
    if exchange.events:
        yield ""
        yield from timeline_lines(exchange, ink)
    message = list(message_lines(exchange, ink))
    if message:
        yield ""
        yield from message
    if exchange.findings:
        yield ""
        yield from (finding_line(finding, ink) for finding in exchange.findings)


def verdict_line(exchange: Exchange, ink: Ink) -> str:
    """The verdict with its sign."""
    return _verdict_text(verdict_of(exchange), ink)


def fact_lines(exchange: Exchange, ink: Ink) -> Iterator[str]:
    """Who was asked, when things happened, and the proof that nothing was changed."""
    request, head = exchange.request, exchange.head
    status = "no response head" if head is None else f"{head.status} {head.reason}".rstrip()
    model = exchange.message().model
    if exchange.is_timed:
        asked = f"{request.method} {request.path} -> {request.upstream}"
        answered = f"{safe_text(asked)}  {ink(safe_text(status), bold=True)}"
        yield f"  {answered}  {safe_text(model)}".rstrip()
        yield ink(f"  {safe_text(request.id)}  {safe_text(request.started)}", dim=True)
    else:
        saved = f"  {safe_text(request.id)}  a saved body of {exchange.body.size:,} B"
        yield f"{saved}  {safe_text(model)}".rstrip()
    yield from (f"  {line}" for line in time_lines(exchange))
    usage = exchange.message().usage
    tokens = [
        f"{count:,} {name} tokens"
        for name, count in (
            ("input", usage.input_tokens),
            ("output", usage.output_tokens),
            ("cached", usage.cache_read_tokens or None),
        )
        if count is not None
    ]
    if tokens:
        yield f"  {' · '.join(tokens)}"
    if exchange.is_timed and exchange.end is not None and exchange.end.upstream.chunks:
        yield f"  {proof(exchange.end)}"
    if exchange.leave is not None:
        yield f"  {leave_line(exchange.leave)}"
    if (chunk_map := chunk_map_of(exchange)) is not None and exchange.events:
        yield f"  {chunk_map_line(chunk_map)}"
    for note in exchange.notes:
        words = safe_text(f"{note.about}: {note.text}", max_length=MAX_NOTE)
        yield ink(f"  noted at {note.time:.3f} s  {words}", dim=True)


def proof(end: End) -> str:
    """What came from the upstream against what went to the client, in one line."""
    upstream, client = end.upstream, end.client
    words = [f"{upstream.size:,} B = {client.size:,} B", "sha256 equal"]
    if upstream != client:
        words = [f"{upstream.size:,} B from the upstream, {client.size:,} B to the client"]
    words.append(f"{upstream.chunks} chunks")
    if end.latency is not None:
        words.append(f"+{end.latency.p99 * 1000:.2f} ms p99")
        if end.latency.client_wait:
            words.append(f"the client made us wait {end.latency.client_wait:.2f} s")
    return " · ".join(words)


def timeline_lines(exchange: Exchange, ink: Ink, ends: int | None = None) -> Iterator[str]:
    """A line for each event.

    Args:
        exchange: the exchange.
        ink: colour or none.
        ends: how many events to show at each end; None shows all.
    """
    marked = {finding.event for finding in exchange.findings}
    count = len(exchange.events)
    previous = 0.0
    for index, event in enumerate(exchange.events):
        time = event.frame.last_time
        if ends is None or index < ends or index >= count - ends:
            gap = time - previous if exchange.is_timed else None
            yield event_line(index, event, gap, index in marked, ink)
        elif index == ends:
            yield ink(f"  {'⋮':>5}  {count - 2 * ends} more events", dim=True)
        previous = time


def event_line(index: int, event: Event, gap: float | None, marked: bool, ink: Ink) -> str:
    """One event: sign, number, time, gap with its bar, type, and what it carries.

    Args:
        index: its place in the timeline.
        event: the event.
        gap: seconds since the event before it; None where no times were measured.
        marked: whether a finding speaks of it.
        ink: colour or none.
    """
    dim = event.kind in _DIM_KINDS
    sign = ink("!", "red", bold=True) if marked else " "
    left = f"{index:5}"
    if gap is not None:
        left += f"  {event.frame.last_time:8.3f} s  {seconds_text(gap):>8} {gap_bar(gap)}"
    type_ = f"{safe_text(event.type):20}"
    row = f"{sign} {ink(left, dim=True)}  {ink(type_, None if dim else 'cyan', dim=dim)}"
    return f"{row} {_payload(event, ink)}".rstrip()


def message_lines(exchange: Exchange, ink: Ink) -> Iterator[str]:
    """Every message part by part, then how it stopped."""
    for answer in answers_of(exchange):
        if answer.label:
            yield ink(f"  {answer.label}", bold=True)
        yield from _answer_lines(answer.message, ink)


def _answer_lines(message: Message, ink: Ink) -> Iterator[str]:
    for part in message.parts:
        label, text, colour = _part(part)
        yield ink(f"  {label}", dim=True)
        for line in text.split("\n"):
            yield f"  {ink(safe_text(line), colour)}"
    if message.error is not None:
        words = f"error: {message.error.type}: {message.error.message}"
        yield f"  {ink(safe_text(words), 'red', bold=True)}"
    if message.stop_reason is not None:
        yield f"  {_stop_reason(message.stop_reason, ink)}"


def finding_line(finding: Finding, ink: Ink) -> str:
    """One finding: code, level, what the rule says, what was found, and what to do."""
    rule = finding.rule
    where = "" if finding.event is None else f" (event {finding.event})"
    head = ink(f"  {rule.code} {rule.level}", _LEVEL_COLOURS[rule.level], bold=True)
    advice = ink(f"\n         {rule.advice}", dim=True)
    return f"{head}  {rule.title}{where}: {safe_text(finding.detail)}{advice}"


def gap_bar(gap: float) -> str:
    """A bar of BAR_CELLS cells on a logarithmic scale from 1 ms to 10 s."""
    if gap < 0.001:
        return " " * BAR_CELLS
    eighths = round(min(1.0, (log10(gap) + 3) / 4) * BAR_CELLS * 8)
    full, rest = divmod(eighths, 8)
    return (_FULL * full + (_EIGHTHS[rest] if rest else "")).ljust(BAR_CELLS)


def _verdict_text(verdict: Verdict, ink: Ink) -> str:
    colour = _OUTCOME_COLOURS[verdict.outcome]
    return ink(f"{verdict.sign} {safe_text(verdict.headline)}", colour, bold=True)


def _payload(event: Event, ink: Ink) -> str:
    if event.stop_reason is not None:
        return f"{_stop_reason(event.stop_reason, ink)}  {safe_text(event.text)}"
    text = safe_text(event.text, max_length=4096)
    if event.kind in TOKEN_KINDS:
        shown = f"“{text}”" if event.kind is EventKind.TEXT else f"{event.kind} “{text}”"
        return ink(shown, _KIND_COLOURS[event.kind], bold=event.kind is EventKind.TEXT)
    return ink(text, _KIND_COLOURS.get(event.kind), dim=event.kind in _DIM_KINDS)


def _stop_reason(reason: str, ink: Ink) -> str:
    return ink(f"◀ stop_reason: {safe_text(reason)} ", "yellow", bold=True, reverse=True).rstrip()


def _part(part: Part) -> tuple[str, str, str | None]:
    match part:
        case Text(text=text):
            return "text", text, "green"
        case Refusal(text=text):
            return "refusal", text, "yellow"
        case Thinking(text=text):
            return "thinking", text, "magenta"
        case ToolCall(name=name, arguments=arguments):
            valid = "" if part.arguments_are_valid else " (not valid JSON)"
            return f"tool call {safe_text(name)}{valid}", arguments, "blue"
        case OtherPart(type=type_, content=content):
            return safe_text(type_), content, None
