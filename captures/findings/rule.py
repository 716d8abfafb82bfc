"""A rule, and a finding: one rule met in one exchange."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of finding."""

    code: str
    level: Level
    title: str
    advice: str
    may_be_a_gap: bool = False
    """Whether a healthy stream looks like this when bytes of it were not recorded."""
    once: bool = False
    """Whether a stream is told of it at the first event alone, with a count at the end."""
    stands_for: frozenset[str] = frozenset()
    """Codes of the rules that the same event breaks for the same cause, and that are not told."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule met in one exchange."""

    rule: Rule
    detail: str
    """What was found, in one line. Peer text in it is not yet made safe for a terminal."""
    event: int | None = None
    """Index of the event it speaks of."""
    offset: int | None = None
    """Byte offset in the decoded body it speaks of."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """A rule an event breaks, before the fold knows which event of the exchange it is."""

    rule: Rule
    detail: str


@dataclass(frozen=True, slots=True)
class AnswerRules:
    """The rules that every protocol has whose events add up to one answer."""

    error: Rule
    no_end: Rule
    after_end: Rule
    cut_by_limit: Rule | None = None
    """None where the protocol has no word for it."""
    stopped: Rule | None = None
    """None where the protocol has no word for it."""
    arguments_invalid: Rule | None = None
    """None where the protocol has no tool calls."""


def explained_by(complaints: tuple[Complaint, ...]) -> frozenset[str]:
    """Codes of the rules that these complaints about one event stand for."""
    return frozenset[str]().union(*(entry.rule.stands_for for entry in complaints))


def root_causes(complaints: tuple[Complaint, ...]) -> tuple[Complaint, ...]:
    """The complaints about one event without those that another one stands for."""
    explained = explained_by(complaints)
    return tuple(entry for entry in complaints if entry.rule.code not in explained)
