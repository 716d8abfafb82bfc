"""The body of a replayed answer, read from its file while it is sent.

No body is held whole: a file is read slice by slice, cut into the pieces that are wanted, and
handed over a batch at a time. Reading and cutting run in threads.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Iterator
from contextlib import closing

from anyio import to_thread

from captures.cutting import Cut, Piece, by_event
from captures.records import Chunk
from captures.store import Follower, pieces_of
from proxy.replay_exchange import Answer, PlainStream, SavedExchange, Served

SLICE_SIZE = 256 * 1024
"""Bytes of a capture file that are read at a time."""
BATCH_SIZE = 256 * 1024
"""Bytes after which a batch is handed over."""
BATCH_PIECES = 256
"""Pieces after which it is."""


async def batches_of(
    served: Served, cut: Cut, interval: float = 0.0
) -> AsyncGenerator[list[Piece], None]:
    """The pieces of an answer, from its file as it now stands, a few at a time.

    Of a capture at most as many recorded ones as were counted when it was loaded; fewer if the
    file has shrunk since. Close the iterator.

    Args:
        served: whose answer.
        cut: how its pieces are cut.
        interval: seconds from one event of a plain stream to the next.

    Raises:
        CaptureError: the file can no longer be opened or is another one.
    """
    if isinstance(served, PlainStream):
        made = plain_pieces(served, interval)
    else:
        made = recorded_pieces(served)
    with closing(made) as source:
        pieces = cut(source)
        # anyio's threads, unlike asyncio's, are waited for by a cancelled task: the file is
        # never closed under a read.
        while batch := await to_thread.run_sync(_take_batch, pieces):
            yield batch


def recorded_pieces(exchange: SavedExchange) -> Generator[Piece, None, None]:
    """The recorded pieces. Blocks; holds one slice of the file, or one longer line, in memory.

    Raises:
        CaptureError: as `batches_of`.
    """
    assert isinstance(exchange.outcome, Answer)  # noqa: S101 - a failure has no body
    wanted = exchange.outcome.pieces
    if not wanted:
        return
    with Follower(exchange.path) as follower:
        while True:
            records = follower.poll(SLICE_SIZE)
            if not records and follower.at_end():
                return
            for record in records:
                if isinstance(record, Chunk):
                    yield Piece(record.time, record.data)
                    wanted -= 1
                    if not wanted:
                        return


def plain_pieces(stream: PlainStream, interval: float) -> Generator[Piece, None, None]:
    """An event a piece, each this many seconds after the one before it. Blocks.

    Raises:
        CaptureError: the file cannot be read.
    """
    with closing(pieces_of(stream.path)) as slices:
        for number, event in enumerate(by_event(Piece(0.0, data) for data in slices)):
            yield Piece(number * interval, event.data)


def _take_batch(pieces: Iterator[Piece]) -> list[Piece]:
    batch: list[Piece] = []
    size = 0
    for piece in pieces:
        batch.append(piece)
        size += len(piece.data)
        if size >= BATCH_SIZE or len(batch) >= BATCH_PIECES:
            break
    return batch
