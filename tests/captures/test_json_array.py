from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures import sse
from captures.findings.gemini import ARRAY_CUT, ARRAY_DAMAGED, ELEMENT_OVERSIZED
from captures.json_array import ARRAY_END, ArrayDecoder
from captures.sse import FrameKind
from tests.captures.cuts import any_cuts
from tests.captures.framings import assert_sound, assert_sound_at_random, decoded
from tests.captures.strategies import payloads

EVENT, SILENT, BLANK = FrameKind.EVENT, FrameKind.SILENT, FrameKind.BLANK
CUT, DAMAGED = FrameKind.UNFINISHED, FrameKind.DAMAGED

ODD_PIECES = st.lists(
    st.sampled_from(
        b'[|]|{|}|"|\\|,|\n|\r| |x|"a":|1|{}|{"a": "b"}|\n,\r\n|\xc3\xa9|\xff'.split(b"|")
    ),
    max_size=30,
).map(b"".join)


def kinds(body: bytes, start: int = 0) -> list[tuple[FrameKind, str]]:
    return [(frame.kind, frame.data) for frame in decoded(ArrayDecoder(start), [body])]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(b"", [], id="nothing"),
        pytest.param(b" \n", [(BLANK, "")], id="blanks alone"),
        pytest.param(b"[]", [(SILENT, "")], id="no element"),
        pytest.param(b'[{"a": 1}]', [(EVENT, '{"a": 1}'), (SILENT, "")], id="one element"),
        pytest.param(
            b'[{"a": 1}\n,\r\n{"b": 2}\n]\n',
            [(EVENT, '{"a": 1}'), (EVENT, '{"b": 2}'), (SILENT, ""), (BLANK, "")],
            id="as Gemini divides them",
        ),
        pytest.param(
            b'[{"a": "}\\"]{[\\\\"},{"b": [{"c": []}]}]',
            [(EVENT, '{"a": "}\\"]{[\\\\"}'), (EVENT, '{"b": [{"c": []}]}'), (SILENT, "")],
            id="brackets and quotes in strings",
        ),
        pytest.param(b'{"error": {}}', [(EVENT, '{"error": {}}')], id="an object instead"),
        pytest.param(b"{}\n", [(EVENT, "{}"), (BLANK, "")], id="an object and a line end"),
        pytest.param(b'[{"a": "\xc3\xa9"', [(CUT, '{"a": "é"')], id="a cut element"),
        pytest.param(b"[{}", [(EVENT, "{}"), (CUT, "")], id="no end"),
        pytest.param(b"[{}\n,\r\n", [(EVENT, "{}"), (CUT, "")], id="no end behind a comma"),
        pytest.param(b"[", [(CUT, "")], id="no end behind the beginning"),
        pytest.param(b"<html>{}</html>", [(DAMAGED, "")], id="no JSON"),
        pytest.param(b"data: {}\n\n", [(DAMAGED, "")], id="an event stream"),
        pytest.param(b"[1, {}]", [(DAMAGED, "")], id="an element that is no object"),
        pytest.param(b"[{}{}]", [(EVENT, "{}"), (DAMAGED, "")], id="no comma"),
        pytest.param(b"[{},]", [(EVENT, "{}"), (DAMAGED, "")], id="no element behind a comma"),
        pytest.param(
            b'[{}]{"a": 1}', [(EVENT, "{}"), (SILENT, ""), (DAMAGED, "")], id="more behind the end"
        ),
        pytest.param(
            b'[{}, oops {"a": 1}\n,\r\n{"b": 2}]',
            [(EVENT, "{}"), (DAMAGED, ""), (EVENT, '{"b": 2}'), (SILENT, "")],
            id="damage ends at the next divider",
        ),
        pytest.param(
            b"[{}, x\n,\n\n,\r\n{}]",
            [(EVENT, "{}"), (DAMAGED, ""), (EVENT, "{}"), (SILENT, "")],
            id="what only looks like a divider is none",
        ),
    ],
)
def test_elements(body: bytes, expected: list[tuple[FrameKind, str]]) -> None:
    assert kinds(body) == expected
    assert_sound_at_random(ArrayDecoder, body)


