"""What the doctor found, as a table and as JSON-ready values. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from inspector_tui.safe import safe_text
from ssescope.doctor_compare import Aspect, Difference
from ssescope.report import Ink

_NAME_CELLS, _CELLS, _ADDED_CELLS = 21, 8, 13
_MAX_WORDS = 200
_COLUMNS = (Aspect.HEAD, Aspect.BYTES, Aspect.CHUNKS, Aspect.ENDING, Aspect.CAPTURE)
_COLOURS = {"equal": "green", "as doc.": "yellow", "differs": "red", "held": "red"}
_SIGNS = {True: ("✓", "green"), False: ("✗", "red")}

_LATENCY_WORDS = (
    "added: from the upstream's write of a segment until the client has all of it, the median of "
    "the case's segments, less the same asked directly; one run each. "
)
_OWN_LATENCY_WORDS = "Upstream, proxy and client share one thread here."
_FOREIGN_LATENCY_WORDS = "Upstream and client share one thread here."


@dataclass(frozen=True, slots=True)
class Result:
    """One case, compared."""

    name: str
    description: str
    size: int
    """Body bytes the upstream sent."""
    chunks: int
    """HTTP chunks the upstream sent; 0 where the body is not chunked."""
    compared: frozenset[Aspect]
    differences: tuple[Difference, ...]
    documented: frozenset[str]
    """Kinds of difference that are limits told in the documents."""
    direct: float | None
    """Median seconds a segment takes directly; None where there is nothing to measure."""
    through: float | None
    """The same through the proxy; None also where other bytes came."""

    @property
    def unexpected(self) -> tuple[Difference, ...]:
        """The differences that no document tells of."""
        return tuple(each for each in self.differences if each.kind not in self.documented)

    @property
    def added(self) -> float | None:
        """Seconds of latency added."""
        if self.direct is None or self.through is None:
            return None
        return self.through - self.direct

    def word(self, aspect: Aspect) -> str:
        """How an aspect fared: equal, as doc. (a documented limit), differs, or – (no such)."""
        kinds = {each.kind for each in self.differences if each.aspect is aspect}
        if kinds - self.documented:
            return "differs"
        if kinds:
            return "as doc."
        return "equal" if aspect in self.compared else "–"


def heading(columns: Sequence[Aspect]) -> str:
    """The table's first line."""
    names = "".join(f"{column.value:{_CELLS}}" for column in columns)
    return f"  {'case':{_NAME_CELLS}}{names}{'added':>{_ADDED_CELLS}}"


def columns_of(*, with_capture: bool) -> tuple[Aspect, ...]:
    """The columns of the table, with or without that of the capture."""
    return _COLUMNS if with_capture else _COLUMNS[:-1]


def row_lines(result: Result, columns: Sequence[Aspect], ink: Ink) -> Iterator[str]:
    """A line for the case and one for each difference."""
    sign, colour = _SIGNS[not result.unexpected]
    cells = "".join(_cell(result.word(column), _CELLS, ink) for column in columns)
    row = f"{ink(sign, colour)} {result.name:{_NAME_CELLS}}{cells}"
    yield f"{row}{_added(result, ink)}".rstrip()
    for each in result.differences:
        words = safe_text(each.words, max_length=_MAX_WORDS)
        if each.kind in result.documented:
            yield ink(f"      {each.aspect}: {words}, as documented", dim=True)
        else:
            yield f"      {ink(each.aspect, 'red')}: {words}"


def closing_lines(results: Sequence[Result], ink: Ink, width: int) -> Iterator[str]:
    """The sum, what was found in how many cases, and what the latency is.

    Args:
        results: the cases.
        ink: colour or none.
        width: columns to wrap at.
    """
    differing = sum(1 for result in results if result.unexpected)
    limited = sum(1 for result in results if result.differences and not result.unexpected)
    equal = len(results) - differing - limited
    verdict = f"{len(results)} cases: {equal} equal, {differing} differ"
    if limited:
        verdict += f", {limited} equal but for limits told in docs/limits.md"
    sign, colour = _SIGNS[not differing]
    yield ink(f"{sign} {verdict}", colour, bold=True)
    if differing:
        found = ", ".join(
            f"{kind.replace('_', ' ')} in {count}" for kind, count in kinds_found(results).items()
        )
        yield from _wrapped(f"found: {found}", width)
    for line in _wrapped(latency_words(results), width):
        yield ink(line, dim=True)


def latency_words(results: Sequence[Result]) -> str:
    """What the added latency is, and how it was measured."""
    ours = any(Aspect.CAPTURE in result.compared for result in results)
    return _LATENCY_WORDS + (_OWN_LATENCY_WORDS if ours else _FOREIGN_LATENCY_WORDS)


def kinds_found(results: Sequence[Result]) -> dict[str, int]:
    """Kinds of undocumented difference and in how many cases each was seen, most often first."""
    counted = Counter(kind for each in results for kind in {d.kind for d in each.unexpected})
    return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))


def report_fields(results: Sequence[Result], through: str) -> dict[str, Any]:
    """All results as values for programs.

    Args:
        results: the cases.
        through: what was examined: ``ssescope``, or a gateway's URL.
    """
    return {
        "through": through,
        "transparent": not any(result.unexpected for result in results),
        "kinds": kinds_found(results),
        "latency": latency_words(results),
        "cases": [_result_fields(result) for result in results],
    }


def _result_fields(result: Result) -> dict[str, Any]:
    return {
        "name": result.name,
        "description": result.description,
        "bytes": result.size,
        "chunks": result.chunks,
        **{f"{aspect}_equal": _equal(result, aspect) for aspect in (*_COLUMNS, Aspect.ARRIVAL)},
        "differences": [
            {
                "aspect": each.aspect.value,
                "kind": each.kind,
                "words": safe_text(each.words),
                "documented": each.kind in result.documented,
            }
            for each in result.differences
        ],
        "direct_seconds": result.direct,
        "through_seconds": result.through,
        "added_seconds": result.added,
    }


def _wrapped(text: str, width: int) -> list[str]:
    return wrap(text, max(width, 40), initial_indent="  ", subsequent_indent="  ")


def _equal(result: Result, aspect: Aspect) -> bool | None:
    word = result.word(aspect)
    return None if word == "–" else word == "equal"


def _cell(word: str, cells: int, ink: Ink) -> str:
    return ink(word, _COLOURS.get(word)) + " " * (cells - len(word))


def _added(result: Result, ink: Ink) -> str:
    if any(each.aspect is Aspect.ARRIVAL for each in result.differences):
        return " " * (_ADDED_CELLS - len("held")) + ink("held", _COLOURS["held"])
    if result.added is None:
        return f"{'–':>{_ADDED_CELLS}}"
    return f"{result.added * 1000:+.2f} ms".rjust(_ADDED_CELLS)
