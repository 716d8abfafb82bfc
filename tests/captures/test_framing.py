from __future__ import annotations

import pytest

from captures.framing import framing_for
from captures.sse import Decoder


@pytest.mark.parametrize("target", ["/v1/messages", "/anything?alt=sse", "/"])
def test_an_event_stream_is_framed_as_one_whatever_its_path(target: str) -> None:
    make = framing_for("text/event-stream", target)
    assert make is not None
    assert isinstance(make(0), Decoder)


def test_the_rest_of_a_body_is_framed_from_its_offset_on() -> None:
    make = framing_for("text/event-stream", "/")
    assert make is not None
    (frame,) = make(100).feed(b"data: x\n\n", 1.0)
    assert (frame.start, frame.stop) == (100, 109)


@pytest.mark.parametrize("content_type", ["application/json", "text/html", ""])
def test_anything_else_is_no_stream(content_type: str) -> None:
    assert framing_for(content_type, "/v1/messages") is None
