"""Reading along with a response: whole, byte by byte, and nonsense."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy import response_scanner
from proxy.response_scanner import ResponseScanner

CHUNKED = (
    b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5;name=value\r\nhello\r\n"
    b"A\r\n0123456789\r\n"
    b"0\r\nX-Trailer: 1\r\nX-Other: 2\r\n\r\n"
)
SIZED = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


def whole(data: bytes) -> ResponseScanner:
    scanner = ResponseScanner()
    scanner.feed(data, 1.0)
    return scanner


def byte_by_byte(data: bytes) -> ResponseScanner:
    scanner = ResponseScanner()
    for index in range(len(data)):
        scanner.feed(data[index : index + 1], float(index))
    return scanner


@pytest.mark.parametrize("read", [whole, byte_by_byte])
def test_it_notes_what_is_not_forwarded(read: Callable[[bytes], ResponseScanner]) -> None:
    scanner = read(CHUNKED)
    assert scanner.interim_statuses == [103]
    assert scanner.extensions == [b";name=value"]
    assert scanner.trailers == [b"X-Trailer", b"X-Other"]
    assert bytes(scanner.evidence) == CHUNKED
    assert not scanner.lost
    assert scanner.extra_size == 0


def test_body_bytes_are_dated_by_their_arrival() -> None:
    scanner = ResponseScanner()
    scanner.feed(CHUNKED[: CHUNKED.index(b"llo")], 1.0)
    scanner.feed(CHUNKED[CHUNKED.index(b"llo") : CHUNKED.index(b"56789")], 2.0)
    scanner.feed(CHUNKED[CHUNKED.index(b"56789") :], 3.0)
    assert scanner.head_arrival == 1.0
    assert [scanner.arrival(size) for size in (1, 1, 3, 5, 0, 5)] == [1.0, 1.0, 2.0, 2.0, 2.0, 3.0]
    assert scanner.arrival(1) is None


@pytest.mark.parametrize("read", [whole, byte_by_byte])
def test_bytes_behind_the_end_are_counted(read: Callable[[bytes], ResponseScanner]) -> None:
    assert read(SIZED).extra_size == 0
    assert read(SIZED + b"extra").extra_size == 5


def test_a_body_without_length_goes_on_to_the_end_of_the_connection() -> None:
    scanner = whole(b"HTTP/1.1 200 OK\r\n\r\nabc")
    scanner.feed(b"def", 2.0)
    assert (scanner.arrival(3), scanner.arrival(3)) == (1.0, 2.0)
    assert scanner.extra_size == 0


@pytest.mark.parametrize("head", [b"HTTP/1.1 204 No Content", b"HTTP/1.1 304 Not Modified"])
def test_a_response_without_body_has_none(head: bytes) -> None:
    scanner = whole(head + b"\r\nContent-Length: 5\r\n\r\nhello")
    assert scanner.extra_size == 5
    asked_by_head = ResponseScanner(without_body=True)
    asked_by_head.feed(SIZED, 1.0)
    assert asked_by_head.extra_size == 5


@pytest.mark.parametrize(
    "nonsense",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 20x OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n11111111111111111\r\n",
    ],
)
def test_nonsense_is_said_and_kept_as_evidence(nonsense: bytes) -> None:
    scanner = byte_by_byte(nonsense)
    assert scanner.lost
    assert bytes(scanner.evidence) == nonsense


def test_nothing_it_keeps_is_unbounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(response_scanner, "MAX_EVIDENCE_SIZE", 10)
    monkeypatch.setattr(response_scanner, "MAX_HEAD_SIZE", 100)
    scanner = byte_by_byte(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200)
    assert scanner.lost
    assert len(scanner.evidence) == 10
    many = whole(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"1;a\r\nx\r\n" * 50
        + b"0\r\n\r\n"
    )
    assert len(many.extensions) == response_scanner.MAX_NOTED


@given(st.lists(st.binary(max_size=30) | st.sampled_from(list(CHUNKED.splitlines(keepends=True)))))
def test_any_bytes_never_raise_and_cuts_do_not_matter(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    one, many = whole(data), byte_by_byte(data)
    for scanner in (one, many):
        scanner.arrival(3)
    assert (one.lost, one.trailers, one.extensions) == (many.lost, many.trailers, many.extensions)


@pytest.mark.parametrize("read", [whole, byte_by_byte])
def test_it_knows_a_body_that_only_its_connection_ends(
    read: Callable[[bytes], ResponseScanner],
) -> None:
    assert read(b"HTTP/1.1 200 OK\r\n\r\nhello").ends_with_connection
    assert not read(SIZED[:-1]).ends_with_connection
    assert not read(SIZED).ends_with_connection
    assert not read(CHUNKED).ends_with_connection


@given(st.lists(st.binary(max_size=30), max_size=8), st.integers(min_value=1, max_value=40))
def test_whole_chunks_and_chunks_in_pieces_are_the_same_to_it(
    chunks: list[bytes], size: int
) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = b"".join(b"%x\r\n%b\r\n" % (len(data), data) for data in chunks if data)
    answer = head + body + b"0\r\nX-T: 1\r\n\r\nextra"
    at_once, in_pieces = ResponseScanner(), ResponseScanner()
    at_once.feed(answer, 1.0)
    for start in range(0, len(answer), size):
        in_pieces.feed(answer[start : start + size], 1.0)
    for scanner in (at_once, in_pieces):
        assert (scanner.lost, scanner.trailers, scanner.extra_size) == (False, [b"X-T"], 5)
        total = sum(map(len, chunks))
        assert scanner.arrival(total) == (1.0 if total else None)
        assert scanner.arrival(1) is None
