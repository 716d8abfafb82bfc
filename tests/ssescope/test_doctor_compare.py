"""What is told of two answers to one question."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from captures.records import End, Ending, Tally
from proxy.nasty_cases import CASES, Case, Fields, Finish, Framing, Segment
from proxy.nasty_upstream import Run, Sent
from ssescope.doctor_client import Answer, AnswerEnd, Arrival
from ssescope.doctor_compare import (
    DOCUMENTED,
    Aspect,
    Kept,
    capture_differences,
    compared_aspects,
    differences,
    latency,
)

CASE = Case("two", "", (Segment((b"data: 1\n\n",)), Segment((b"data: 2\n\n",))))
BODY = b"data: 1\n\ndata: 2\n\n"
HEX = hashlib.sha256(BODY).hexdigest()
DIRECT = Answer(
    AnswerEnd.CLEAN,
    version=b"HTTP/1.1",
    status=200,
    reason=b"OK",
    fields=((b"X-A", b"1"), (b"x-a", b"2"), (b"X-B", b"3"), (b"Connection", b"close")),
    framing=Framing.CHUNKED,
    body=BODY,
    chunks=(9, 9),
)


def kinds(direct: Answer, through: Answer, run: Run | None = None) -> list[str]:
    found = differences(direct, through, run or Run(CASE, 2.0))
    return [each.kind for each in found]


def test_equal_answers_have_no_difference() -> None:
    hop_by_hop = ((b"Connection", b"keep-alive"), (b"Keep-Alive", b"timeout=5"))
    through = replace(DIRECT, fields=(*DIRECT.fields[:-1], *hop_by_hop))
    assert kinds(DIRECT, through) == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (((b"X-A", b"1"), (b"x-a", b"2")), ["drops X-B"]),
        ((*DIRECT.fields, (b"Via", b"me")), ["adds Via"]),
        (((b"X-A", b"1"), (b"x-a", b"2"), (b"X-B", b"9")), ["changes X-B"]),
        (((b"X-A", b"1"), (b"X-B", b"3")), ["changes X-A"]),
        (((b"x-a", b"1"), (b"x-a", b"2"), (b"x-b", b"3")), ["header field names in another case"]),
        (((b"X-B", b"3"), (b"X-A", b"1"), (b"x-a", b"2")), ["header fields in another order"]),
    ],
)
def test_fields(fields: Fields, words: list[str]) -> None:
    found = differences(DIRECT, replace(DIRECT, fields=fields), Run(CASE, 2.0))
    assert [each.words for each in found] == words
    assert {each.aspect for each in found} == {Aspect.HEAD}


def test_many_field_names_are_not_all_listed() -> None:
    many = tuple((b"N%d" % number, b"") for number in range(100))
    (found,) = differences(DIRECT, replace(DIRECT, fields=DIRECT.fields + many), Run(CASE, 2.0))
    assert found.words == "adds N0, N1, N2, N3, N4, N5 and 94 more"


def test_head() -> None:
    assert kinds(DIRECT, Answer(AnswerEnd.NO_ANSWER)) == ["no_answer"]
    assert kinds(DIRECT, replace(DIRECT, status=502, body=b"Bad Gateway")) == ["status"]
    assert kinds(DIRECT, replace(DIRECT, reason=b"Fine")) == ["reason"]
    assert kinds(DIRECT, replace(DIRECT, version=b"HTTP/1.0")) == ["version"]
    early = replace(DIRECT, interim=(103,))
    assert kinds(early, DIRECT) == ["interim_dropped"]
    assert kinds(DIRECT, early) == ["interim_changed"]


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ((9, 9), []),
        ((18,), ["chunks_merged"]),
        ((9, 4, 5), ["chunks_split"]),
        ((8, 10), ["chunks_recut"]),
    ],
)
def test_chunks(chunks: tuple[int, ...], expected: list[str]) -> None:
    assert kinds(DIRECT, replace(DIRECT, chunks=chunks)) == expected


def test_chunks_may_go_altogether_and_are_not_compared_where_other_bytes_come() -> None:
    assert kinds(DIRECT, replace(DIRECT, framing=Framing.LENGTH, chunks=())) == ["unchunked"]
    other = replace(DIRECT, body=BODY.replace(b"2", b"22"), chunks=(9, 10))
    assert kinds(DIRECT, other) == ["bytes_changed"]


def test_endings() -> None:
    cut = replace(DIRECT, end=AnswerEnd.CUT)
    reset = replace(DIRECT, end=AnswerEnd.RESET)
    assert kinds(cut, DIRECT) == ["cut_hidden"]
    assert kinds(reset, DIRECT) == ["cut_hidden"]
    assert kinds(reset, cut) == ["reset_as_close"]
    assert kinds(DIRECT, cut) == ["ending"]
    trailed = replace(DIRECT, trailers=((b"X", b"1"),))
    assert kinds(trailed, DIRECT) == ["trailers_dropped"]
    assert kinds(DIRECT, trailed) == ["trailers_changed"]


def test_arrival() -> None:
    run = Run(CASE, 2.0)
    run.head_was_held, run.held, run.requests = True, 1, 2
    found = differences(DIRECT, DIRECT, run)
    assert [each.kind for each in found] == ["head_held", "buffered", "repeated"]
    assert found[1].words == (
        "buffers: event 2 of 2 did not arrive within 2 s while the stream was open"
    )


def test_part_of_a_segment_is_held_only_if_it_came_in_the_end() -> None:
    run = Run(CASE, 2.0)
    run.held_in_part = 0
    assert kinds(DIRECT, DIRECT, run) == ["buffered_in_part"]
    dropped = replace(DIRECT, body=BODY[:-1], chunks=(9, 8))
    assert kinds(DIRECT, dropped, run) == ["bytes_lost"]


def test_which_aspects_a_case_has() -> None:
    assert Aspect.CHUNKS in compared_aspects(DIRECT, with_capture=False)
    plain = replace(DIRECT, framing=Framing.CLOSE)
    assert compared_aspects(plain, with_capture=True) == {
        Aspect.HEAD,
        Aspect.BYTES,
        Aspect.ENDING,
        Aspect.CAPTURE,
        Aspect.ARRIVAL,
    }


def test_captures() -> None:
    tally = Tally(len(BODY), HEX, 2)
    end = End(9, 1.0, Ending.COMPLETE, "", tally, tally)
    kept = Kept(len(BODY), HEX, 0, end)

    def found(kept: Kept | None, case: Case = CASE) -> list[str]:
        return [each.kind for each in capture_differences(case, kept)]

    assert found(kept) == []
    assert found(None) == found(replace(kept, end=None)) == ["unfinished"]
    assert found(replace(kept, sha256="0")) == ["capture_body"]
    assert found(replace(kept, size=8, sha256="0", lost=10)) == ["capture_gap"]
    assert found(replace(kept, size=8, sha256="0", lost=9)) == ["capture_body"]
    short = replace(end, client=Tally(9, "0", 1))
    assert found(replace(kept, end=short)) == ["capture_proof"]
    assert found(kept, replace(CASE, finish=Finish.CUT)) == ["capture_ending"]


def test_latency_is_the_median_over_segments() -> None:
    sent = [Sent(9, 1.0), Sent(18, 2.0), Sent(27, 3.0)]
    arrivals = [Arrival(4, 1.01), Arrival(18, 2.5), Arrival(27, 3.25)]
    assert latency(sent, arrivals) == 0.5
    assert latency(sent, arrivals[:2]) is None
    assert latency([], []) is None


def test_the_documented_limits_are_of_cases_that_exist() -> None:
    assert DOCUMENTED.keys() <= {case.name for case in CASES}
