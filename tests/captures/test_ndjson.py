from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures import sse
from captures.findings.ndjson import LINE_CUT, LINE_OVERSIZED
from captures.ndjson import LineDecoder
from captures.sse import Frame, FrameKind
from tests.captures.cuts import any_cuts
from tests.captures.framings import assert_sound, assert_sound_at_random, decoded

ODD_LINES = st.lists(
    st.sampled_from(
        [b"{}", b'{"a": "\xc3\xa9"}', b"\n", b"\r\n", b"\r", b" ", b'{"a', b"1", b"\xff"]
    ),
    max_size=20,
).map(b"".join)


def kinds(body: bytes) -> list[tuple[FrameKind, str]]:
    return [(frame.kind, frame.data) for frame in decoded(LineDecoder(), [body])]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(b"", [], id="nothing"),
        pytest.param(
            b'{"a": 1}\n[2]\n', [(FrameKind.EVENT, '{"a": 1}'), (FrameKind.EVENT, "[2]")], id="LF"
        ),
        pytest.param(b"{}\r\n", [(FrameKind.EVENT, "{}")], id="CR LF"),
        pytest.param(
            b"\n \r\n{}\n",
            [(FrameKind.BLANK, ""), (FrameKind.BLANK, ""), (FrameKind.EVENT, "{}")],
            id="blank lines",
        ),
        pytest.param(b"  {}\t\n", [(FrameKind.EVENT, "{}")], id="blanks around"),
        pytest.param(b"{}\n{}", [(FrameKind.EVENT, "{}")] * 2, id="a last line without LF"),
        pytest.param(b"{}\n  ", [(FrameKind.EVENT, "{}"), (FrameKind.BLANK, "")], id="end blanks"),
        pytest.param(b'{"a":', [(FrameKind.UNFINISHED, '{"a":')], id="a cut line"),
        pytest.param(b"oops\n", [(FrameKind.EVENT, "oops")], id="no JSON is the dialect's matter"),
        pytest.param(b"{}\r{}\n", [(FrameKind.EVENT, "{}\r{}")], id="a lone CR ends no line"),
        pytest.param("{}\u2028\x85\n".encode(), [(FrameKind.EVENT, "{}\u2028\x85")], id="Unicode"),
        pytest.param(b'"\xff"\n', [(FrameKind.EVENT, '"\ufffd"')], id="not UTF-8"),
    ],
)
def test_lines(body: bytes, expected: list[tuple[FrameKind, str]]) -> None:
    assert kinds(body) == expected
    assert_sound_at_random(LineDecoder, body)


def test_a_line_is_complete_with_its_line_feed() -> None:
    framing = LineDecoder()
    frames = framing.feed(b'{"a', 1.0) + framing.feed(b'": 1}', 2.0) + framing.feed(b"\n{", 3.0)
    assert [(frame.first_time, frame.last_time) for frame in frames] == [(1.0, 3.0)]


def test_only_a_line_that_was_cut_is_complained_of() -> None:
    [whole, cut] = decoded(LineDecoder(), [b"{}\n", b'{"a'])
    assert whole.complaints == ()
    assert cut.cut is not None
    assert (cut.complaints, cut.cut.rule) == ((), LINE_CUT)


def test_the_rest_of_a_body_is_counted_from_its_offset() -> None:
    [frame] = decoded(LineDecoder(100), [b"{}\n"])
    assert (frame.start, frame.stop) == (100, 103)


class TestOversized:
    @pytest.fixture(autouse=True)
    def _small_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sse, "MAX_FRAME_SIZE", 20)

    def test_its_size_is_kept_and_the_next_line_is_whole(self) -> None:
        body = b"[" + b"1" * 50 + b"]\n{}\n"
        assert kinds(body) == [(FrameKind.OVERSIZED, ""), (FrameKind.EVENT, "{}")]
        [frame, _] = decoded(LineDecoder(), [body])
        assert frame.size == 53
        assert [complaint.rule for complaint in frame.complaints] == [LINE_OVERSIZED]
        assert_sound_at_random(LineDecoder, body)

    def test_a_line_of_exactly_the_limit_is_read(self) -> None:
        assert kinds(b"[" + b"1" * 17 + b"]\n") == [(FrameKind.EVENT, "[11111111111111111]")]

    def test_one_that_nothing_ends_is_oversized_too(self) -> None:
        assert kinds(b"1" * 50) == [(FrameKind.OVERSIZED, "")]

    def test_its_bytes_are_not_kept(self) -> None:
        framing = LineDecoder()
        for _ in range(100):
            framing.feed(b"1" * 10, 0.0)
        assert len(framing._frame._kept) <= 20


@given(st.data(), st.binary(max_size=200) | ODD_LINES)
def test_any_bytes_are_tiled_however_they_are_cut(data: st.DataObject, body: bytes) -> None:
    assert_sound(LineDecoder, body, data.draw(any_cuts(body)))


@given(ODD_LINES)
def test_events_are_the_lines_that_are_not_blank(body: bytes) -> None:
    frames: list[Frame] = decoded(LineDecoder(), [body])
    lines = [line.strip().decode("utf-8", "replace") for line in body.split(b"\n")]
    assert [frame.data for frame in frames if frame.data] == [line for line in lines if line]
