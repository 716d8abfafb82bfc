from __future__ import annotations

import pytest

from captures import sse
from captures.findings.ndjson import LINE_OVERSIZED
from captures.findings.rule import Complaint
from captures.growing_frame import GrowingFrame
from captures.sse import FrameKind


def test_frames_follow_each_other_with_the_times_of_their_bytes() -> None:
    growing = GrowingFrame(10, LINE_OVERSIZED)
    growing.add(b"ab", 1.0)
    growing.add(b"c", 2.0)
    growing.add(b"", 9.0)
    first = growing.take_event("line", bytes.upper)
    growing.add(b"d", 3.0)
    second = growing.take(FrameKind.BLANK)
    assert (first.start, first.stop, first.first_time, first.last_time) == (10, 13, 1.0, 2.0)
    assert (first.event, first.data) == ("line", "ABC")
    assert (second.start, second.stop, second.first_time, second.last_time) == (13, 14, 3.0, 3.0)


def test_a_frame_without_bytes_stands_at_the_time_of_the_last_one() -> None:
    growing = GrowingFrame(0, LINE_OVERSIZED)
    growing.add(b"a", 1.0)
    growing.add(b"b", 2.0)
    growing.take(FrameKind.BLANK)
    frame = growing.take(FrameKind.UNFINISHED, cut=Complaint(LINE_OVERSIZED, "x"))
    assert (frame.start, frame.stop, frame.first_time, frame.last_time) == (2, 2, 2.0, 2.0)
    assert (frame.cut, frame.complaints) == (Complaint(LINE_OVERSIZED, "x"), ())


def test_what_is_too_long_keeps_its_size_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "MAX_FRAME_SIZE", 3)
    growing = GrowingFrame(0, LINE_OVERSIZED)
    growing.add(b"abc", 1.0)
    growing.add(b"d", 2.0)
    frame = growing.take_event("line", bytes.strip)
    assert (frame.kind, frame.size, frame.data) == (FrameKind.OVERSIZED, 4, "")
    growing.add(b"abc", 3.0)
    assert growing.take_event("line", bytes.strip).data == "abc"
