from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.findings import sse
from captures.findings.rule import Rule
from captures.grammar_checks import (
    CHECKS,
    MAX_LINE_SIZE,
    Block,
    LineEnd,
    last_line_end,
)

RULES = [rule for rule, _ in CHECKS]


def broken_by(
    raw: bytes, *, at_start: bool = False, line_end: LineEnd | None = LineEnd.LF
) -> dict[Rule, str]:
    """The rules a block breaks, and what each check says."""
    block = Block.of(raw, at_start=at_start, line_end=line_end)
    return {rule: detail for rule, check in CHECKS if (detail := check(block))}


@pytest.mark.parametrize(
    ("raw", "rule", "detail"),
    [
        (b'error: {"code":500}\n\n', sse.ERROR_FIELD, 'error: {"code":500}'),
        (b"Error: boom\n\n", sse.ERROR_FIELD, "Error: boom"),
        (b"Data: x\n\n", sse.MISSPELT_FIELD, "Data: x"),
        (b" data: x\n\n", sse.MISSPELT_FIELD, " data: x"),
        (b"data : x\n\n", sse.MISSPELT_FIELD, "data : x"),
        (b"EVENT\n\n", sse.MISSPELT_FIELD, "EVENT"),
        (b"data: a\nNote: b\n\n", sse.UNKNOWN_FIELD, "Note: b"),
        (b"x-id: 1\n\n", sse.UNKNOWN_FIELD, "x-id: 1"),
        (b'{"a": 1}\n\n', sse.NOT_A_FIELD, '{"a": 1}'),
        (b'{\n  "a": 1\n}\n', sse.NOT_A_FIELD, '{ "a": 1 }'),
        (b"<html>\n\n", sse.NOT_A_FIELD, "<html>"),
        (b"data: a\nb\n\n", sse.NOT_A_FIELD, "b"),
        (b"data: a\nit is so: b\n\n", sse.NOT_A_FIELD, "it is so: b"),
        (b"\xef\xbb\xbfdata: x\n\n", sse.BYTE_ORDER_MARK_INSIDE, "U+FEFF before data: x"),
        (b"data: x\r\n\n", sse.MIXED_LINE_ENDS, "CR LF here, LF elsewhere"),
        (b"data: x\r\r", sse.MIXED_LINE_ENDS, "CR here, LF elsewhere"),
        ("data: a\u2028b\u2029\n\n".encode(), sse.LINE_SEPARATOR, "U+2028, 2 in this event"),
        (": a\x85b\n\n".encode(), sse.LINE_SEPARATOR, "U+0085, 1 in this event"),
        (b"data: a\x0bb\n\n", sse.LINE_SEPARATOR, "U+000B, 1 in this event"),
        (b"data:x\n\n", sse.NO_SPACE, "data:x"),
        (b"data: x\nid:1\n\n", sse.NO_SPACE, "id:1"),
        (b"data: caf\xe9\n\n", sse.NOT_UTF8, "byte 0xe9 at 9 of the event"),
        (b"retry: 3s\n\n", sse.RETRY_NOT_DIGITS, "retry: 3s"),
        (b"retry\n\n", sse.RETRY_NOT_DIGITS, "retry: "),
        (b"id: 1\0\n\n", sse.NUL_IN_ID, "id: 1\0"),
        (
            b'data: {"a":1}\ndata: [DONE]\n\n',
            sse.EVENTS_RUN_TOGETHER,
            "2 whole events, the second: [DONE]",
        ),
        (
            b"event: a\ndata: x\nevent: b\ndata: y\n\n",
            sse.EVENTS_RUN_TOGETHER,
            "2 event fields, the second: b",
        ),
        (b'data: {\ndata: "a":1}\n\n', sse.JSON_IN_LINES, "2 data lines"),
        (b"data: %s\n\n" % (b"x" * MAX_LINE_SIZE), sse.LONG_LINE, "65,542 bytes"),
    ],
)
def test_what_a_check_finds(raw: bytes, rule: Rule, detail: str) -> None:
    assert broken_by(raw) == {rule: detail}


@pytest.mark.parametrize(
    "raw",
    [
        b"data: x\n\n",
        b"data\n\n",
        b"data:\n\n",
        b"data:\tx\n\n".replace(b"\t", b" \t"),
        b"event: e\nid: 1\nretry: 3000\ndata: x\n\n",
        b"id\ndata: x\n\n",
        b": a comment\n\n",
        b":\n\n",
        b"\n",
        b"data: Data: error: {\n\n",
        b"data: a\ndata: b\n\n",
        b"data: a\xef\xbb\xbfb\n\n",
        "data: wörld 👋 \u200b\n\n".encode(),
        b"data: %s\n\n" % (b"x" * (MAX_LINE_SIZE - 6)),
        (b"data: %s\n" % (b"x" * 999)) * 100 + b"\n",
    ],
)
def test_what_is_as_it_should_be(raw: bytes) -> None:
    assert broken_by(raw) == {}


def test_one_mark_at_the_start_alone_is_skipped() -> None:
    mark = b"\xef\xbb\xbf"

    assert set(broken_by(mark + b"data: x\n\n", at_start=True)) == {sse.BYTE_ORDER_MARK_FIRST}
    assert set(broken_by(mark * 2 + b"data: x\n\n", at_start=True)) == {
        sse.BYTE_ORDER_MARK_FIRST,
        sse.BYTE_ORDER_MARK_INSIDE,
    }


def test_cr_alone_is_told_where_a_stream_begins_with_it() -> None:
    raw = b"data: x\r\r"

    assert set(broken_by(raw, line_end=None)) == {sse.LONE_CR}
    assert set(broken_by(raw, line_end=LineEnd.CR)) == set()
    assert set(broken_by(raw, line_end=LineEnd.CRLF)) == {sse.MIXED_LINE_ENDS}


def test_a_block_of_two_line_ends_is_mixed_in_itself() -> None:
    assert set(broken_by(b"data: x\n\r\n", line_end=None)) == {sse.MIXED_LINE_ENDS}


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"a\r\n\n", LineEnd.LF),
        (b"a\n\r\n", LineEnd.CRLF),
        (b"a\r\n\r", LineEnd.CR),
        (b"a", None),
    ],
)
def test_last_line_end(raw: bytes, kind: LineEnd | None) -> None:
    assert last_line_end(raw) is kind


def test_quotes_are_bounded() -> None:
    for raw in (b"error: " + b"x" * 9999, b"<" + b"y" * 9999, b"Data:" + b"z" * 9999):
        assert all(len(detail) < 100 for detail in broken_by(raw + b"\n\n").values())


@given(st.binary(max_size=200), st.booleans(), st.sampled_from([None, *LineEnd]))
def test_no_bytes_raise_and_every_detail_is_one_line(
    raw: bytes, at_start: bool, line_end: LineEnd | None
) -> None:
    for detail in broken_by(raw, at_start=at_start, line_end=line_end).values():
        assert "\n" not in detail
        assert "\r" not in detail
