"""``ssescope lint``: the findings of many streams, and an exit code that tells if any count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from captures.exchange import Exchange
from captures.findings.catalogue import RULES
from captures.findings.rule import Finding, Level, Rule
from captures.store import CaptureError
from inspector_tui.safe import safe_text
from ssescope.exits import Exit, fail
from ssescope.lint_formats import FORMATS, Problem
from ssescope.sources import sources

LEVELS = (Level.INFO, Level.WARNING, Level.ERROR)
"""From the mildest to the worst."""

NEVER = "never"
"""In place of a level: no finding makes a command fail."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rules are looked at, by their codes or the beginnings of them."""

    select: tuple[str, ...] = ()
    """Empty selects every rule."""
    ignore: tuple[str, ...] = ()

    def takes(self, rule: Rule) -> bool:
        """Whether this rule is looked at. A longer beginning outweighs a shorter one."""
        chosen = _longest(self.select, rule) if self.select else 0
        return chosen > _longest(self.ignore, rule)


@dataclass(frozen=True, slots=True)
class LintOptions:
    """What was asked for on the command line."""

    paths: tuple[str, ...]
    selection: Selection
    format: str
    fail_on: str
    """A level, or NEVER."""
    folder: Path


def run_lint(options: LintOptions) -> Exit:
    """Prints the findings of all streams that were named; returns the exit code."""
    _check_codes((*options.selection.select, *options.selection.ignore))
    problems: list[Problem] = []
    unreadable = count = 0
    for found in sources(options.paths, options.folder):
        if isinstance(found, CaptureError):
            unreadable += 1
            click.echo(f"ssescope: {safe_text(str(found))}", err=True)
            continue
        count += 1
        problems += problems_of(found.name, found.exchange, options.selection)
    click.echo(FORMATS[options.format](problems), nl=False)
    if options.format == "text":
        click.echo(_summary(problems, count), err=True)
    if unreadable:
        return Exit.CAPTURE_INVALID
    return failed(problems, options.fail_on)


def problems_of(name: str, exchange: Exchange, selection: Selection) -> Iterator[Problem]:
    """The findings of an exchange that the selection takes, with where they were found."""
    for finding in exchange.findings:
        if selection.takes(finding.rule):
            yield Problem(name, finding)


def failed(problems: Iterable[Problem | Finding], fail_on: str) -> Exit:
    """FINDINGS if one is at least as bad as this level, FINE otherwise."""
    if fail_on == NEVER:
        return Exit.FINE
    worst = LEVELS.index(Level(fail_on))
    found = (item.finding if isinstance(item, Problem) else item for item in problems)
    is_bad = any(LEVELS.index(finding.rule.level) >= worst for finding in found)
    return Exit.FINDINGS if is_bad else Exit.FINE


def _longest(codes: tuple[str, ...], rule: Rule) -> int:
    """Length of the longest of these beginnings of the rule's code; -1 if none is one."""
    return max((len(code) for code in codes if rule.code.startswith(code)), default=-1)


def _check_codes(codes: Iterable[str]) -> None:
    """Ends with one line if a code is the beginning of none: a misspelt one would hide nothing."""
    for code in codes:
        if not code or not any(rule.code.startswith(code) for rule in RULES):
            known = ", ".join(dict.fromkeys(rule.code[:3] for rule in RULES))
            fail(Exit.USAGE, f"no rule begins with {code!r}; the families are {known}")


def _summary(problems: list[Problem], count: int) -> str:
    streams = "1 stream" if count == 1 else f"{count} streams"
    if not problems:
        return f"{streams}, no findings"
    levels = [problem.finding.rule.level for problem in problems]
    words = [f"{levels.count(level)} {level}" for level in reversed(LEVELS) if level in levels]
    findings = "1 finding" if len(problems) == 1 else f"{len(problems)} findings"
    return f"{streams}, {findings}: {', '.join(words)}"
