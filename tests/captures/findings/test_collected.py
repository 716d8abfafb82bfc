from __future__ import annotations

from captures.findings.collected import CollectedFindings
from captures.findings.network import HTTP_ERROR
from captures.findings.rule import Finding
from captures.findings.sse import ERROR_FIELD, LINE_SEPARATOR


def test_what_is_told_once_stands_at_its_first_event_with_a_count_at_the_end() -> None:
    collected = CollectedFindings()
    for event in range(3):
        collected.add(Finding(LINE_SEPARATOR, "U+2028", event, event * 10))
    collected.add(Finding(ERROR_FIELD, "one"))
    collected.add(Finding(ERROR_FIELD, "two"))

    before = list(collected.found)
    collected.close()

    assert before[0] == Finding(LINE_SEPARATOR, "U+2028", 0, 0)
    assert collected.found == [
        Finding(LINE_SEPARATOR, "U+2028 (3 events in all)", 0, 0),
        Finding(ERROR_FIELD, "one"),
        Finding(ERROR_FIELD, "two"),
    ]


def test_what_was_met_once_has_no_count() -> None:
    collected = CollectedFindings()
    collected.add(Finding(LINE_SEPARATOR, "U+2028", 4, 99))
    collected.add(Finding(HTTP_ERROR, "HTTP 500"))
    before = list(collected.found)

    collected.close()

    assert collected.found == before
