"""Bodies out of records."""

from __future__ import annotations

import gzip

import pytest

from captures.inflate import NotInflatableError
from captures.records import Chunk, RequestChunk
from ssescope.bodies import Line, request_pieces, response_pieces
from tests.captures.by_hand import a_head, a_request, an_end

PLAIN = (("content-type", "text/event-stream"),)
CODED = (*PLAIN, ("Content-Encoding", "gzip"))


def lines(*pieces: bytes, headers: tuple[tuple[str, str], ...] = PLAIN) -> list[Line]:
    chunks = [Chunk(number, 1.0, piece) for number, piece in enumerate(pieces, 3)]
    sent = [RequestChunk(1, 0.0, b"{"), RequestChunk(2, 0.0, b"}")]
    return [a_request(), *sent, a_head(headers=headers), *chunks, an_end()]


def test_each_body_comes_in_the_pieces_in_which_it_was_recorded() -> None:
    assert list(request_pieces(lines(b"a", b"b"))) == [b"{", b"}"]
    assert list(response_pieces(lines(b"a", b"b"), decoded=False)) == [b"a", b"b"]


def test_a_coded_body_is_decoded_where_that_is_wanted() -> None:
    coded = gzip.compress(b"data: x\n\n")
    cut = (coded[:9], coded[9:])
    assert list(response_pieces(lines(*cut, headers=CODED), decoded=False)) == list(cut)
    assert b"".join(response_pieces(lines(*cut, headers=CODED), decoded=True)) == b"data: x\n\n"
    with pytest.raises(NotInflatableError):
        list(response_pieces(lines(b"no gzip", headers=CODED), decoded=True))
