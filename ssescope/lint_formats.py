"""Findings in the formats that people and build servers read. Pure.

SARIF 2.1.0 (OASIS), the JUnit XML that build servers share, and GitHub's workflow commands.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import quoteattr

from captures.findings.rule import Finding, Level, Rule
from inspector_tui.safe import safe_text

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

_SARIF_LEVELS = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "note"}
_GITHUB_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "notice"}


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding and the stream it was found in."""

    name: str
    """Path of the capture or the saved body, or ``-``."""
    finding: Finding

    @property
    def place(self) -> str:
        """Where in the stream, in words; empty where it is the stream as a whole."""
        event, offset = self.finding.event, self.finding.offset
        words = [] if event is None else [f"event {event}"]
        if offset is not None:
            words.append(f"byte {offset}")
        return ", ".join(words)

    @property
    def sentence(self) -> str:
        """What the rule says and what was found, in one line that is safe for a terminal."""
        place = f" ({self.place})" if self.place else ""
        return safe_text(f"{self.finding.rule.title}{place}: {self.finding.detail}")


def as_text(problems: list[Problem]) -> str:
    """A line a finding, as compilers and linters write them, and what to do below."""
    return "".join(
        f"{safe_text(problem.name)}: {problem.finding.rule.code} {problem.finding.rule.level} "
        f"{problem.sentence}\n    {problem.finding.rule.advice}\n"
        for problem in problems
    )


def as_json(problems: list[Problem]) -> str:
    """A list of objects."""
    return _json(
        [
            {
                "path": problem.name,
                "code": problem.finding.rule.code,
                "level": problem.finding.rule.level.value,
                "title": problem.finding.rule.title,
                "detail": problem.finding.detail,
                "advice": problem.finding.rule.advice,
                "event": problem.finding.event,
                "offset": problem.finding.offset,
            }
            for problem in problems
        ]
    )


def as_sarif(problems: list[Problem]) -> str:
    """A SARIF log with one run. The region is a span of bytes where the offset is known."""
    rules = list(dict.fromkeys(problem.finding.rule for problem in problems))
    run = {
        "tool": {"driver": {"name": "ssescope", "rules": [_sarif_rule(rule) for rule in rules]}},
        "results": [_sarif_result(problem, rules) for problem in problems],
    }
    return _json({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]})


def as_junit(problems: list[Problem]) -> str:
    """A suite with a failed test case a finding, or one passed case if there is none."""
    cases = [
        f"  <testcase classname={_attribute(problem.name)} name={_attribute(_case_name(problem))}>"
        f"<failure type={_attribute(problem.finding.rule.code)} "
        f"message={_attribute(problem.sentence)}/></testcase>\n"
        for problem in problems
    ] or ['  <testcase classname="ssescope" name="no findings"/>\n']
    head = f'<testsuite name="ssescope" tests="{len(cases)}" failures="{len(problems)}">\n'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}{"".join(cases)}</testsuite>\n'


def as_github(problems: list[Problem]) -> str:
    """A workflow command a finding, which GitHub shows beside the change."""
    return "".join(
        f"::{_GITHUB_COMMANDS[problem.finding.rule.level]} "
        f"file={_property(problem.name)},title={_property(problem.finding.rule.code)}"
        f"::{_data(problem.sentence)}\n"
        for problem in problems
    )


FORMATS: dict[str, Callable[[list[Problem]], str]] = {
    "text": as_text,
    "json": as_json,
    "sarif": as_sarif,
    "junit": as_junit,
    "github": as_github,
}
"""Every format by its name on the command line."""


def _json(value: Any) -> str:
    """Escapes everything beyond ASCII, so that peer text cannot reach a terminal raw."""
    return json.dumps(value, ensure_ascii=True, indent=2) + "\n"


def _sarif_rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "shortDescription": {"text": rule.title},
        "help": {"text": rule.advice},
        "defaultConfiguration": {"level": _SARIF_LEVELS[rule.level]},
    }


def _sarif_result(problem: Problem, rules: list[Rule]) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": {"uri": problem.name}}
    if problem.finding.offset is not None:
        location["region"] = {"byteOffset": problem.finding.offset, "byteLength": 0}
    return {
        "ruleId": problem.finding.rule.code,
        "ruleIndex": rules.index(problem.finding.rule),
        "level": _SARIF_LEVELS[problem.finding.rule.level],
        "message": {"text": problem.sentence},
        "locations": [{"physicalLocation": location}],
    }


def _case_name(problem: Problem) -> str:
    return " ".join(word for word in (problem.finding.rule.code, problem.place) if word)


def _attribute(text: str) -> str:
    return quoteattr(safe_text(text))


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(safe_text(text)).replace(":", "%3A").replace(",", "%2C")
