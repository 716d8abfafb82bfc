"""Two exchanges held against each other: what was asked, what came, what it said, and when."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields

from captures.dialects.base import Event, EventKind
from captures.exchange import Exchange
from captures.message import Message, Refusal, Text, Thinking, ToolCall
from captures.request_body import Difference, differences
from captures.runs import Run, runs
from captures.timing import Timing

MAX_REQUEST_DIFFERENCES = 200
SMALLEST_EQUAL_EVENTS = 4
"""Fewer equal events between differing ones are the same word by chance."""

_TIMES = ("head", "first_byte", "first_event", "first_token", "first_text", "total")
_WORD = re.compile(r"\s*\S+|\s+")


@dataclass(frozen=True, slots=True)
class Pair:
    """One thing that both exchanges have, as each of them has it."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class TimePair:
    """One time of both exchanges in seconds; None where it never came."""

    name: str
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class WordRun:
    """A stretch of what the messages say, equal or not."""

    equal: bool
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two exchanges."""

    request: tuple[Difference, ...]
    """Places in the request bodies, MAX_REQUEST_DIFFERENCES at most."""
    facts: tuple[Pair, ...]
    """What differs of request line, status, model, stop reason, usage and ending."""
    events: tuple[Run, ...]
    """All events of both, in runs that are equal or not; times do not count."""
    words: tuple[WordRun, ...]
    """What the messages say, word by word."""
    times: tuple[TimePair, ...]
    """Always there, since no two exchanges have the same; empty if one has none."""

    @property
    def is_same(self) -> bool:
        """Whether both asked the same and got the same, whenever it came."""
        events_alike = all(run.equal for run in self.events)
        words_alike = all(run.equal for run in self.words)
        return events_alike and words_alike and not self.request and not self.facts


def compare(before: Exchange, after: Exchange) -> Comparison:
    """Everything that differs between two exchanges."""
    return Comparison(
        request=differences(before.request_body, after.request_body, most=MAX_REQUEST_DIFFERENCES),
        facts=tuple(pair for pair in _facts(before, after) if pair.before != pair.after),
        events=tuple(
            runs(
                [_key(event) for event in before.events],
                [_key(event) for event in after.events],
                SMALLEST_EQUAL_EVENTS,
            )
        ),
        words=_words(said(before.message()), said(after.message())),
        times=_times(before, after),
    )


def said(message: Message) -> str:
    """All that the model wrote, part by part: text, thinking, refusals and tool calls."""
    told = []
    for part in message.parts:
        match part:
            case Text(text=text) | Thinking(text=text) | Refusal(text=text):
                told.append(text)
            case ToolCall(name=name, arguments=arguments):
                told.append(f"{name}({arguments})")
    return "\n".join(told)


def _key(event: Event) -> tuple[str, ...]:
    """What makes two events the same: identifiers and times within them do not count."""
    if event.kind in {EventKind.START, EventKind.PING, EventKind.COMMENT}:
        return (event.kind.value, event.type)
    return (event.kind.value, event.type, event.text, event.stop_reason or "")


def _facts(before: Exchange, after: Exchange) -> list[Pair]:
    found = [
        Pair(name, one, other)
        for (name, one), (_, other) in zip(_told(before), _told(after), strict=True)
    ]
    mine, theirs = before.message().usage, after.message().usage
    for field in fields(mine):
        one, other = getattr(mine, field.name), getattr(theirs, field.name)
        found.append(Pair(field.name.replace("_", " "), _number(one), _number(other)))
    return found


def _told(exchange: Exchange) -> list[tuple[str, str]]:
    message, head, end = exchange.message(), exchange.head, exchange.end
    error = message.error
    return [
        ("method", exchange.request.method),
        ("path", exchange.request.path),
        ("upstream", exchange.request.upstream),
        ("status", "" if head is None else str(head.status)),
        ("protocol", exchange.dialect.name if exchange.dialect else ""),
        ("model", message.model),
        ("stop reason", message.stop_reason or ""),
        ("error", "" if error is None else f"{error.type}: {error.message}"),
        ("ending", "" if end is None else end.how.value),
        ("findings", ", ".join(finding.rule.code for finding in exchange.findings)),
    ]


def _words(before: str, after: str) -> tuple[WordRun, ...]:
    mine, theirs = _WORD.findall(before), _WORD.findall(after)
    return tuple(
        WordRun(run.equal, "".join(mine[slice(*run.before)]), "".join(theirs[slice(*run.after)]))
        for run in runs(mine, theirs)
    )


def _times(before: Exchange, after: Exchange) -> tuple[TimePair, ...]:
    if not (before.is_timed and after.is_timed):
        return ()
    mine, theirs = before.timing(), after.timing()
    named = [
        TimePair(name.replace("_", " "), getattr(mine, name), getattr(theirs, name))
        for name in _TIMES
    ]
    return (*named, TimePair("longest gap", _gap(mine), _gap(theirs)))


def _gap(timing: Timing) -> float | None:
    return None if timing.longest_gap_event is None else timing.longest_gap


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"
