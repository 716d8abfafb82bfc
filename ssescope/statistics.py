"""Percentiles over many exchanges, by model and upstream. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import ceil
from urllib.parse import urlsplit

from captures.exchange import Exchange
from captures.timing import Timing
from captures.verdict import Outcome, verdict_of

MEASURES = ("head", "first_byte", "first_event", "first_token", "first_text", "total")
"""Times of an exchange in seconds, by their names in captures.timing.Timing."""


@dataclass(frozen=True, slots=True, order=True)
class Group:
    """What the exchanges of a group have in common. Empty where they were not told apart by it."""

    upstream: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class Spread:
    """How one measure is spread: nearest-rank percentiles, so each is a value that was measured."""

    count: int
    p50: float
    p95: float
    p99: float
    maximum: float


@dataclass(slots=True)
class GroupFigures:
    """The figures of one group. Mutable; grown by collect alone."""

    exchanges: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    stop_reasons: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    values: dict[str, list[float]] = field(default_factory=dict)

    def spread(self, measure: str) -> Spread | None:
        """How a measure is spread over the group; None where no exchange had it."""
        values = sorted(self.values.get(measure, ()))
        if not values:
            return None
        p50, p95, p99 = (percentile(values, rank) for rank in (50, 95, 99))
        return Spread(len(values), p50, p95, p99, values[-1])

    @property
    def measures(self) -> tuple[str, ...]:
        """The names of the measures that some exchange had."""
        return tuple(self.values)


def collect(
    exchanges: Iterable[Exchange], *, by_model: bool = True, by_upstream: bool = True
) -> dict[Group, GroupFigures]:
    """The figures of every group, in the order of the groups."""
    groups: dict[Group, GroupFigures] = {}
    for exchange in exchanges:
        message = exchange.message()
        group = Group(
            urlsplit(exchange.request.upstream).netloc if by_upstream else "",
            message.model if by_model else "",
        )
        _take(groups.setdefault(group, GroupFigures()), exchange, message.stop_reason)
    return dict(sorted(groups.items()))


def percentile(ascending: list[float], rank: int) -> float:
    """The smallest value that at least ``rank`` percent of the values do not exceed."""
    return ascending[max(0, ceil(len(ascending) * rank / 100) - 1)]


def _take(figures: GroupFigures, exchange: Exchange, stop_reason: str | None) -> None:
    figures.exchanges += 1
    figures.outcomes[verdict_of(exchange).outcome] += 1
    if stop_reason is not None:
        figures.stop_reasons[stop_reason] += 1
    figures.findings.update({finding.rule.code for finding in exchange.findings})
    if not exchange.is_timed:
        return
    for measure, value in _measured(exchange.timing()).items():
        if value is not None:
            figures.values.setdefault(measure, []).append(value)


def _measured(timing: Timing) -> dict[str, float | None]:
    times: dict[str, float | None] = {name: getattr(timing, name) for name in MEASURES}
    has_events = timing.longest_gap_event is not None
    return {
        **times,
        "longest_gap": timing.longest_gap if has_events else None,
        "wait_saved": timing.wait_saved,
        "tokens_per_second": timing.tokens_per_second,
    }
