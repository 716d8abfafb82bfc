"""The doctor's table and its JSON."""

from __future__ import annotations

import json

from ssescope.doctor_compare import Aspect, Difference
from ssescope.doctor_report import (
    Result,
    closing_lines,
    columns_of,
    heading,
    kinds_found,
    report_fields,
    row_lines,
)
from ssescope.report import Ink

INK = Ink(colour=False)
COLUMNS = columns_of(with_capture=True)
ALL = frozenset(Aspect) - {Aspect.REQUEST}


def result(*differences: Difference, documented: frozenset[str] = frozenset()) -> Result:
    return Result("LF", "plain", 1234, 2, ALL, differences, documented, 0.0001, 0.00035)


DROPPED = Difference(Aspect.ENDING, "trailers_dropped", "trailers dropped")
HOSTILE = Difference(Aspect.HEAD, "fields_added", "adds \x1b]0;title\x07\n\u202e")
HELD = Difference(Aspect.ARRIVAL, "buffered", "buffers")


def test_an_equal_case_is_one_line_below_its_headings() -> None:
    (row,) = row_lines(result(), COLUMNS, INK)
    assert heading(COLUMNS) == (
        "  case                 head    bytes   chunks  ending  capture         added"
    )
    assert row == "✓ LF                   equal   equal   equal   equal   equal        +0.25 ms"


def test_a_documented_limit_is_no_failure() -> None:
    limited = result(DROPPED, documented=frozenset({"trailers_dropped"}))
    row, note = row_lines(limited, COLUMNS, INK)
    assert row.startswith("✓ LF ")
    assert row.split()[5:7] == ["as", "doc."]
    assert note == "      ending: trailers dropped, as documented"
    closing = list(closing_lines([limited, result()], INK, 300))
    assert closing[0] == (
        "✓ 2 cases: 1 equal, 0 differ, 1 equal but for limits told in docs/limits.md"
    )
    assert "share one thread" in closing[1]


def test_a_difference_is_a_failure_and_told_without_control_characters() -> None:
    row, first, second = row_lines(result(HOSTILE, HELD), COLUMNS, INK)
    assert row.startswith("✗ LF ")
    assert row.split()[2] == "differs"
    assert row.endswith("held")
    assert first == "      head: adds ␛]0;title␇↵<202E>"
    assert second == "      arrival: buffers"
    closing = list(closing_lines([result(HOSTILE, HELD), result()], INK, 60))
    assert closing[0] == "✗ 2 cases: 1 equal, 1 differ"
    assert closing[1] == "  found: buffered in 1, fields added in 1"
    assert all(len(line) <= 60 for line in closing)


def test_what_is_not_compared_is_a_dash() -> None:
    empty = Result("204", "", 0, 0, frozenset({Aspect.HEAD}), (), frozenset(), None, None)
    (row,) = row_lines(empty, COLUMNS, INK)
    assert row.split()[2:] == ["equal", "–", "–", "–", "–", "–"]


def test_kinds_are_counted_by_case() -> None:
    assert kinds_found([result(HELD, HELD), result(HELD, DROPPED)]) == {
        "buffered": 2,
        "trailers_dropped": 1,
    }


def test_programs_get_the_same() -> None:
    limited = result(DROPPED, documented=frozenset({"trailers_dropped"}))
    told = json.loads(json.dumps(report_fields([limited, result(HOSTILE)], "ssescope")))
    assert (told["through"], told["transparent"]) == ("ssescope", False)
    assert told["kinds"] == {"fields_added": 1}
    first, second = told["cases"]
    assert (first["ending_equal"], first["head_equal"]) == (False, True)
    assert first["differences"][0]["documented"] is True
    assert second["differences"][0]["words"] == "adds ␛]0;title␇↵<202E>"
    assert abs(second["added_seconds"] - 0.00025) < 1e-9
    assert report_fields([limited], "ssescope")["transparent"] is True
