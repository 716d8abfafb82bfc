from __future__ import annotations

from itertools import accumulate
from random import Random
from statistics import median_low

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.bursts import (
    FULL_BURSTS,
    HELD_EVENTS,
    HELD_SECONDS,
    INSTANT_SECONDS,
    SAME_SIZE,
    SMALLEST_BUFFER,
    Buffering,
    Burst,
    BurstWatch,
)
from captures.dialects.base import Event, EventKind
from captures.exchange import Exchange
from captures.records import Boundary, Chunk
from captures.sse import Frame, FrameKind
from tests.captures.anthropic_stream import HELLO, PING, arguments, text, tool_start
from tests.captures.by_hand import a_head, exchange_of

EVENT_SIZE = 200
"""Bytes of one event with a few letters of text, about what providers send."""


def word(size: int = EVENT_SIZE) -> bytes:
    """An event of this size that carries text."""
    padding = size - len(text(0, ""))
    return text(0, "x" * padding)


def stream(*pieces: tuple[float, bytes], boundary: Boundary = Boundary.CHUNK) -> Exchange:
    """A stream whose pieces arrived at these times."""
    begin = Chunk(1, pieces[0][0], b"".join(HELLO[:2]), Boundary.CHUNK)
    body = [Chunk(2, time, piece, boundary) for time, piece in pieces]
    return exchange_of([a_head(), begin, *body])


def found_in(exchange: Exchange) -> Buffering | None:
    return exchange.buffering()


