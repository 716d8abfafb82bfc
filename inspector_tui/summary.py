"""What the list shows of an exchange: a frozen value, small enough to keep for 100,000 captures."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from captures.exchange import Exchange
from captures.findings.rule import Level, Rule
from captures.request_identity import RequestIdentity, identity_of
from captures.store import SUFFIX
from captures.verdict import Outcome, Verdict, verdict_of

MAX_TEXT = 400
"""Characters kept of a text that a peer may make as long as it likes."""

NO_IDENTITY = RequestIdentity()
_WORST_FIRST = tuple(Level)
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Summary:
    """One exchange in the list. Its texts are the peer's and not yet safe for a terminal."""

    folder: Path
    """Where its capture file lies."""
    file: str
    """The name of that file."""
    verdict: Verdict | None = None
    """None until the capture has been read, and where it cannot be."""
    problem: str = ""
    """Why the file is no readable capture; empty if it is one."""
    started: datetime | None = None
    """Wall-clock time of the request, with its time zone."""
    method: str = ""
    target: str = ""
    model: str = ""
    status: int | None = None
    duration: float = 0.0
    """Seconds to the terminal event or the end; of a live exchange to its newest event."""
    size: int = 0
    """Bytes of the decoded body."""
    events: int = 0
    tokens_per_second: float | None = None
    stop_reason: str = ""
    """The provider's word; empty where it has not come."""
    rules: tuple[Rule, ...] = ()
    """The rules its findings are of, each once."""
    identity: RequestIdentity = NO_IDENTITY
    """What its request is known by; of a live exchange as soon as the answer begins."""
    words: str = ""
    """What a filter looks in beside the name of the file, in lower case; the note at its end."""
    annotation: str = ""
    """The beginning of the user's own note."""

    @property
    def path(self) -> Path:
        """The capture file."""
        return self.folder / self.file

    @property
    def name(self) -> str:
        """The name of the capture file without its suffix."""
        return self.file.removesuffix(SUFFIX)

    @property
    def live(self) -> bool:
        """Whether more may come."""
        return self.verdict is not None and self.verdict.outcome is Outcome.LIVE

    @property
    def unread(self) -> bool:
        """Whether nothing is known yet but the name."""
        return self.verdict is None and not self.problem

    @property
    def worst(self) -> Level | None:
        """The worst level among its findings."""
        for level in _WORST_FIRST if self.rules else ():
            if any(rule.level is level for rule in self.rules):
                return level
        return None

    def lasting(self, now: datetime) -> float:
        """Seconds it took; of a live exchange until now."""
        if not self.live or self.started is None:
            return self.duration
        return max(self.duration, (now - self.started).total_seconds())


def unread(path: Path) -> Summary:
    """The summary of a capture that has not been read yet."""
    return Summary(path.parent, path.name)


def unreadable(path: Path, problem: str) -> Summary:
    """The summary of a file that is no capture."""
    said = problem.removeprefix(f"{path} is ").replace(str(path), path.name)
    return Summary(path.parent, path.name, problem=said, words=said.lower())


def summary_of(path: Path, exchange: Exchange, before: Summary | None = None) -> Summary:
    """The summary of an exchange as far as it has come.

    Args:
        path: the capture file.
        exchange: what has been read of it.
        before: its summary from when it had come less far, if there is one.
    """
    verdict = verdict_of(exchange)
    timing = exchange.timing()
    request = exchange.request
    message = exchange.message()
    last = exchange.events[-1].frame.last_time if exchange.events else timing.first_byte
    duration = timing.total if timing.total is not None else last or timing.head or 0.0
    method, target, model = _text(request.method), _text(request.path), _text(message.model)
    headline = _text(verdict.headline)
    return Summary(
        folder=path.parent,
        file=path.name,
        verdict=_shared(Verdict(verdict.outcome, headline)),
        started=started_at(request.started),
        method=method,
        target=target,
        model=model,
        status=_shared(exchange.head.status) if exchange.head else None,
        duration=duration,
        size=exchange.body.size,
        events=len(exchange.events),
        tokens_per_second=timing.tokens_per_second,
        stop_reason=_text(message.stop_reason or ""),
        rules=_shared(tuple(dict.fromkeys(finding.rule for finding in exchange.findings))),
        identity=_identity(exchange, before),
        words=sys.intern(f"{method} {target} {model} {headline}".lower()),
    )


def with_annotation(summary: Summary, annotation: str) -> Summary:
    """The same summary with this note of the user's."""
    kept = annotation[:MAX_TEXT]
    if kept == summary.annotation:
        return summary
    others = summary.words.removesuffix(_of_note(summary.annotation))
    return replace(summary, annotation=kept, words=others + _of_note(kept))


def _identity(exchange: Exchange, before: Summary | None) -> RequestIdentity:
    """What the request is known by. While its answer is running it is looked at once."""
    if exchange.live:
        if exchange.head is None:
            return NO_IDENTITY
        if before is not None and before.identity != NO_IDENTITY:
            return before.identity
    return identity_of(exchange)


def started_at(text: str) -> datetime | None:
    """The time a capture began, or None where it holds no such time."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _text(text: str) -> str:
    """A text that many captures have, kept once and not at any length."""
    return sys.intern(text[:MAX_TEXT])


@lru_cache(maxsize=1024)
def _shared(value: _Value) -> _Value:
    """A value that many captures have, kept once."""
    return value


def _of_note(annotation: str) -> str:
    return f" {annotation.lower()}" if annotation else ""
