"""What became of a body, told in the terms of event streams."""

from __future__ import annotations

import zlib

import brotli
import pytest

from ssescope.doctor_bytes import byte_differences, coding_of, text_differences
from ssescope.doctor_client import Answer, AnswerEnd

SENT = b": hello\nevent: a\nid: 1\nretry: 5\ndata: 1\n\n: ping\ndata: 2\n\n"


def answer(body: bytes, coding: bytes = b"", stray: int = 0) -> Answer:
    fields = ((b"content-ENCODING", coding),) if coding else ()
    return Answer(AnswerEnd.CLEAN, status=200, fields=fields, body=body, stray=stray)


def kinds(sent: Answer, got: Answer) -> list[str]:
    return [kind for kind, _ in byte_differences(sent, got)]


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (SENT, []),
        (SENT.replace(b": hello\n", b"").replace(b": ping\n", b""), ["comments_dropped"]),
        (SENT.replace(b"event: a\n", b""), ["event_lines_dropped"]),
        (SENT.replace(b"id: 1\n", b""), ["ids_dropped"]),
        (SENT.replace(b"retry: 5\n", b""), ["retries_dropped"]),
        (b"data: 1\n\ndata: 2\n\n", ["comments_dropped", "event_lines_dropped"]),
        (SENT.replace(b"\n", b"\r\n"), ["line_ends_changed"]),
        (SENT.replace(b"\n\n", b"\n"), ["blank_lines_changed"]),
        (SENT[:-5], ["bytes_lost"]),
        (b"", ["bytes_lost"]),
        (SENT.replace(b"data: 2", b"data: 3"), ["bytes_changed"]),
        (SENT.replace(b": ping\n", b""), ["bytes_changed"]),
        (b"<html>502</html>", ["bytes_changed"]),
    ],
)
def test_text(got: bytes, expected: list[str]) -> None:
    found = kinds(answer(SENT), answer(got))
    assert found[: len(expected)] == expected
    assert bool(found) == bool(expected)


def test_words_name_the_place() -> None:
    assert list(text_differences(b"data: 1\nx\n", b"data: 2\nx\n")) == [
        ("bytes_changed", "other bytes from byte 6 on")
    ]
    assert list(text_differences(b"12345", b"123")) == [
        ("bytes_lost", "the last 2 of 5 bytes are missing")
    ]


def test_a_byte_order_mark_is_a_difference_of_its_own() -> None:
    marked = answer(b"\xef\xbb\xbf" + SENT)
    assert kinds(marked, answer(SENT)) == ["byte_order_mark_dropped"]


def test_codings() -> None:
    zipped = zlib.compress(SENT, 9, 31)
    otherwise = zlib.compress(SENT, 0, 31)
    assert kinds(answer(zipped, b"gzip"), answer(zipped, b"GZip")) == []
    assert kinds(answer(zipped, b"gzip"), answer(SENT)) == ["decompressed"]
    assert kinds(answer(SENT), answer(zipped, b"gzip")) == ["compressed"]
    assert kinds(answer(zipped, b"gzip"), answer(otherwise, b"gzip")) == ["recompressed"]
    assert kinds(answer(zipped, b"gzip"), answer(brotli.compress(SENT), b"br")) == ["compressed"]
    assert kinds(answer(zipped, b"gzip"), answer(zipped)) == ["coding_renamed"]
    short = SENT.replace(b"event: a\n", b"")
    assert kinds(answer(zipped, b"gzip"), answer(short)) == ["decompressed", "event_lines_dropped"]


def test_what_cannot_be_decoded_is_compared_as_it_is() -> None:
    assert kinds(answer(SENT), answer(b"no gzip", b"gzip")) == ["bytes_changed"]
    assert kinds(answer(SENT), answer(b"?", b"rot13")) == ["bytes_changed"]


def test_bytes_behind_the_end_are_told() -> None:
    assert kinds(answer(SENT), answer(SENT, stray=3)) == ["stray_bytes"]


def test_identity_is_no_coding() -> None:
    assert coding_of(answer(b"", b" Identity ")) == ""
