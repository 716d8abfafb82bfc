"""Saved exchanges answering as if they were the upstream: byte for byte, at the recorded pace."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Iterable

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from captures.cutting import RECORDED, Way, as_recorded
from captures.pace import Pace, Timetable
from captures.store import CaptureError
from proxy.asgi_guard import Guarded, error_response, request_target
from proxy.asgi_server import AsgiServer, ConnectionCut, serve
from proxy.deadlines import loop_time, sleep_until, stay_until
from proxy.exact_stream import ExactStream
from proxy.guard import Refusal
from proxy.replay_exchange import Answer, Failure, Recordings, SavedExchange, body_key, plain
from proxy.replay_match import Turns, shown_target
from proxy.replay_pieces import batches_of
from proxy.replay_source import MAX_REQUEST_SIZE

MAX_LISTED = 20
MAX_WHY = 500

AS_RECORDED = Pace()

OnServed = Callable[[str], None]
"""Is given one line of plain ASCII a request, without secrets."""


def _ignore(_line: str) -> None:
    pass


def replay_application(
    recordings: Recordings,
    *,
    pace: Pace = AS_RECORDED,
    chunks: Way = RECORDED,
    on_served: OnServed = _ignore,
) -> ASGIApp:
    """The recordings as an ASGI application, to be run by `proxy.asgi_server.serve`.

    Each piece becomes one HTTP chunk, due at its time after the request. An answer that did not
    end well is cut after its last piece. A compressed body keeps its recorded pieces where the
    way of cutting reads text. How the answer to a request is
    chosen is told at `proxy.replay_match.Turns`. An exchange without an answer is served as
    502, a request that nothing matches as 404, one longer than MAX_REQUEST_SIZE as 413.
    HEAD is answered only where a HEAD request was recorded, and without a body.

    Args:
        recordings: from `proxy.replay_source.load_recordings`.
        pace: when the pieces are due.
        chunks: how the recorded pieces are cut.
        on_served: told of each request that passes the guard.
    """
    return Guarded(_Replay(recordings, pace, chunks, on_served))


@contextlib.asynccontextmanager
async def serve_replay(
    recordings: Recordings,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    pace: Pace = AS_RECORDED,
    chunks: Way = RECORDED,
    on_served: OnServed = _ignore,
) -> AsyncIterator[AsgiServer]:
    """Serves the recordings for as long as the block runs.

    Raises:
        ValueError: the host is not a loopback address.
        OSError: the address cannot be bound.
    """
    application = replay_application(recordings, pace=pace, chunks=chunks, on_served=on_served)
    async with serve(application, host=host, port=port) as server:
        yield server


class _Replay:
    """The application behind the guard. What it keeps between requests is whose turn it is."""

    def __init__(
        self, recordings: Recordings, pace: Pace, chunks: Way, on_served: OnServed
    ) -> None:
        self._turns = Turns(recordings.exchanges)
        self._recorded = _listed(recordings.exchanges)
        self._pace = pace
        self._chunks = chunks
        self._on_served = on_served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = loop_time()
        request = Request(scope, receive)
        asked = f"{request.method} {shown_target(request_target(scope))}"
        body = await _bounded_body(request)
        if body is None:
            self._on_served(f"{asked}: request body too large")
            await error_response(_TOO_LARGE)(scope, receive, send)
            return
        choice = self._turns.choose(request.method, request_target(scope), body_key(body))
        if choice is None:
            self._on_served(f"{asked}: not recorded")
            await error_response(self._miss(asked))(scope, receive, send)
            return
        exchange, outcome = choice.exchange, choice.exchange.outcome
        self._on_served(f"{asked}: {plain(exchange.id)} ({choice.matched_by})")
        timetable = Timetable(self._pace)
        if isinstance(outcome, Failure):
            await stay_until(started + timetable.part(outcome.time), receive)
            await error_response(_failed(outcome))(scope, receive, send)
            return
        await stay_until(started + timetable.head(outcome.head_time), receive)
        pieces = self._play(exchange, outcome, timetable, started)
        response = ExactStream(pieces, status_code=outcome.status, headers=outcome.headers)
        await response(scope, receive, send)

    async def _play(
        self, exchange: SavedExchange, answer: Answer, timetable: Timetable, started: float
    ) -> AsyncIterator[bytes]:
        sent = 0
        cut = as_recorded if answer.coded and self._chunks.reads_text else self._chunks.cut
        try:
            async with contextlib.aclosing(batches_of(exchange, cut)) as batches:
                async for batch in batches:
                    for time, data in batch:
                        due = timetable.part(time) if sent else timetable.first_byte(time)
                        sent += len(data)
                        if sent > answer.size:
                            raise ConnectionCut
                        await sleep_until(started + due)
                        yield data
        except CaptureError:
            raise ConnectionCut from None
        await sleep_until(started + timetable.part(answer.end_time))
        if not answer.whole or sent != answer.size:
            raise ConnectionCut

    def _miss(self, asked: str) -> Refusal:
        return Refusal(404, "not_recorded", f"no recording of {asked}; recorded: {self._recorded}")


async def _bounded_body(request: Request) -> bytes | None:
    """The request's body, or None as soon as it is longer than MAX_REQUEST_SIZE."""
    body = bytearray()
    async with contextlib.aclosing(request.stream()) as parts:
        async for part in parts:
            body += part
            if len(body) > MAX_REQUEST_SIZE:
                return None
    return bytes(body)


_TOO_LARGE = Refusal(
    413, "request_too_large", f"a replay compares request bodies of up to {MAX_REQUEST_SIZE} bytes"
)


def _failed(failure: Failure) -> Refusal:
    why = f": {failure.why[:MAX_WHY]}" if failure.why else ""
    message = f"the recorded request got no answer, {failure.how}{why}"
    return Refusal(502, failure.how, message)


def _listed(exchanges: Iterable[SavedExchange]) -> str:
    places = [*dict.fromkeys(f"{plain(e.method)} {shown_target(e.target)}" for e in exchanges)]
    more = f" and {len(places) - MAX_LISTED} more" if len(places) > MAX_LISTED else ""
    return ", ".join(places[:MAX_LISTED]) + more
