"""``ssescope explain``: what happened in one stream, in ten plain lines. No model is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click

from captures.answers import Answer, answers_of
from captures.chunk_map import chunk_map_of
from captures.exchange import Exchange
from captures.message import Message, OtherPart, Part, Refusal, Text, Thinking, ToolCall
from captures.records import End
from captures.verdict import verdict_of
from inspector_tui.safe import safe_text
from ssescope.chunk_report import chunk_map_line
from ssescope.exits import Exit
from ssescope.json_report import exchange_fields
from ssescope.leave_report import leave_line
from ssescope.lint import failed
from ssescope.report import proof
from ssescope.sources import source

MAX_FINDINGS = 3
"""Findings told one by one; the rest is counted."""


def run_explain(argument: str | None, folder: Path, as_json: bool, fail_on: str) -> Exit:
    """Prints what happened in the stream that was named; returns the exit code."""
    exchange = source(argument, folder).exchange
    lines = [_sentence(safe_text(line)) for line in explained(exchange)]
    if as_json:
        fields = exchange_fields(exchange)
        click.echo(json.dumps({"lines": lines, "findings": fields["findings"]}, indent=2))
    else:
        for line in lines:
            click.echo(line)
    return failed(exchange.findings, fail_on)


def explained(exchange: Exchange) -> Iterator[str]:
    """What happened, a line each. Peer text in it is not yet made safe for a terminal."""
    verdict = verdict_of(exchange)
    yield f"Verdict: {verdict.sign} {verdict.headline}"
    yield _asked(exchange)
    yield _answered(exchange)
    yield _timed(exchange)
    if exchange.is_timed and exchange.events:
        yield _waited(exchange)
    if (chunk_map := chunk_map_of(exchange)) is not None and exchange.events:
        yield f"Chunks: {chunk_map_line(chunk_map)}"
    for answer in answers_of(exchange):
        yield _said(answer)
        yield _stopped(exchange, answer.message)
    if exchange.leave is not None:
        yield f"Client: {leave_line(exchange.leave)}"
    if exchange.is_timed and exchange.end is not None:
        yield _delivered(exchange.end)
    yield from _found(exchange)


def _sentence(line: str) -> str:
    """Peer words may end in a full stop of their own."""
    return line if line.endswith((".", "!", "?")) else f"{line}."


def _asked(exchange: Exchange) -> str:
    request = exchange.request
    if not exchange.is_timed:
        return f"Source: the body {request.id}, saved without its request and its times"
    asked = f"{request.method} {request.path} at {request.upstream}"
    return f"Request: {asked}, {exchange.request_size:,} bytes, at {request.started}"


def _answered(exchange: Exchange) -> str:
    head = exchange.head
    if head is None:
        return "Answer: no response head came"
    protocol = exchange.dialect.name if exchange.dialect else exchange.content_type or "no type"
    counts = [f"{exchange.body.size:,} bytes"]
    if exchange.is_stream and not exchange.is_timed:
        counts.append(f"{len(exchange.events):,} events")
    status = f"HTTP {head.status} {head.reason}".rstrip()
    return f"Answer: {status}, {protocol}, {', '.join(counts)}"


def _timed(exchange: Exchange) -> str:
    if not exchange.is_timed:
        return "Times: none were recorded"
    timing = exchange.timing()
    known = [
        f"{name} after {seconds:.3f} s"
        for name, seconds in (
            ("the head", timing.head),
            ("the first event", timing.first_event),
            ("the first token", timing.first_token),
            ("the first visible text", timing.first_text),
            ("the end", timing.total),
        )
        if seconds is not None
    ]
    return f"Times: {', '.join(known) or 'nothing came'}"


def _waited(exchange: Exchange) -> str:
    timing = exchange.timing()
    words = [f"the longest gap was {timing.longest_gap:.3f} s"]
    if timing.longest_gap_event is not None:
        words = [f"{words[0]} before event {timing.longest_gap_event}"]
    if timing.tokens_per_second is not None:
        words.append(f"{timing.tokens_per_second:.1f} tokens/s")
    if timing.wait_saved:
        words.append(f"streaming saved {timing.wait_saved:.3f} s of waiting for the first word")
    return f"Pace: {', '.join(words)}"


def _said(answer: Answer) -> str:
    message = answer.message
    words = ", ".join(_part(part) for part in message.parts) or "nothing"
    label = f" ({answer.label})" if answer.label else ""
    model = f" by {message.model}" if message.model else ""
    return f"Message{label}{model}: {words}"


def _part(part: Part) -> str:
    match part:
        case Text(text=text):
            return f"text of {len(text):,} characters"
        case Thinking(text=text):
            return f"thinking of {len(text):,} characters"
        case Refusal(text=text):
            return f"refusal of {len(text):,} characters"
        case ToolCall(name=name):
            state = "valid" if part.arguments_are_valid else "not valid"
            return f"tool call {name} with arguments that are {state} JSON"
        case OtherPart(type=type_):
            return type_


def _stopped(exchange: Exchange, message: Message) -> str:
    usage = message.usage
    tokens = [
        f"{count:,} {name}"
        for name, count in (
            ("input tokens", usage.input_tokens),
            ("output tokens", usage.output_tokens),
        )
        if count is not None
    ]
    told = ", ".join(tokens) or "no usage was told"
    if message.error is not None:
        return f"Stop: an error, {message.error.type}: {message.error.message}; {told}"
    if message.stop_reason is None:
        return f"Stop: no stop reason came; {told}"
    time = exchange.timing().stop_reason
    when = f" at {time:.3f} s" if exchange.is_timed and time is not None else ""
    kind = f" ({message.stop_kind})" if message.stop_kind != message.stop_reason else ""
    return f"Stop: {message.stop_reason}{kind}{when}; {told}"


def _delivered(end: End) -> str:
    why = f" ({end.why})" if end.why else ""
    return f"Connection: {end.how.value.replace('_', ' ')}{why}; {proof(end)}"


def _found(exchange: Exchange) -> Iterator[str]:
    if not exchange.findings:
        yield "Findings: none"
    for finding in exchange.findings[:MAX_FINDINGS]:
        where = "" if finding.event is None else f" at event {finding.event}"
        rule = finding.rule
        yield f"Finding {rule.code} ({rule.level}){where}: {rule.title}: {finding.detail}"
    if len(exchange.findings) > MAX_FINDINGS:
        yield f"And {len(exchange.findings) - MAX_FINDINGS} more findings"
