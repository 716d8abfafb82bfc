"""The terms of the list's filter: what one word of it asks of an exchange. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import datetime
from operator import eq, ge, gt, le, lt

from captures.findings.rule import Level
from captures.verdict import Outcome
from inspector_tui.summary import Summary


@dataclass(frozen=True, slots=True)
class Present:
    """What a filter asks of beside the exchange itself."""

    now: datetime
    """The present, which tells how long a live exchange has been running."""
    marked: Container[str] = ()
    """The capture files that the user marked."""


Test = Callable[[Summary, Present], bool]
"""Whether an exchange is what a term asks for."""

STATES = {
    "live": Outcome.LIVE,
    "complete": Outcome.COMPLETE,
    "cut": Outcome.CUT_OFF,
    "left": Outcome.CLIENT_LEFT,
    "broken": Outcome.BROKEN,
    "incomplete": Outcome.INCOMPLETE,
    "error": Outcome.ERROR,
}
"""What ``is:`` knows of outcomes."""

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">": gt,
    "<": lt,
    ">=": ge,
    "<=": le,
    "=": eq,
}
SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
BYTES = {"b": 1.0, "kb": 1e3, "mb": 1e6, "gb": 1e9, "kib": 1024.0, "mib": 1024.0**2}

_STATUS = re.compile(r"[1-5](?:[0-9]{0,2}|[0-9]?x|xx)", re.ASCII)
_COMPARISON = re.compile(r"([a-z]*)(>=|<=|>|<|=)([0-9]{1,12}(?:\.[0-9]{1,6})?)([a-z]*)", re.ASCII)
_COMPARED = re.compile(r"([a-z]*)(?:>=|<=|>|<|=)", re.ASCII)
_LEVELS = frozenset(Level)
_LIVE = Outcome.LIVE


class UnfinishedTermError(Exception):
    """A term that cannot be used as it stands. The message says what is expected."""


def word(text: str) -> Test:
    """Asks for these characters anywhere in what is known of the exchange."""
    return lambda summary, _: text in summary.words or text in summary.file.lower()


def named(name: str, value: str) -> Test:
    """Asks one field, as in ``model:opus``. Both in lower case.

    Raises:
        UnfinishedTermError: the value is none that the field can have.
        KeyError: no field has this name.
    """
    return _FIELDS[name](value)


def comparison(text: str) -> Test | None:
    """Asks for more or less, as in ``>5s``, ``<=1mb`` or ``events>100``; None if it is none.

    Raises:
        UnfinishedTermError: a number or its unit is missing.
    """
    begun = _COMPARED.match(text)
    if begun is None or begun[1] not in _MEASURES:
        return None
    units = _MEASURES[begun[1]]
    found = _COMPARISON.fullmatch(text)
    if found is None or found[4] not in units:
        raise UnfinishedTermError(_EXPECTED_NUMBERS[begun[1]])
    measure, factor = units[found[4]]
    compare, limit = COMPARISONS[found[2]], float(found[3]) * factor
    return measure(compare, limit)


def _model(value: str) -> Test:
    return lambda summary, _: value in summary.model.lower()


def _path(value: str) -> Test:
    return lambda summary, _: value in summary.target.lower()


def _method(value: str) -> Test:
    return lambda summary, _: summary.method.lower().startswith(value)


def _stop(value: str) -> Test:
    return lambda summary, _: value in summary.stop_reason.lower()


def _status(value: str) -> Test:
    if not _STATUS.fullmatch(value):
        raise UnfinishedTermError("a status such as 529 or 5xx")
    digits = value.rstrip("x")
    size = 10 ** (3 - len(digits))
    first = int(digits) * size
    behind = first + size
    return lambda summary, _: summary.status is not None and first <= summary.status < behind


def _finding(value: str) -> Test:
    if not value:
        raise UnfinishedTermError("the beginning of a code such as ANT, error, warning, info, any")
    if value == "any":
        return lambda summary, _: bool(summary.rules)
    if value in _LEVELS:
        return lambda summary, _: (
            bool(summary.rules) and any(rule.level == value for rule in summary.rules)
        )
    code = value.upper()
    return lambda summary, _: (
        bool(summary.rules) and any(rule.code.startswith(code) for rule in summary.rules)
    )


def _state(value: str) -> Test:
    if value in STATES:
        outcome = STATES[value]
        return lambda summary, _: summary.verdict is not None and summary.verdict.outcome is outcome
    if value == "marked":
        return lambda summary, present: summary.file in present.marked
    if value == "unread":
        return lambda summary, _: summary.unread
    raise UnfinishedTermError(f"one of {', '.join(STATES)}, unread, marked")


def _live(value: str) -> Test:
    if value:
        raise UnfinishedTermError("nothing behind the colon")
    return _state("live")


_FIELDS: dict[str, Callable[[str], Test]] = {
    "model": _model,
    "path": _path,
    "method": _method,
    "status": _status,
    "stop": _stop,
    "finding": _finding,
    "is": _state,
    "live": _live,
}
FIELD_NAMES = tuple(name for name in _FIELDS if name != "live")
"""The names before a colon, as they are offered."""


_Compare = Callable[[float, float], bool]
_Measure = Callable[[_Compare, float], Test]
"""What compares a number of an exchange with a limit. Each in one function: of 100,000 captures
every call counts."""


def _seconds(compare: _Compare, limit: float) -> Test:
    def test(summary: Summary, present: Present) -> bool:
        verdict = summary.verdict
        if verdict is None:
            return False
        if verdict.outcome is _LIVE:
            return compare(summary.lasting(present.now), limit)
        return compare(summary.duration, limit)

    return test


def _size(compare: _Compare, limit: float) -> Test:
    return lambda summary, _: summary.verdict is not None and compare(summary.size, limit)


def _events(compare: _Compare, limit: float) -> Test:
    return lambda summary, _: summary.verdict is not None and compare(summary.events, limit)


def _status_number(compare: _Compare, limit: float) -> Test:
    return lambda summary, _: summary.status is not None and compare(summary.status, limit)


_IN_SECONDS: dict[str, tuple[_Measure, float]] = {
    unit: (_seconds, factor) for unit, factor in SECONDS.items()
}
_IN_BYTES: dict[str, tuple[_Measure, float]] = {
    unit: (_size, factor) for unit, factor in BYTES.items()
}
_MEASURES: dict[str, dict[str, tuple[_Measure, float]]] = {
    "": {**_IN_SECONDS, **_IN_BYTES},
    "took": _IN_SECONDS,
    "size": {**_IN_BYTES, "": (_size, 1.0)},
    "events": {"": (_events, 1.0)},
    "status": {"": (_status_number, 1.0)},
}
_EXPECTED_NUMBERS = {
    "": "a number with its unit, such as >5s, <200ms or >1MB",
    "took": "a time such as took>5s or took<200ms",
    "size": "a size such as size>1MB",
    "events": "a number, such as events>100",
    "status": "a number, such as status>=500",
}
