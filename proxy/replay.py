"""Saved exchanges answering as if they were the upstream: byte for byte, at the recorded pace."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from captures.cutting import RECORDED, Way
from captures.faults.catalogue import NO_FAULTS, Faults
from captures.pace import Pace, Timetable
from captures.request_body import FieldPath, key_of
from captures.store import CaptureError
from proxy.asgi_guard import Guarded, error_response, request_target
from proxy.asgi_server import AsgiServer, ConnectionCut, serve
from proxy.asgi_waiting import stay_until
from proxy.deadlines import loop_time
from proxy.exact_stream import ExactStream
from proxy.guard import Refusal
from proxy.harming import AnswerHarm, Pieces
from proxy.headers import as_text
from proxy.listen import LOCAL_REACH, Reach
from proxy.replay_exchange import (
    Answer,
    AnsweredBy,
    Asked,
    Failure,
    PlainStream,
    SavedExchange,
    Served,
    Told,
    plain,
)
from proxy.replay_library import Library
from proxy.replay_match import Choice, Turns, shown_target
from proxy.replay_miss import OnMiss, closest_to, miss_in_words, near_of, nearest
from proxy.replay_pieces import Bodies
from proxy.replay_response import answer_of
from proxy.replay_source import MAX_REQUEST_SIZE, plain_body
from proxy.replay_upstream import FIRST_ERROR_STATUS, Relay

REPLAY_HEADER = "x-ssescope-replay"
"""Stands on every replayed answer, with the capture's id."""
MISS_HEADER = "x-ssescope-miss"
"""Stands on an answer to what was not recorded: what differs, or who answers."""

DEFAULT_INTERVAL = 0.05
MAX_WHY = 500
_LARGE_BODY = 64 * 1024
MOST_EXPECTED = 1000
_WAIT_FOR_CAPTURE = 2.0
_WAIT_BETWEEN_LOOKS = 0.01

OnServed = Callable[[Told], None]
"""Is told of every request."""


AS_RECORDED = Pace()


@dataclass(frozen=True, slots=True)
class Manner:
    """How a replay answers."""

    pace: Pace = AS_RECORDED
    """When the pieces are due."""
    chunks: Way = RECORDED
    """How the bodies are cut."""
    interval: float = DEFAULT_INTERVAL
    """Seconds from one event to the next of plain streams, which have no times."""
    on_miss: OnMiss = OnMiss.NOT_FOUND
    faults: Faults = NO_FAULTS
    """What is done on purpose to every answer that was recorded."""


USUAL_MANNER = Manner()


def _ignore(_told: Told) -> None:
    pass


@contextlib.asynccontextmanager
async def serve_replay(
    library: Library,
    *,
    port: int = 0,
    manner: Manner = USUAL_MANNER,
    relay: Relay | None = None,
    reach: Reach = LOCAL_REACH,
    on_served: OnServed = _ignore,
) -> AsyncIterator[AsgiServer]:
    """Serves what is in a library for as long as the block runs.

    Each piece becomes one HTTP chunk, due at its time after the request. An answer that did not
    end well is cut after its last piece. A compressed body keeps its recorded pieces where the
    way of cutting reads text. An exchange without an answer is served as 502, a request body
    longer than MAX_REQUEST_SIZE is refused with 413. HEAD is answered only where a HEAD request
    was recorded, and without a body. Faults work on the pieces after cutting, on every answer but
    502 and what the upstream or nobody gives.

    Args:
        library: already loaded.
        port: the port to listen on; 0 lets the system choose a free one.
        manner: when and how answers come, and what is done where none was recorded.
        relay: to the upstream, where that answers what was not recorded.
        reach: where it listens, on the first address alone, and who may ask.
        on_served: told of each request that passes the guard, and of what the library finds.

    Raises:
        OSError: the address cannot be bound.
    """
    application = Guarded(_Replay(library, manner, relay, on_served), reach.access)
    host = reach.host.addresses[0]
    async with serve(application, host=host, port=port, remote=reach.access.any_host) as server:
        yield server


