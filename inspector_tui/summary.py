"""What the list shows of an exchange: a frozen value, small enough to keep for thousands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from captures.exchange import Exchange
from captures.findings.rule import Level, Rule
from captures.store import SUFFIX
from captures.verdict import Outcome, Verdict, verdict_of


@dataclass(frozen=True, slots=True)
class Summary:
    """One exchange in the list. Its texts are the peer's and not yet safe for a terminal."""

    path: Path
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
    stop_reason: str = ""
    """The provider's word; empty where it has not come."""
    rules: tuple[Rule, ...] = ()
    """The rules its findings are of, each once."""
    haystack: str = ""
    """What a filter looks in, in lower case."""

    @property
    def name(self) -> str:
        """The name of the capture file without its suffix."""
        return self.path.name.removesuffix(SUFFIX)

    @property
    def worst(self) -> Level | None:
        """The worst level among its findings."""
        levels = {rule.level for rule in self.rules}
        return next((level for level in Level if level in levels), None)

    def lasting(self, now: datetime) -> float:
        """Seconds it took; of a live exchange until now."""
        if not self.live or self.started is None:
            return self.duration
        return max(self.duration, (now - self.started).total_seconds())

    @property
    def live(self) -> bool:
        """Whether more may come."""
        return self.verdict is not None and self.verdict.outcome is Outcome.LIVE


def unread(path: Path) -> Summary:
    """The summary of a capture that has not been read yet."""
    return Summary(path, haystack=path.name.lower())


def unreadable(path: Path, problem: str) -> Summary:
    """The summary of a file that is no capture."""
    words = problem.removeprefix(f"{path} is ").replace(str(path), path.name)
    return Summary(path, problem=words, haystack=f"{path.name} {words}".lower())


def summary_of(path: Path, exchange: Exchange) -> Summary:
    """The summary of an exchange as far as it has come."""
    verdict = verdict_of(exchange)
    timing = exchange.timing()
    request = exchange.request
    message = exchange.message()
    last = exchange.events[-1].frame.last_time if exchange.events else timing.first_byte
    duration = timing.total if timing.total is not None else last or timing.head or 0.0
    words = (request.method, request.path, message.model, verdict.headline, path.name)
    return Summary(
        path=path,
        verdict=verdict,
        started=started_at(request.started),
        method=request.method,
        target=request.path,
        model=message.model,
        stop_reason=message.stop_reason or "",
        status=exchange.head.status if exchange.head else None,
        duration=duration,
        size=exchange.body.size,
        events=len(exchange.events),
        rules=tuple(dict.fromkeys(finding.rule for finding in exchange.findings)),
        haystack=" ".join(words).lower(),
    )


def started_at(text: str) -> datetime | None:
    """The time a capture began, or None where it holds no such time."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
