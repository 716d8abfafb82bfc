from __future__ import annotations

import pytest

from captures.dialects.recognise import dialect_for
from tests.captures.anthropic_stream import PING, error, event, message_start
from tests.captures.dialects.folding import frames
from tests.captures.shared_material import needs_streams, sse_recordings


@pytest.mark.parametrize(
    ("first_event", "target", "name"),
    [
        (message_start(), "/v1/messages", "anthropic.messages"),
        (message_start(), "/gateway/anything", "anthropic.messages"),
        (PING, "/", "anthropic.messages"),
        (error(), "/v1/messages", "anthropic.messages"),
        (event("future_event"), "/v1/messages", "anthropic.messages"),
        (event("future_event"), "/prefix/v1/messages?beta=true", "anthropic.messages"),
        (event("future_event"), "/v1/responses", "sse"),
        (b"data: [DONE]\n\n", "/v1/messages", "sse"),
        (b'data: {"object":"chat.completion.chunk"}\n\n', "/v1/chat/completions", "sse"),
        (b'data: {"type":["message_start"]}\n\n', "/", "sse"),
        (b"data: plain\n\n", "/", "sse"),
    ],
)
def test_shape_decides_and_then_the_path(first_event: bytes, target: str, name: str) -> None:
    [frame] = frames([first_event])

    assert dialect_for(frame, target).name == name


def test_every_exchange_gets_a_fold_of_its_own() -> None:
    [frame] = frames([message_start()])

    assert dialect_for(frame, "/") is not dialect_for(frame, "/")


@needs_streams
@pytest.mark.parametrize("name", [recording.name for recording in sse_recordings()])
def test_recording_gets_the_dialect_of_its_protocol(name: str) -> None:
    [recording] = [entry for entry in sse_recordings() if entry.name == name]
    first = next(iter(frames([recording.body])), None)
    if first is None:
        pytest.skip("it dispatches no event")

    found = dialect_for(first, recording.target).name

    assert (found == "anthropic.messages") == (recording.protocol == "anthropic.messages")