class _Replay:
    """The application behind the guard. What it keeps between requests is whose turn it is."""

    def __init__(
        self, library: Library, manner: Manner, relay: Relay | None, on_served: OnServed
    ) -> None:
        self._library = library
        self._manner = manner
        self._relay = relay
        self._on_served = on_served
        self._bodies = Bodies(manner.chunks, manner.interval)
        self._turns = Turns()
        self._harmed = 0
        self._expected: deque[tuple[str, str, bytes]] = deque(maxlen=MOST_EXPECTED)
        """Requests that the upstream has answered, whose captures are about to be there."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = loop_time()
        request = Request(scope, receive)
        body = await _bounded_body(request)
        if body is None:
            self._tell(request, "request body too large", AnsweredBy.NOBODY)
            await error_response(_TOO_LARGE)(scope, receive, send)
            return
        asked = await _asked(request, body, self._library.ignored)
        choice = await self._choose(asked)
        if choice is not None:
            again = " again" if choice.repeated else ""
            self._tell(request, f"{plain(choice.served.id)}{again}", AnsweredBy.CAPTURE)
            await self._answer(choice.served, "", started, request, send)
        elif self._relay is not None:
            self._tell(request, "not recorded, asking the upstream", AnsweredBy.UPSTREAM)
            await self._pass_on(self._relay, asked, body, request, send)
        else:
            await self._miss(asked, started, request, send)

    def _tell(self, request: Request, words: str, by: AnsweredBy) -> None:
        target = shown_target(request_target(request.scope))
        self._on_served(Told(f"{plain(request.method)} {target}: {words}", by))

    async def _choose(self, asked: Asked) -> Choice | None:
        """What answers a request, after another look at the files where that may help."""
        answers = self._library.shelf.answers_to(asked)
        is_recorded = bool(answers) and not isinstance(answers[0], PlainStream)
        # Whoever has an answer does not wait until many new files have been read.
        is_new_wanted = self._turns.are_over(answers) and not self._library.is_looking
        if not is_recorded or is_new_wanted:
            await self._look_again()
            answers = self._library.shelf.answers_to(asked)
        if not answers and _place(asked) in self._expected:
            answers = await self._expect(asked)
        return self._turns.next_of(answers) if answers else None

    async def _look_again(self, *, at_once: bool = False) -> None:
        for line in await self._library.look_again(at_once=at_once):
            self._on_served(Told(line))

    async def _expect(self, asked: Asked) -> Sequence[Served]:
        """What was recorded of the upstream's answer a moment ago, as soon as it is there."""
        self._expected.remove(_place(asked))
        deadline = loop_time() + _WAIT_FOR_CAPTURE
        while loop_time() < deadline:
            await self._look_again(at_once=True)
            if answers := self._library.shelf.answers_to(asked):
                return answers
            await asyncio.sleep(_WAIT_BETWEEN_LOOKS)
        return ()

    async def _answer(
        self, served: Served, miss: str, started: float, request: Request, send: Send
    ) -> None:
        """Replays one answer, or the failure to get one."""
        timetable = Timetable(self._manner.pace)
        ours = [(REPLAY_HEADER, plain(served.id)[:200])]
        ours += [(MISS_HEADER, miss)] if miss else []
        outcome = served.outcome
        harm = None if isinstance(outcome, Failure) else self._next_harm()
        response: Response
        if isinstance(outcome, Failure):
            await stay_until(started + timetable.part(outcome.time), request.receive)
            response = error_response(_failed(outcome))
            response.headers.update(dict(ours))
        else:
            await stay_until(started + timetable.head(outcome.head_time), request.receive)
            pieces = self._due_pieces(served, outcome, timetable, started)
            headers = [*_without_ours(outcome.headers), *ours]
            response = answer_of(request.method, outcome.status, headers, pieces, harm)
        await response(request.scope, request.receive, send)

    def _next_harm(self) -> AnswerHarm | None:
        """What is done on purpose to the next answer, where anything is."""
        if not self._manner.faults:
            return None
        self._harmed += 1
        return AnswerHarm(self._manner.faults, self._harmed)

    async def _due_pieces(
        self, served: Served, answer: Answer, timetable: Timetable, started: float
    ) -> Pieces:
        sent = 0
        try:
            async with contextlib.aclosing(self._bodies.batches_of(served)) as batches:
                async for batch in batches:
                    for time, data in batch:
                        due = timetable.part(time) if sent else timetable.first_byte(time)
                        sent += len(data)
                        if answer.size is not None and sent > answer.size:
                            raise ConnectionCut
                        yield started + due, data
        except CaptureError:
            raise ConnectionCut from None
        yield started + timetable.part(answer.end_time), b""
        if not answer.whole or answer.size not in {None, sent}:
            raise ConnectionCut

    async def _miss(self, asked: Asked, started: float, request: Request, send: Send) -> None:
        """Answers with what comes closest, or with 404 and what that is."""
        exchanges, ignored = self._library.shelf.exchanges, self._library.ignored
        if self._manner.on_miss is OnMiss.CLOSEST and (
            closest := await to_thread.run_sync(closest_to, asked, exchanges, ignored)
        ):
            served = self._turns.next_of(closest).served
            assert isinstance(served, SavedExchange)  # noqa: S101 - what `closest_to` gives
            near = await to_thread.run_sync(near_of, served, asked, ignored)
            words = f"{plain(served.id)}, the closest: it differs in {near.where}"
            self._tell(request, words, AnsweredBy.CLOSEST)
            await self._answer(served, near.where, started, request, send)
            return
        found = await to_thread.run_sync(nearest, asked, exchanges, ignored)
        where = f"; {plain(found[0].exchange.id)} differs in {found[0].where}" if found else ""
        self._tell(request, f"not recorded{where}", AnsweredBy.NOBODY)
        words = miss_in_words(asked, found, exchanges)
        more = {"closest": [near.as_json() for near in found]}
        missed = error_response(Refusal(404, "not_recorded", words), more)
        await missed(request.scope, request.receive, send)

    async def _pass_on(
        self, relay: Relay, asked: Asked, body: bytes, request: Request, send: Send
    ) -> None:
        """Lets the upstream answer."""
        headers = request.headers.raw
        asking = relay.ask(asked.method, asked.target, headers, body, request.receive)
        async with asking as answer:

            async def pieces() -> AsyncIterator[bytes]:
                async for data in answer.pieces():
                    yield data
                if answer.status < FIRST_ERROR_STATUS:
                    self._expected.append(_place(asked))

            fields = [*_without_ours(answer.headers), (MISS_HEADER, OnMiss.UPSTREAM.value)]
            response = ExactStream(pieces(), status_code=answer.status, headers=fields)
            await response(request.scope, request.receive, send)


