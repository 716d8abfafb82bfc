"""The findings of one exchange as they are met."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from captures.findings.rule import Finding


class CollectedFindings:
    """Keeps the findings of one exchange in the order they were met. Mutable."""

    def __init__(self) -> None:
        self.found: list[Finding] = []
        self._met: Counter[str] = Counter()

    def add(self, finding: Finding) -> None:
        """Takes a finding; one whose rule is told once is counted from the second on."""
        self._met[finding.rule.code] += 1
        if not finding.rule.once or self._met[finding.rule.code] == 1:
            self.found.append(finding)

    def close(self) -> None:
        """Adds to what was told once how many events it speaks of. Called once, at the end."""
        self.found[:] = [
            replace(finding, detail=f"{finding.detail} ({count:,} events in all)")
            if finding.rule.once and (count := self._met[finding.rule.code]) > 1
            else finding
            for finding in self.found
        ]
