"""The filter of the list: what the user types, and which exchanges it lets pass. Pure.

Terms stand between blanks and all of them must hold. A term is a word, looked for in method,
path, model, verdict and file name; a field such as ``model:opus`` or ``status:5xx``; or a
comparison such as ``>5s`` or ``events>100``. ``-`` before it turns it round, and what stands
between double quotes is one term with its blanks. Letter case never counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from inspector_tui.filter_terms import (
    FIELD_NAMES,
    Present,
    Test,
    UnfinishedTermError,
    comparison,
    named,
    word,
)
from inspector_tui.summary import Summary

EXAMPLES = (
    "words",
    "model:opus",
    "status:5xx",
    "finding:ANT",
    "stop:max_tokens",
    ">5s",
    ">1MB",
    "events>100",
    "is:live",
    "-not",
)
"""The language in one line, as it is shown while the filter is typed."""

LANGUAGE = (
    ("words", "all of them in method, path, model, verdict or file name"),
    ("model: path:", "a part of it; so has stop:, the stop reason"),
    ("method:", "its beginning"),
    ("status:", "529, 5xx or a comparison, status>=500"),
    ("finding:", "the beginning of a code, ANT; error, warning, info; any"),
    ("is:", "live complete cut left broken incomplete error unread marked"),
    (">5s <200ms", "how long it took"),
    (">1MB", "size of the body; events>100 their number"),
    ('- "a b"', "turns a term round; a term with blanks in it"),
)
"""The language, term by term, for the help."""

_TERM = re.compile(r'(?:"[^"]*"?|[^\s"])+')


@dataclass(frozen=True, slots=True)
class Term:
    """One term."""

    test: Test
    wanted: bool = True
    """Whether what it asks for must hold, or must not."""
    word: str = ""
    """What a plain word looks for; empty for any other term."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What the listed exchanges have in common."""

    text: str = ""
    """As it was typed."""
    terms: tuple[Term, ...] = ()
    problem: str = ""
    """What is unfinished or wrong about the first term that is, and what is expected there. The
    other terms hold all the same. It quotes the user, and is not yet safe for a terminal."""

    def matches(self, summary: Summary, present: Present) -> bool:
        """Whether an exchange passes."""
        return all(term.test(summary, present) is term.wanted for term in self.terms)

    def select(self, summaries: Iterable[Summary], present: Present) -> list[Summary]:
        """Those that pass, in their order. Of 100,000 it takes a few hundredths of a second."""
        selected = list(summaries)
        for term in self.terms:
            test, wanted, text = term.test, term.wanted, term.word
            if text:
                selected = [
                    summary
                    for summary in selected
                    if (text in summary.words or text in summary.file.lower()) is wanted
                ]
            else:
                selected = [summary for summary in selected if test(summary, present) is wanted]
        return selected

    def select_unread(self, names: Iterable[str], present: Present) -> list[str]:
        """Of captures that were not read yet those that pass, by the names of their files."""
        alike = Summary(Path(), "")
        if not all(
            term.test(alike, present) is term.wanted for term in self.terms if not term.word
        ):
            return []
        selected = list(names)
        for term in self.terms:
            text, wanted = term.word, term.wanted
            if text:
                selected = [name for name in selected if (text in name.lower()) is wanted]
        return selected


def parse(text: str) -> Filter:
    """The filter of a text. Never raises: what cannot be used is told, and left out."""
    terms: list[Term] = []
    problem = ""
    for found in _TERM.finditer(text):
        written = found.group()
        is_turned = written.startswith("-")
        bare = written.removeprefix("-")
        asked = bare.replace('"', "").lower()
        if not asked:
            continue
        try:
            term, doubt = _term(asked, is_quoted=bare.startswith('"'))
        except UnfinishedTermError as error:
            problem = problem or f"{written}: expected {error}"
            continue
        problem = problem or doubt
        terms.append(replace(term, wanted=not is_turned))
    return Filter(text, tuple(terms), problem)


def _term(asked: str, *, is_quoted: bool) -> tuple[Term, str]:
    """What a term asks, and what is doubtful about it.

    Raises:
        UnfinishedTermError: it cannot be used.
    """
    plain = Term(word(asked), word=asked)
    if is_quoted:
        return plain, ""
    name, colon, value = asked.partition(":")
    if colon:
        try:
            return Term(named(name, value)), ""
        except KeyError:
            names = ", ".join(f"{each}:" for each in FIELD_NAMES)
            return plain, f"{name}: is no field and taken as a word; fields are {names}"
    compared = comparison(asked)
    return (Term(compared) if compared else plain), ""
