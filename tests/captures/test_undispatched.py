from __future__ import annotations

import pytest

from captures.dialects.base import EventKind
from captures.sse import Decoder, FrameKind
from captures.undispatched import undispatched


@pytest.mark.parametrize(
    ("stream", "kind", "type_", "text"),
    [
        (b": hello\n: you\n\n", EventKind.COMMENT, "comment", "hello  you"),
        (b"retry: 300\n\n", EventKind.NOTHING, "retry", "300 ms"),
        (b"event: quiet\n\n", EventKind.NOTHING, "quiet", ""),
        (b"id: 3\n\n", EventKind.NOTHING, "no data", ""),
        (b"\n", EventKind.NOTHING, FrameKind.BLANK.value, ""),
        (b"data: torn", EventKind.UNFINISHED, "unfinished event", "data: torn"),
    ],
)
def test_a_frame_that_dispatches_nothing_stands_in_the_timeline(
    stream: bytes, kind: EventKind, type_: str, text: str
) -> None:
    decoder = Decoder()
    frames = [*decoder.feed(stream, 1.0), *decoder.finish()]

    event = undispatched(frames[0])

    assert (event.kind, event.type, event.text) == (kind, type_, text)
    assert event.frame is frames[0]
