"""Ways of cutting a body into network chunks."""

from __future__ import annotations

from itertools import pairwise
from random import Random

from hypothesis import strategies as st


def byte_by_byte(body: bytes) -> list[bytes]:
    """Every byte by itself."""
    return [body[index : index + 1] for index in range(len(body))]


def at(body: bytes, places: list[int]) -> list[bytes]:
    """Cut before each of these offsets; equal ones give empty pieces."""
    edges = [0, *sorted(places), len(body)]
    return [body[start:stop] for start, stop in pairwise(edges)]


def at_random(body: bytes, seed: int, pieces: int = 12) -> list[bytes]:
    """Cut at random, the same way for the same seed."""
    random = Random(seed)  # noqa: S311 -- where a test cuts is no secret
    return at(body, [random.randint(0, len(body)) for _ in range(pieces)])


@st.composite
def any_cuts(draw: st.DrawFn, body: bytes, most: int = 12) -> list[bytes]:
    """Every way of cutting this body into a few pieces."""
    return at(body, draw(st.lists(st.integers(0, len(body)), max_size=most)))
