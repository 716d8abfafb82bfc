"""The fold over what providers really sent."""

from __future__ import annotations

import pytest

from tests.captures.by_hand import seen, streamed
from tests.captures.cuts import at_random
from tests.captures.shared_material import needs_streams, sse_recordings


@needs_streams
@pytest.mark.parametrize("name", [recording.name for recording in sse_recordings()])
def test_recording_folds_the_same_whole_and_cut_at_random(name: str) -> None:
    [recording] = [entry for entry in sse_recordings() if entry.name == name]
    body = recording.body
    whole = streamed([body], path=recording.target)

    pieces = at_random(body, seed=len(body), pieces=len(body) // 50)
    assert seen(streamed(pieces, path=recording.target)) == seen(whole)
    frames = [event.frame for event in whole.events]
    edges = [0, *(frame.stop for frame in frames)]
    assert [frame.start for frame in frames] == edges[:-1]
    assert b"".join(whole.raw(frame) for frame in frames) == body
