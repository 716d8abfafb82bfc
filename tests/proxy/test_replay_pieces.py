from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest

from captures.cutting import RECORDED, Way, parse_way
from captures.record_lines import encode
from captures.records import Chunk
from captures.store import CaptureError, Follower
from proxy import replay_pieces
from proxy.replay_exchange import PlainStream, SavedExchange, Served
from proxy.replay_pieces import Bodies
from proxy.replay_source import load_capture
from tests.proxy.recorded import Recorded, write_captures
from tests.proxy.replaying import open_files_in


def saved(folder: Path, *pieces: bytes) -> SavedExchange:
    (path,) = write_captures(folder, Recorded(pieces))
    exchange, _ = load_capture(path, ())
    return exchange


async def batches(served: Served, way: Way = RECORDED) -> list[list[bytes]]:
    async with aclosing(Bodies(way).batches_of(served)) as made:
        return [[piece.data for piece in batch] async for batch in made]


async def pieces_of(served: Served, way: Way = RECORDED) -> list[bytes]:
    return [piece for batch in await batches(served, way) for piece in batch]


async def test_pieces_over_many_slices_come_back_exactly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay_pieces, "SLICE_SIZE", 1000)
    pieces = [bytes([n % 256]) * (1 + n * 37 % 3000) for n in range(200)]
    assert await pieces_of(saved(tmp_path, *pieces)) == pieces


async def test_they_come_in_small_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay_pieces, "BATCH_PIECES", 3)
    monkeypatch.setattr(replay_pieces, "BATCH_SIZE", 100)
    exchange = saved(tmp_path, b"1", b"2", b"3", b"4", b"5" * 100, b"6")
    made = await batches(exchange)
    assert made == [[b"1", b"2", b"3"], [b"4", b"5" * 100], [b"6"]]


async def test_they_are_cut_as_is_asked(tmp_path: Path) -> None:
    exchange = saved(tmp_path, b"data: 1\n\nda", b"ta: 2\n\n")
    assert await pieces_of(exchange, parse_way("event")) == [b"data: 1\n\n", b"data: 2\n\n"]


async def test_the_file_is_closed_where_nobody_wants_more(tmp_path: Path) -> None:
    exchange = saved(tmp_path, *[b"x"] * 5000)
    async with aclosing(Bodies(parse_way("line")).batches_of(exchange)) as made:
        await anext(made)
    assert open_files_in(tmp_path) == []


async def test_a_read_under_way_is_waited_for(tmp_path: Path) -> None:
    exchange = saved(tmp_path, *[b"x"] * 100_000)
    reading = asyncio.create_task(pieces_of(exchange, parse_way("whole")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading


async def test_what_a_file_has_gained_since_it_was_loaded_is_not_replayed(tmp_path: Path) -> None:
    (path,) = write_captures(tmp_path, Recorded((b"one",), how=None))
    exchange, _ = load_capture(path, ())
    with path.open("ab") as file:
        file.write(encode(Chunk(4, 2.0, b"two")))
    assert await pieces_of(exchange) == [b"one"]


async def test_a_file_that_is_gone_or_has_shrunk_is_told_of(tmp_path: Path) -> None:
    exchange = saved(tmp_path, b"one", b"two")
    lines = exchange.path.read_bytes().splitlines(keepends=True)
    exchange.path.write_bytes(b"".join(lines[:4]))
    assert await pieces_of(exchange) == [b"one"]
    exchange.path.unlink()
    with pytest.raises(CaptureError, match="cannot open"):
        await pieces_of(exchange)


async def test_a_plain_stream_is_cut_by_event_and_then_as_is_asked(tmp_path: Path) -> None:
    stream = PlainStream(tmp_path / "a.sse")
    stream.path.write_bytes(b"data: 1\n\ndata: 2\n\n")
    async with aclosing(Bodies(RECORDED, 0.25).batches_of(stream)) as made:
        assert [*await anext(made)] == [(0.0, b"data: 1\n\n"), (0.25, b"data: 2\n\n")]
    assert await pieces_of(stream, parse_way("11")) == [b"data: 1\n\nda", b"ta: 2\n\n"]
    stream.path.unlink()
    with pytest.raises(CaptureError, match="cannot open"):
        await pieces_of(stream)


async def test_a_small_body_is_read_once_for_all_who_ask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []

    class Counted(Follower):
        def __init__(self, path: Path) -> None:
            opened.append(path)
            super().__init__(path)

    monkeypatch.setattr(replay_pieces, "Follower", Counted)
    monkeypatch.setattr(replay_pieces, "MOST_KEPT", 2)
    bodies = Bodies(RECORDED)

    async def read(served: Served) -> list[bytes]:
        async with aclosing(bodies.batches_of(served)) as made:
            return [piece.data async for batch in made for piece in batch]

    exchange = saved(tmp_path, b"1", b"2")
    assert {tuple(got) for got in await asyncio.gather(*(read(exchange) for _ in range(50)))} == {
        (b"1", b"2")
    }
    assert len(opened) <= replay_pieces.THREADS
    opened.clear()
    changed, _ = load_capture(exchange.path, ())
    assert await read(changed) == [b"1", b"2"]
    assert opened == [exchange.path]
    for name in ("b", "c"):
        await read(saved(tmp_path / name, b"x"))
    opened.clear()
    await read(changed)
    assert opened == [exchange.path]


async def test_a_large_body_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay_pieces, "BATCH_PIECES", 2)
    exchange = saved(tmp_path, b"1", b"2", b"3")
    bodies = Bodies(RECORDED)
    for _ in range(2):
        async with aclosing(bodies.batches_of(exchange)) as made:
            assert len([batch async for batch in made]) == 2
    exchange.path.unlink()
    with pytest.raises(CaptureError, match="cannot open"):
        async with aclosing(bodies.batches_of(exchange)) as made:
            await anext(made)
