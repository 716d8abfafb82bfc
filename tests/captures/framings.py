"""What is true of every framing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from captures.framing import Framing
from captures.sse import Frame
from tests.captures.cuts import at_random, byte_by_byte


def decoded(framing: Framing, pieces: Iterable[bytes]) -> list[Frame]:
    """All frames; the pieces arrive at 0 s, 1 s, 2 s …"""
    frames: list[Frame] = []
    for number, piece in enumerate(pieces):
        frames += framing.feed(piece, float(number))
    return frames + framing.finish()


def without_times(frames: list[Frame]) -> list[Frame]:
    return [replace(frame, first_time=0.0, last_time=0.0) for frame in frames]


def assert_tiled(frames: list[Frame], size: int, start: int = 0) -> None:
    """Each frame begins where the one before it ends, from the start to the end of the body."""
    edges = [start, *(frame.stop for frame in frames)]
    assert [frame.start for frame in frames] == edges[:-1]
    assert edges[-1] == start + size


def assert_sound(
    make: Callable[[int], Framing], body: bytes, pieces: list[bytes], start: int = 0
) -> None:
    """Frames tile the body and do not depend on where these pieces were cut.

    A byte arrives at a time that is its offset, so that the times of every frame are known.
    """
    whole = decoded(make(start), [body])
    assert_tiled(whole, len(body), start)
    assert without_times(decoded(make(start), pieces)) == without_times(whole)
    framing = make(start)
    single = decoded(framing, byte_by_byte(body))
    assert without_times(single) == without_times(whole)
    for frame in single:
        if frame.size:
            assert (frame.first_time, frame.last_time) == (
                frame.start - start,
                frame.stop - 1 - start,
            )
    assert framing.finish() == []


def assert_sound_at_random(make: Callable[[int], Framing], body: bytes) -> None:
    for seed in range(5):
        assert_sound(make, body, at_random(body, seed))
