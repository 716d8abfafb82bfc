from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures import cutting
from captures.cutting import MAX_RANDOM_SIZE, WAYS, Piece, parse_way
from tests.captures.cuts import any_cuts, byte_by_byte

NAMES = [*(way.name for way in WAYS), "1", "3", "4096", "random:0", "random:7", "whole,crlf"]
STREAM = 'data: {"t": "é🌊"}\r\n\r\n: c\nevent: x\rdata:y\r\rdata: tail'.encode()

text_like = st.lists(
    st.sampled_from([*'\r\n\\" :{}[],a', "\r\n", "\n\n", "data:", "data: ", "é", "🌊", "event"])
).map(lambda parts: "".join(parts).encode())
bodies = st.one_of(st.binary(max_size=200), text_like, st.just(STREAM))


def timed(data: list[bytes]) -> list[Piece]:
    """Pieces one second apart."""
    return [Piece(float(number), part) for number, part in enumerate(data)]


def cut(name: str, *data: bytes) -> list[bytes]:
    return [piece.data for piece in parse_way(name).cut(timed([*data]))]


def offsets(data: list[bytes]) -> set[int]:
    return {*accumulate(map(len, data))}


@pytest.mark.parametrize("name", NAMES)
@given(st.data())
def test_cutting_keeps_every_byte_and_no_byte_is_early(name: str, data: st.DataObject) -> None:
    pieces = timed(data.draw(any_cuts(data.draw(bodies))))
    made = [*parse_way(name).cut(iter(pieces))]
    assert b"".join(piece.data for piece in made) == b"".join(piece.data for piece in pieces)
    assert all(piece.data for piece in made)
    assert [piece.time for piece in made] == sorted(piece.time for piece in made)
    arrivals = [piece.time for piece in pieces for _ in piece.data]
    end = 0
    for piece in made:
        end += len(piece.data)
        exact = arrivals[end - 1]
        assert piece.time >= exact if "," in name else piece.time == exact


@pytest.mark.parametrize("name", ["event", "line", "whole", "1", "3", "random:7"])
@given(st.data())
def test_recorded_cuts_do_not_matter_where_others_are_asked_for(
    name: str, data: st.DataObject
) -> None:
    body = data.draw(bodies)
    assert cut(name, *data.draw(any_cuts(body))) == cut(name, body)


@pytest.mark.parametrize("name", ["code-point", "crlf", "field", "json-string"])
@given(st.data())
def test_named_places_are_cut_beside_the_recorded_ones_and_nowhere_else(
    name: str, data: st.DataObject
) -> None:
    body = data.draw(bodies)
    pieces = [piece for piece in data.draw(any_cuts(body)) if piece]
    assert offsets(cut(name, *pieces)) == offsets(pieces) | offsets(cut(name, body))


def test_events_lines_and_everything() -> None:
    body = b"a\r\nb\n\rc\r\r\n\r\n\n: end"
    assert cut("line", body) == [b"a\r\n", b"b\n", b"\r", b"c\r", b"\r\n", b"\r\n", b"\n", b": end"]
    assert cut("event", body) == [b"a\r\nb\n\r", b"c\r\r\n", b"\r\n", b"\n", b": end"]
    assert cut("whole", *byte_by_byte(body)) == [body]
    assert cut("9", *byte_by_byte(body)) == [body[:9], body[9:18]]


def test_a_line_end_cut_in_two_is_one() -> None:
    assert cut("line", b"a\r", b"\nb\r", b"c") == [b"a\r\n", b"b\r", b"c"]
    assert cut("event", b"a\n\r", b"\nb") == [b"a\n\r\n", b"b"]


def test_a_line_is_there_as_soon_as_its_cr_is() -> None:
    assert [*parse_way("line").cut(timed([b"a\r", b"", b"b"]))] == [(0.0, b"a\r"), (2.0, b"b")]


def test_code_points_are_cut_once_each() -> None:
    assert cut("code-point", "aé€🌊b".encode()) == [
        b"a\xc3",
        b"\xa9\xe2",
        b"\x82\xac\xf0",
        b"\x9f\x8c\x8ab",
    ]
    assert cut("code-point", b"\xa9\xc3a") == [b"\xa9\xc3a"]


def test_line_ends_and_field_names_are_cut_within() -> None:
    assert cut("crlf", b"a\r\nb\r\r\n\n") == [b"a\r", b"\nb\r\r", b"\n\n"]
    assert cut("field", b"data:1\rdata: 2\n data:3\ndata\n", b"data:4") == [
        b"da",
        b"ta:1\rda",
        b"ta: 2\n data:3\ndata\n",
        b"da",
        b"ta:4",
    ]
    assert cut("field", b"\xef\xbb\xbfdata: 1") == [b"\xef\xbb\xbfda", b"ta: 1"]


def test_json_strings_are_cut_in_their_middle() -> None:
    assert cut("json-string", b'data: {"type": "", "x": ["\\"ab\\\\"]}\n') == [
        b'data: {"ty',
        b'pe": "", "',
        b'x": ["\\"a',
        b'b\\\\"]}\n',
    ]
    assert cut("json-string", 'data: ["é"]\n: "no data"\ndata: "open'.encode()) == [
        b'data: ["',
        'é"]\n: "no data"\ndata: "open'.encode(),
    ]


def test_a_string_that_is_never_closed_costs_one_look() -> None:
    line = b"data: " + b'"\\"' * 1 + b'\\"' * 200_000
    assert cut("json-string", line) == [line]


def test_the_same_seed_cuts_the_same_way() -> None:
    body = bytes(5000)
    assert cut("random:7", body) == cut("random:7", body)
    assert cut("random:7", body) != cut("random:8", body)
    sizes = [len(piece) for piece in cut("random:7", body)][:-1]
    assert min(sizes) <= 2
    assert 100 < max(sizes) <= MAX_RANDOM_SIZE


def test_several_ways_are_applied_one_after_the_other() -> None:
    way = parse_way("event, crlf")
    assert way.name == "event,crlf"
    assert cut("event, crlf", b"a\r", b"\n\r\nb") == [b"a\r", b"\n\r", b"\n", b"b"]
    assert way.reads_text
    assert not parse_way("recorded,1").reads_text


@pytest.mark.parametrize(
    "name", ["", "events", "0", "-1", "1.5", "random", "random:x", "16777217", "9" * 30, "1,,2"]
)
def test_an_unknown_name_is_told_the_known_ones(name: str) -> None:
    with pytest.raises(ValueError, match="recorded, event, line, whole, code-point, crlf, field"):
        parse_way(name)


@pytest.mark.parametrize("name", ["line", "event", "whole", "json-string", "4096"])
def test_nothing_is_held_back_without_limit(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "MAX_HELD_SIZE", 10_000)
    taken = 0

    def endless() -> Iterator[Piece]:
        nonlocal taken
        while True:
            taken += 1
            yield Piece(0.0, b"x" * 10)

    made = parse_way(name).cut(endless())
    for _ in range(5):
        assert next(made).data
    assert taken < 10_000
