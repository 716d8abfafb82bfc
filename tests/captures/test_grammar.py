from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from captures import grammar
from captures.findings import sse
from captures.findings.rule import Complaint, Rule
from captures.grammar import Grammar
from captures.grammar_checks import CHECKS, MAX_LINE_SIZE, Block, LineEnd
from captures.sse import Decoder

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


def judged(*blocks: bytes) -> list[set[Rule]]:
    """The rules that each of these blocks of one stream breaks, by way of the decoder."""
    frames = Decoder().feed(b"".join(blocks), 0.0)
    assert len(frames) == len(blocks)
    return [rules(frame.complaints) for frame in frames]


@given(LINES, ENDS, ENDS)
@example([b"data: x"], b"\n", b"\r")
def test_the_quick_look_passes_no_block_that_a_check_would_stop(
    lines: list[bytes], end: bytes, usual: bytes
) -> None:
    kind = {b"\n": LineEnd.LF, b"\r\n": LineEnd.CRLF, b"\r": LineEnd.CR}[usual]
    raw = block_of([*lines, b"event: e"], end)
    block = Block.of(raw, at_start=False, line_end=kind)

    # A last block, so that no CR is held back.
    _, found, _ = judged(block_of([b"data: first"], usual), raw, b"data: last\n\n")

    assert found == {rule for rule, check in CHECKS if check(block)}


def test_ordinary_blocks_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grammar, "CHECKS", ((sse.LONG_LINE, lambda block: "it was checked"),))
    ordinary = [
        b"event: e\nid: 1\ndata: x\n\n",
        b"retry: 1\n\n",
        b": comment\n\n",
        b"\n",
        "data: wörld 👋\n\n".encode(),
    ]
    long = b"data: %s\n\n" % (b"x" * MAX_LINE_SIZE)

    first, *others, last = judged(b"data: first\n\n", *ordinary, long)

    assert first == last == {sse.LONG_LINE}
    assert others == [set()] * len(ordinary)


def test_a_stream_without_spaces_is_told_so_once() -> None:
    assert judged(b"data:x\n\n", b"data:y\n\n", b"Data:y\ndata:z\n\n") == [
        {sse.NO_SPACE},
        set(),
        {sse.MISSPELT_FIELD},
    ]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_the_first_line_end_is_the_usual_one(end: bytes) -> None:
    x = block_of([b"data: x"], end)
    for other in {b"\n", b"\r\n", b"\r"} - {end}:
        y = block_of([b"data: y"], other)

        first, second, third, *_ = judged(x, x, y, b"data: last\n\n")

        assert first == ({sse.LONE_CR} if end == b"\r" else set())
        assert second == set()
        assert third == {sse.MIXED_LINE_ENDS}


@given(st.lists(st.binary(max_size=80), max_size=4))
def test_no_bytes_raise(blocks: list[bytes]) -> None:
    judge = Grammar()
    for number, raw in enumerate(blocks):
        judge.look_at(raw, at_start=number == 0)
