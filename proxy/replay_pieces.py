"""The body of a replayed answer, read from its capture while it is sent.

No body is held whole: a capture is read slice by slice, cut into the pieces that are wanted, and
handed over a batch at a time. Reading and cutting run in threads.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Iterator
from contextlib import closing

from anyio import to_thread

from captures.cutting import Cut, Piece
from captures.records import Chunk
from captures.store import Follower
from proxy.replay_exchange import Answer, SavedExchange

SLICE_SIZE = 256 * 1024
"""Bytes of a capture file that are read at a time."""
BATCH_SIZE = 256 * 1024
"""Bytes after which a batch is handed over."""
BATCH_PIECES = 256
"""Pieces after which it is."""


async def batches_of(exchange: SavedExchange, cut: Cut) -> AsyncGenerator[list[Piece], None]:
    """The pieces of an exchange's answer, from its file as it now stands, a few at a time.

    At most as many recorded ones as were counted when it was loaded; fewer if the file has
    shrunk since. Close the iterator.

    Raises:
        CaptureError: the file can no longer be opened or is another one.
    """
    with closing(recorded_pieces(exchange)) as recorded:
        pieces = cut(recorded)
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


def _take_batch(pieces: Iterator[Piece]) -> list[Piece]:
    batch: list[Piece] = []
    size = 0
    for piece in pieces:
        batch.append(piece)
        size += len(piece.data)
        if size >= BATCH_SIZE or len(batch) >= BATCH_PIECES:
            break
    return batch
