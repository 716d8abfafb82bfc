from __future__ import annotations

from itertools import accumulate
from random import Random

import pytest

from captures.body import ChunkMark
from captures.bursts import Buffering, Burst, buffering_in, bursts_of
from captures.dialects.base import Event, EventKind
from captures.exchange import Exchange
from captures.records import Boundary, Chunk
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
    return buffering_in(exchange.body.chunks, exchange.events)


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
        assert buffering_in([], []) is None
        assert found_in(stream((1.0, PING))) is None


def test_bursts_tile_the_stream() -> None:
    pieces = [(1.0, word() * 3), (1.01, word()), (1.5, PING), (2.0, word() * 2)]
    exchange = stream(*pieces)

    bursts = bursts_of(exchange.body.chunks, exchange.events)

    assert bursts[0] == Burst(1.0, 1.01, 1.0, bursts[0].size, 3, 4, 2)
    assert [(burst.events, burst.chunks) for burst in bursts] == [(4, 3), (0, 1), (2, 1)]
    assert sum(burst.size for burst in bursts) == exchange.body.size
    assert bursts[1].pause == pytest.approx(0.49)


def test_times_that_run_backwards_are_taken() -> None:
    chunks = [ChunkMark(time, 10, 0, Boundary.CHUNK) for time in (5.0, 1.0, 9.0, 2.0)]
    events = [
        Event(event.frame, EventKind.TEXT, "x", "y") for event in stream((1.0, word())).events
    ]

    assert sum(burst.events for burst in bursts_of(chunks, events)) <= len(events)