@pytest.mark.parametrize(
    ("body", "rules"),
    [
        (b"[{}]", []),
        (b"[{}", [ARRAY_CUT]),
        (b'[{"a', [ARRAY_CUT]),
        (b"oops", [ARRAY_DAMAGED]),
        (b"[{}, x\n,\r\n{}, x", [ARRAY_DAMAGED, ARRAY_DAMAGED]),
    ],
)
def test_what_breaks_the_array_is_complained_of_once(body: bytes, rules: list[object]) -> None:
    frames = decoded(ArrayDecoder(), [body])
    found = [(*frame.complaints, *[frame.cut for _ in [0] if frame.cut]) for frame in frames]
    assert [complaint.rule for complaints in found for complaint in complaints] == rules


def test_the_end_says_what_it_is_and_dispatches_nothing() -> None:
    frame = decoded(ArrayDecoder(), [b"[{}\n]"])[-1]
    assert (frame.kind, frame.event, frame.size) == (SILENT, ARRAY_END, 2)


def test_an_element_is_complete_with_its_brace() -> None:
    framing = ArrayDecoder()
    frames = framing.feed(b'[{"a": 1}\n', 1.0) + framing.feed(b",\r\n{}", 2.0)
    assert [(frame.first_time, frame.last_time) for frame in frames] == [(1.0, 1.0), (1.0, 2.0)]


def test_the_rest_of_a_body_is_damaged_up_to_its_next_element() -> None:
    rest = b'"b": {}}]}\n,\r\n{"c": 1}\n]'
    assert kinds(rest, start=7) == [(DAMAGED, ""), (EVENT, '{"c": 1}'), (SILENT, "")]
    assert decoded(ArrayDecoder(7), [rest])[0].start == 7
    assert kinds(b"", start=7) == []


class TestOversized:
    @pytest.fixture(autouse=True)
    def _small_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sse, "MAX_FRAME_SIZE", 20)

    def test_its_size_is_kept_and_the_next_element_is_whole(self) -> None:
        body = b'[{"a": "' + b"x" * 50 + b'"},{"b": 1}]'
        [long, short, _] = decoded(ArrayDecoder(), [body])
        assert (long.kind, long.size) == (FrameKind.OVERSIZED, 60)
        assert [complaint.rule for complaint in long.complaints] == [ELEMENT_OVERSIZED]
        assert (short.kind, short.data) == (EVENT, '{"b": 1}')
        assert_sound_at_random(ArrayDecoder, body)

    def test_its_bytes_are_not_kept(self) -> None:
        framing = ArrayDecoder()
        framing.feed(b'[{"', 0.0)
        for _ in range(100):
            framing.feed(b"1" * 10, 0.0)
        assert len(framing._frame._kept) <= 20


OBJECTS = st.dictionaries(st.text(max_size=5), payloads, max_size=3)


@given(st.data(), st.lists(OBJECTS, max_size=4), st.sampled_from([",", "\n,\r\n", " , "]))
def test_any_objects_come_out_as_they_went_in(
    data: st.DataObject, objects: list[dict[str, object]], divider: str
) -> None:
    indent = data.draw(st.sampled_from([None, 2]))
    elements = [json.dumps(entry, ensure_ascii=False, indent=indent) for entry in objects]
    body = f"[{divider.join(elements)}\n]".encode()
    frames = decoded(ArrayDecoder(), data.draw(any_cuts(body)))
    assert [frame.data for frame in frames if frame.kind is EVENT] == elements
    assert frames[-1].kind is SILENT


@given(st.data(), st.binary(max_size=200) | ODD_PIECES, st.sampled_from([0, 9]))
def test_any_bytes_are_tiled_however_they_are_cut(
    data: st.DataObject, body: bytes, start: int
) -> None:
    assert_sound(ArrayDecoder, body, data.draw(any_cuts(body)), start)
