from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from captures import grammar
from captures.findings import sse
from captures.findings.rule import Complaint, Rule
from captures.grammar import Grammar
from captures.grammar_checks import CHECKS, MAX_LINE_SIZE, Block, LineEnd

LINES = st.lists(
    st.sampled_from(
        [
            b"data: x",
            b"data:x",
            b"data",
            b"event: e",
            b"id: 1",
            b"id: 1\0",
            b"retry: 1",
            b"retry: x",
            b": c",
            b":",
            b"Data: x",
            b"foo: x",
            b"error: x",
            b"{}",
            b'data: {"a":1}',
            "data: ö👋".encode(),
            "data: \u2028".encode(),
            "data: \x85".encode(),
            b"data: \xff",
            b"data: a\x0cb",
            b"data: a\tb",
            b"\xef\xbb\xbfdata: x",
        ]
    ),
    max_size=5,
)
ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])


def rules(complaints: tuple[Complaint, ...]) -> set[Rule]:
    return {complaint.rule for complaint in complaints}


def block_of(lines: list[bytes], end: bytes) -> bytes:
    return b"".join(line + end for line in [*lines, b""])


@given(LINES, ENDS, ENDS)
@example([b"data: x"], b"\n", b"\r")
def test_the_quick_look_passes_no_block_that_a_check_would_stop(
    lines: list[bytes], end: bytes, usual: bytes
) -> None:
    judge = Grammar()
    judge.judge(block_of([b"data: first"], usual))
    raw = block_of(lines, end)
    kind = {b"\n": LineEnd.LF, b"\r\n": LineEnd.CRLF, b"\r": LineEnd.CR}[usual]
    block = Block.of(raw, at_start=False, line_end=kind)

    assert rules(judge.judge(raw)) == {rule for rule, check in CHECKS if check(block)}


def test_ordinary_blocks_are_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    judge = Grammar()
    judge.judge(b"data: first\n\n")
    monkeypatch.setattr(grammar, "CHECKS", ((sse.LONG_LINE, lambda block: "it was checked"),))

    for raw in (
        b"event: e\nid: 1\ndata: x\n\n",
        b"retry: 1\n\n",
        b": comment\n\n",
        b"\n",
        "data: wörld 👋\n\n".encode(),
    ):
        assert judge.judge(raw) == ()
    assert judge.judge(b"data: %s\n\n" % (b"x" * MAX_LINE_SIZE)) != ()


def test_a_stream_without_spaces_is_told_so_once() -> None:
    judge = Grammar()

    assert rules(judge.judge(b"data:x\n\n")) == {sse.NO_SPACE}
    assert judge.judge(b"data:y\n\n") == ()
    assert rules(judge.judge(b"Data:y\ndata:z\n\n")) == {sse.MISSPELT_FIELD}


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_the_first_line_end_is_the_usual_one(end: bytes) -> None:
    judge = Grammar()
    first = rules(judge.judge(block_of([b"data: x"], end), at_start=True))

    assert first == ({sse.LONE_CR} if end == b"\r" else set())
    assert judge.judge(block_of([b"data: x"], end)) == ()
    for other in {b"\n", b"\r\n", b"\r"} - {end}:
        assert rules(judge.judge(block_of([b"data: x"], other))) == {sse.MIXED_LINE_ENDS}


@given(st.lists(st.binary(max_size=80), max_size=4))
def test_no_bytes_raise(blocks: list[bytes]) -> None:
    judge = Grammar()
    for number, raw in enumerate(blocks):
        judge.judge(raw, at_start=number == 0)
