from __future__ import annotations

from captures.dialects.complaints import MAX_DETAIL, Complaints, complaint
from captures.findings.anthropic import CUT_BY_LIMIT, IN_BAND_ERROR


def test_complaints_are_taken_once() -> None:
    complaints = Complaints()
    complaints.add(IN_BAND_ERROR, "a")
    complaints.add(IN_BAND_ERROR, "b")

    assert [found.detail for found in complaints.take()] == ["a", "b"]
    assert complaints.take() == ()


def test_what_is_wrong_throughout_a_stream_is_told_once() -> None:
    complaints = Complaints()
    for detail in ("a", "b"):
        complaints.once(CUT_BY_LIMIT, detail)
        complaints.once(IN_BAND_ERROR, detail)

    assert [(found.rule, found.detail) for found in complaints.take()] == [
        (CUT_BY_LIMIT, "a"),
        (IN_BAND_ERROR, "a"),
    ]


def test_detail_is_one_line_of_bounded_length() -> None:
    assert complaint(IN_BAND_ERROR, "a\nb").detail == "a b"
    detail = complaint(IN_BAND_ERROR, "a" * 10_000).detail
    assert (len(detail), detail[-1]) == (MAX_DETAIL, "…")