def paced(
    count: int, gap: float, *, start: float = 1.0, packed: int = 1
) -> list[tuple[float, bytes]]:
    """So many events at a steady pace, in chunks of so many."""
    return [(start + gap * number, word() * packed) for number in range(count // packed)]


def through_buffer(
    events: list[tuple[float, bytes]], size: int, *, piece: int | None = None
) -> list[tuple[float, bytes]]:
    """What a proxy makes of a stream that passes it on by so many bytes, and the rest at its end.

    Args:
        events: what it is sent.
        size: of its buffer.
        piece: bytes of the pieces in which the network then delivers them; None for one.
    """
    held, passed = b"", []
    for time, data in events:
        held += data
        while len(held) >= size:
            passed.append((time, held[:size]))
            held = held[size:]
    passed.append((events[-1][0] + 0.001, held))
    if piece is None:
        return passed
    return [
        (time + 0.0002 * number, data[start : start + piece])
        for time, data in passed
        for number, start in enumerate(range(0, len(data), piece))
    ]


class TestBuffer:
    @pytest.mark.parametrize("size", [4096, 8192, 16384, 65536])
    @pytest.mark.parametrize("gap", [0.02, 0.05])
    def test_size_of_a_buffer_is_that_of_its_bursts(self, size: int, gap: float) -> None:
        count = size // EVENT_SIZE * 5
        found = found_in(stream(*through_buffer(paced(count, gap), size)))

        assert found is not None
        assert found.size is not None
        assert abs(found.size - size) < 0.02 * size
        assert found.bursts >= 3
        assert found.pause >= 0.9 * gap * size / EVENT_SIZE

    def test_burst_that_the_network_delivers_in_many_reads_is_one(self) -> None:
        pieces = through_buffer(paced(500, 0.02), 16384, piece=1448)

        found = found_in(stream(*pieces, boundary=Boundary.READ))

        assert found is not None
        assert found.size == pytest.approx(16384, rel=0.02)

    def test_sizes_need_not_be_the_same_to_the_byte(self) -> None:
        random = Random(7)  # noqa: S311 - how long a word is is no secret
        events = [(1 + 0.03 * n, word(random.randint(170, 230))) for n in range(600)]
        pieces: list[tuple[float, bytes]] = []
        held, since = b"", 0.0
        for time, data in events:
            if len(held) + len(data) > 16384:
                pieces.append((time, held))
                held = b""
            held, since = held + data, time
        pieces.append((since, held))

        found = found_in(stream(*pieces))

        assert found is not None
        assert found.size == pytest.approx(16384, rel=0.05)

    def test_bursts_of_all_sizes_are_no_buffer(self) -> None:
        sizes = [20, 75, 35, 110, 60, 25, 90]
        starts = accumulate(sizes, initial=20)
        pieces = [(0.05 * at, word() * size) for size, at in zip(sizes, starts, strict=False)]

        assert found_in(stream(*pieces)) is None


class TestWholeAnswer:
    def test_answer_that_waited_until_it_was_whole_is_found(self) -> None:
        found = found_in(stream((8.0, word() * 200)))

        assert found is not None
        assert (found.size, found.bursts, found.events, found.of_events) == (None, 1, 200, 200)
        assert found.pause == 8.0
        assert found.event == 2

    def test_chunks_of_their_own_in_one_instant_are_found_too(self) -> None:
        pieces = [(8.0 + 0.00003 * number, word()) for number in range(200)]

        found = found_in(stream(*pieces))

        assert found is not None
        assert found.events == 200

    def test_pings_before_it_change_nothing(self) -> None:
        pings = [(float(number), PING) for number in range(1, 8)]

        assert found_in(stream(*pings, (9.0, word() * 200))) is not None

    def test_answer_that_comes_at_once_without_a_wait_is_not_held(self) -> None:
        assert found_in(stream((0.4, word() * 200))) is None

    def test_short_answer_may_come_at_once(self) -> None:
        assert found_in(stream((8.0, word() * 20))) is None


class TestHealthy:
    @pytest.mark.parametrize("gap", [0.0005, 0.002, 0.01, 0.019, 0.021, 0.1, 1.0])
    def test_steady_model_is_not_held_back(self, gap: float) -> None:
        assert found_in(stream(*paced(800, gap, start=5.0))) is None

    @pytest.mark.parametrize("packed", [2, 3, 4, 5])
    @pytest.mark.parametrize("gap", [0.05, 0.2, 1.0])
    def test_provider_that_packs_a_few_events_is_not_held_back(
        self, packed: int, gap: float
    ) -> None:
        assert found_in(stream(*paced(400, gap, start=5.0, packed=packed))) is None

    def test_server_that_writes_ten_small_events_at_once_has_no_buffer(self) -> None:
        assert found_in(stream(*paced(400, 0.3, packed=10))) is None

    def test_fast_replay_has_no_waits(self) -> None:
        pieces = [(time / 1000, data) for time, data in through_buffer(paced(500, 0.05), 16384)]

        assert found_in(stream(*pieces)) is None

    def test_arguments_of_a_tool_may_be_held_until_they_are_whole(self) -> None:
        held = tool_start(1) + arguments(1, "x" * 100) * 300

        assert found_in(stream(*paced(20, 0.05), (20.0, held))) is None

    def test_stream_that_stutters_is_not_held_back(self) -> None:
        random = Random(3)  # noqa: S311 - how a network stutters is no secret
        time, pieces = 1.0, []
        for _ in range(400):
            time += random.choice([0.005, 0.01, 0.03, 0.2, 0.5])
            pieces.append((time, word() * random.randint(1, 5)))

        assert found_in(stream(*pieces)) is None

    def test_nothing_is_held_back_in_no_stream(self) -> None:
        assert BurstWatch().buffering() is None
        assert found_in(stream((1.0, PING))) is None


def written_by_chunk(pieces: list[tuple[float, int]]) -> list[tuple[float, int, list[int]]]:
    """Time, size and numbers of the events with text of each chunk: what a stream is made of."""
    chunks, index = [], 0
    for time, count in pieces:
        chunks.append((time, EVENT_SIZE * count, list(range(index, index + count))))
        index += count
    return chunks


def buffering_of(pieces: list[tuple[float, int]]) -> Buffering | None:
    """What a watch finds that sees the chunks and the events as they come."""
    watch = BurstWatch()
    for time, size, indices in written_by_chunk(pieces):
        watch.see_chunk(time, size, Boundary.CHUNK)
        for index in indices:
            frame = Frame(FrameKind.EVENT, index, index + 1, time, time)
            watch.see_event(index, Event(frame, EventKind.TEXT, "x", "y"))
        watch.buffering()
    return watch.buffering()


def buffering_by_hand(pieces: list[tuple[float, int]]) -> Buffering | None:
    """The same of all chunks at once, group by group."""
    groups: list[list[tuple[float, int, list[int]]]] = []
    for chunk in written_by_chunk(pieces):
        if not groups or chunk[0] - groups[-1][-1][0] > INSTANT_SECONDS:
            groups.append([])
        groups[-1].append(chunk)
    bursts, previous = [], 0.0
    for group in groups:
        indices = [index for _, _, of_chunk in group for index in of_chunk]
        if indices:
            size, start = sum(size for _, size, _ in group), group[0][0]
            pause, first = start - previous, indices[0]
            bursts.append(Burst(start, group[-1][0], pause, size, len(group), len(indices), first))
        previous = group[-1][0]
    total = sum(burst.events for burst in bursts)
    largest = max(bursts, key=lambda burst: burst.events, default=None)
    is_whole = largest is not None and largest.events >= 0.95 * total and total >= HELD_EVENTS
    if largest and is_whole and largest.pause >= HELD_SECONDS and largest.is_held_back:
        return Buffering(None, 1, largest.events, total, largest.pause, largest.first_event)
    full = [burst for burst in bursts[:-1] if burst.is_held_back]
    if len(full) < FULL_BURSTS:
        return None
    size = median_low(burst.size for burst in full)
    same = [burst for burst in full if abs(burst.size - size) <= SAME_SIZE * size]
    events, due = sum(burst.events for burst in same), sum(burst.events for burst in bursts[:-1])
    if size < SMALLEST_BUFFER or len(same) < FULL_BURSTS or events < 0.9 * due:
        return None
    longest = max(burst.pause for burst in same)
    return Buffering(size, len(same), events, total, longest, same[0].first_event)


CHUNKS = st.lists(
    st.tuples(st.sampled_from([0.0, 0.01, 0.05, 0.3, 2.0]), st.sampled_from([0, 1, 20, 21, 40])),
    max_size=25,
)


@given(CHUNKS)
def test_what_comes_piece_by_piece_is_judged_as_a_whole_is(waits: list[tuple[float, int]]) -> None:
    times = accumulate(wait for wait, _ in waits)
    pieces = [(time, count) for time, (_, count) in zip(times, waits, strict=True)]

    assert buffering_of(pieces) == buffering_by_hand(pieces)


def test_event_held_until_the_next_chunk_belongs_to_the_burst_it_came_with() -> None:
    watch = BurstWatch()
    for number, time in enumerate((8.0, 9.0)):
        watch.see_chunk(time, 100, Boundary.READ)
        for index in range(40 * number, 40 * number + 40):
            frame = Frame(FrameKind.EVENT, index, index + 1, 8.0, 8.0)
            watch.see_event(index, Event(frame, EventKind.TEXT, "x", "y"))

    found = watch.buffering()
    assert found is not None
    assert (found.events, found.of_events) == (80, 80)


def test_times_that_run_backwards_are_taken() -> None:
    pieces = [(5.0, 3), (1.0, 3), (9.0, 3), (2.0, 3)]

    assert buffering_of(pieces) is None
