"""A replayed answer on its way out: as it was recorded, or harmed on purpose."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from captures.faults.harm import Ending
from proxy.asgi_server import ConnectionCut, ConnectionReset
from proxy.deadlines import loop_time, sleep_until
from proxy.exact_stream import ExactStream
from proxy.harming import AnswerHarm, Pieces, harmed_body
from proxy.replay_head import has_body


def answer_of(
    method: str,
    status: int,
    headers: Sequence[tuple[str, str]],
    pieces: Pieces,
    harm: AnswerHarm | None,
) -> ExactStream:
    """The answer to a request of this method.

    Args:
        method: of the request.
        status: as recorded.
        headers: the fields to send.
        pieces: the body. It may raise ConnectionCut.
        harm: what is done to the answer, if anything.
    """
    if harm is None:
        return ExactStream(_when_due(pieces), status_code=status, headers=headers)
    head = harm.head_for(status, tuple(headers))
    if head.body is not None:
        body = _when_due(_at_once(head.body))
    elif has_body(method, head.status):
        body = _harmed(pieces, harm)
    else:
        body = _when_due(pieces)
    return ExactStream(body, status_code=head.status, headers=head.headers)


async def _when_due(pieces: Pieces) -> AsyncGenerator[bytes, None]:
    async with aclosing(pieces):
        async for due, data in pieces:
            await sleep_until(due)
            if data:
                yield data


async def _at_once(body: bytes) -> Pieces:
    yield loop_time(), body


async def _harmed(pieces: Pieces, harm: AnswerHarm) -> AsyncGenerator[bytes, None]:
    async with aclosing(harmed_body(pieces, harm.harm)) as made:
        async for chunk in made:
            match chunk:
                case Ending.RESET:
                    raise ConnectionReset
                case Ending.CLOSE:
                    raise ConnectionCut
                case Ending.CLEAN:
                    return
                case _:
                    yield chunk