async def _bounded_body(request: Request) -> bytes | None:
    """The request's body, or None as soon as it is longer than MAX_REQUEST_SIZE."""
    body = bytearray()
    async with contextlib.aclosing(request.stream()) as parts:
        async for part in parts:
            body += part
            if len(body) > MAX_REQUEST_SIZE:
                return None
    return bytes(body)


async def _asked(request: Request, body: bytes, ignored: Sequence[FieldPath]) -> Asked:
    def asked() -> Asked:
        decoded = plain_body(body, as_text(request.headers.raw))
        target = request_target(request.scope)
        return Asked(request.method, target, decoded, key_of(decoded, ignored))

    # Large bodies take long to be parsed, and small ones may be large once decoded.
    if len(body) < _LARGE_BODY and "content-encoding" not in request.headers:
        return asked()
    return await to_thread.run_sync(asked)


def _place(asked: Asked) -> tuple[str, str, bytes]:
    return asked.method, asked.target, asked.key


def _without_ours(headers: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The recorded fields but those of a replay that was recorded."""
    ours = {REPLAY_HEADER, MISS_HEADER}
    return [(name, value) for name, value in headers if name.lower() not in ours]


_TOO_LARGE = Refusal(
    413, "request_too_large", f"a replay compares request bodies of up to {MAX_REQUEST_SIZE} bytes"
)


def _failed(failure: Failure) -> Refusal:
    why = f": {failure.why[:MAX_WHY]}" if failure.why else ""
    message = f"the recorded request got no answer, {failure.how}{why}"
    return Refusal(502, failure.how, message)
