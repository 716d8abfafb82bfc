"""The body of a replayed answer, read from its file while it is sent.

A file is read slice by slice, cut into the pieces that are wanted, and handed over a batch at a
time; only small bodies are kept. Reading and cutting run in threads.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncGenerator, Generator, Iterator
from contextlib import closing
from pathlib import Path

from anyio import CapacityLimiter, to_thread

from captures.cutting import Cut, Piece, Way, as_recorded, by_event
from captures.records import Chunk
from captures.store import Follower, pieces_of
from proxy.replay_exchange import Answer, PlainStream, SavedExchange, Served

SLICE_SIZE = 256 * 1024
"""Bytes of a capture file that are read at a time."""
BATCH_SIZE = 256 * 1024
"""Bytes after which a batch is handed over."""
BATCH_PIECES = 1024
"""Pieces after which it is."""
MOST_KEPT = 256
"""How many bodies are kept that fit into one batch."""
THREADS = 2
"""How many read at once. They do not wait but compute, and more would hold the event loop up."""

_Batch = tuple[list[Piece], bool]
"""Pieces, and whether they are the last."""


class Bodies:
    """The bodies of answers, cut in one way. Mutable: keeps the small ones that were read last.

    Many clients that ask for the same capture at once would otherwise each read it, and the
    threads that read would keep the event loop from sending.
    """

    def __init__(self, chunks: Way, interval: float = 0.0) -> None:
        self._chunks = chunks
        self._interval = interval
        self._kept: OrderedDict[Path, tuple[Served, list[Piece]]] = OrderedDict()
        self._threads = CapacityLimiter(THREADS)

    async def batches_of(self, served: Served) -> AsyncGenerator[list[Piece], None]:
        """The pieces of an answer, a few at a time. Close the iterator.

        They come from the file as it now stands. Of a capture there are at most as many recorded
        ones as were counted when it was loaded; fewer if the file has shrunk since.

        Raises:
            CaptureError: the file can no longer be opened or is another one.
        """
        kept = self._kept_of(served)
        if kept is not None:
            yield kept
            return
        with closing(_source(served, self._interval)) as source:
            pieces = self._cut_of(served)(source)
            # anyio's threads, unlike asyncio's, are waited for by a cancelled task: the file is
            # never closed under a read.
            read, limiter = to_thread.run_sync, self._threads
            batch, over = await read(self._first_batch, served, pieces, limiter=limiter)
            yield batch
            while not over:
                batch, over = await read(_take_batch, pieces, limiter=limiter)
                yield batch

    def _first_batch(self, served: Served, pieces: Iterator[Piece]) -> _Batch:
        kept = self._kept_of(served)
        if kept is not None:
            # Another client's request has read it meanwhile.
            return kept, True
        batch, over = _take_batch(pieces)
        if over:
            self._keep(served, batch)
        return batch, over

    def _cut_of(self, served: Served) -> Cut:
        outcome = served.outcome
        coded = isinstance(outcome, Answer) and outcome.coded
        return as_recorded if coded and self._chunks.reads_text else self._chunks.cut

    def _kept_of(self, served: Served) -> list[Piece] | None:
        of, pieces = self._kept.get(served.path, (None, None))
        return pieces if of is served else None

    def _keep(self, served: Served, pieces: list[Piece]) -> None:
        self._kept[served.path] = (served, pieces)
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)


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


def _source(served: Served, interval: float) -> Generator[Piece, None, None]:
    if isinstance(served, PlainStream):
        return plain_pieces(served, interval)
    return recorded_pieces(served)


def _take_batch(pieces: Iterator[Piece]) -> _Batch:
    batch: list[Piece] = []
    size = 0
    for piece in pieces:
        batch.append(piece)
        size += len(piece.data)
        if size >= BATCH_SIZE or len(batch) >= BATCH_PIECES:
            return batch, False
    return batch, True
