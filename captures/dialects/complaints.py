"""What a dialect finds wrong with the event at hand."""

from __future__ import annotations

from captures.findings.rule import Complaint, Rule

MAX_DETAIL = 300
"""Characters of a detail: one line, however long the peer's words are."""


class Complaints:
    """The complaints about one event after the other. Mutable."""

    def __init__(self) -> None:
        self._found: list[Complaint] = []
        self._told: set[Rule] = set()

    def add(self, rule: Rule, detail: str) -> None:
        """Complains, whether or not it did before."""
        self._found.append(complaint(rule, detail))

    def once(self, rule: Rule, detail: str) -> None:
        """Complains, unless it did so before in this stream: what is wrong throughout is one."""
        if rule not in self._told:
            self._told.add(rule)
            self.add(rule, detail)

    def take(self) -> tuple[Complaint, ...]:
        """What was found since the last time this was asked."""
        found, self._found = tuple(self._found), []
        return found


def complaint(rule: Rule, detail: str) -> Complaint:
    """A complaint whose detail is one line."""
    line = " ".join(detail.split("\n"))
    return Complaint(rule, line if len(line) <= MAX_DETAIL else f"{line[: MAX_DETAIL - 1]}…")
