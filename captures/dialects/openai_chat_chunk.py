"""What one chunk of a Chat Completions stream adds to the message."""

from __future__ import annotations

from dataclasses import dataclass, field

from captures.dialects.base import EventKind
from captures.findings.rule import Rule

_ADDING_KINDS = frozenset({EventKind.TEXT, EventKind.THINKING, EventKind.TOOL})


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of one choice, and the field it stood in."""

    kind: EventKind
    name: str
    text: str

    @property
    def adds(self) -> bool:
        """Whether it makes the answer longer."""
        return self.kind in _ADDING_KINDS and bool(self.text)


@dataclass(slots=True)
class ChunkContent:
    """What one chunk adds. Mutable; filled choice by choice."""

    deltas: list[Delta] = field(default_factory=list)
    finish_reason: str | None = None
    has_usage: bool = False
    wrong: list[tuple[Rule, str]] = field(default_factory=list)
    """The rules it breaks, each with what was found."""

    def add(self, kind: EventKind, name: str, text: str) -> None:
        """Takes a piece."""
        self.deltas.append(Delta(kind, name, text))

    def complain(self, rule: Rule, detail: str) -> None:
        """Takes what is wrong with the chunk."""
        self.wrong.append((rule, detail))
