from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.cut_kinds import CutKind, kinds_of_cuts

EVENT = 'event: x\r\ndata: {"a\\"b": "é", "n": [1, 2]}\r\n\r\n'.encode()


def test_every_place_of_an_event_has_its_kind() -> None:
    found = kinds_of_cuts(EVENT, range(1, len(EVENT)))

    expected = {
        CutKind.FIELD: [b"e|vent", b"event|:", b"event:| x", b"event: |x", b"d|ata", b"data: |{"],
        CutKind.CR_LF: [b"x\r|\n", b"}\r|\n", b"\r\n\r|\n"],
        CutKind.LINES: [b"\n|data", b"}\r\n|\r\n"],
        CutKind.JSON_STRING: [b'"|a', b'a|\\"', b'\\|"b', b'b|"', b'"|\xc3', b'n|"'],
        CutKind.CODE_POINT: [b"\xc3|\xa9"],
        CutKind.OTHER: [b"{|", b'|"a', b'"|:', b"[|1", b"1|,", b"}|\r"],
    }
    for kind, places in expected.items():
        for place in places:
            before, _, after = place.partition(b"|")
            cut = EVENT.index(before + after) + len(before)
            assert found[cut - 1] is kind, place


@pytest.mark.parametrize("character", ["é", "€", "👋"])
def test_character_is_torn_wherever_its_bytes_are(character: str) -> None:
    block = f"data: {character}\n\n".encode()
    size = len(character.encode())

    found = kinds_of_cuts(block, range(6, 7 + size))

    assert found[1:size] == [CutKind.CODE_POINT] * (size - 1)
    assert (found[0], found[size]) == (CutKind.FIELD, CutKind.OTHER)


@pytest.mark.parametrize(
    "block", [b"data: \x80\x80\x80", b"data: \xe2\x82x", b"data: \xc3\xa9\xa9"]
)
def test_bytes_that_are_no_character_are_not_torn(block: bytes) -> None:
    assert CutKind.CODE_POINT not in kinds_of_cuts(block, [len(block) - 1])


def test_byte_order_mark_is_one_character_before_the_field() -> None:
    found = kinds_of_cuts(b"\xef\xbb\xbfdata: 1\n\n", [1, 2, 3, 5])

    assert found == [CutKind.CODE_POINT, CutKind.CODE_POINT, CutKind.FIELD, CutKind.FIELD]


def test_line_of_json_without_a_field_is_cut_in_its_strings() -> None:
    found = kinds_of_cuts(b'{"data: ":1}\n', [1, 4, 10])

    assert found == [CutKind.OTHER, CutKind.JSON_STRING, CutKind.OTHER]


def test_string_that_never_closes_goes_on_to_the_end_of_its_line() -> None:
    found = kinds_of_cuts(b'data: "abc\ndata: x\n\n', [8, 9, 18])

    assert found == [CutKind.JSON_STRING, CutKind.JSON_STRING, CutKind.OTHER]


def test_nothing_is_told_of_binary_messages() -> None:
    assert kinds_of_cuts(EVENT, [1, 9], is_text=False) == [CutKind.OTHER, CutKind.OTHER]


@given(st.data())
def test_any_cuts_of_any_bytes_get_a_kind_each_whatever_other_cuts_there_are(
    data: st.DataObject,
) -> None:
    pieces = st.sampled_from(
        [b"data: ", b'"', b"\\", b"\r", b"\n", b"\xe2\x82\xac", b"\xff", b"x", b"{}", b":"]
    )
    block = b"".join(data.draw(st.lists(pieces, min_size=2, max_size=20)))
    every = range(1, len(block))
    places = sorted(data.draw(st.sets(st.sampled_from(every)))) if every else []

    alone = kinds_of_cuts(block, every)

    assert len(alone) == len(every)
    assert kinds_of_cuts(block, places) == [alone[place - 1] for place in places]
