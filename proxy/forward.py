"""Forwards one exchange: client -> upstream -> stamp -> tee -> client.

Reading from the upstream and writing to the client stand in separate try blocks: the error of a
client that went away is an aiohttp.ClientError too, and one clause would blame the wrong side.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import aiohttp
from aiohttp import web
from aiohttp.streams import EmptyStreamReader
from multidict import CIMultiDict
from yarl import URL

from captures.faults.catalogue import NO_FAULTS, Faults
from captures.faults.harm import Ending as FaultEnding
from captures.records import Boundary, Ending
from captures.redact import Redactor
from captures.writer import Writer
from proxy.answers import proxy_answer, refusal_answer
from proxy.asking import Asker, Sessions
from proxy.cors import Fields, allowed_origin, answer_fields, is_preflight, preflight_fields
from proxy.failures import Failure, failure_before_head, failure_in_body
from proxy.flight import Flight, Landed
from proxy.guard import LOCAL, Access, coding_refusal, refusal
from proxy.harmed import body_of, head_for, raw, relay_harmed
from proxy.harming import AnswerHarm, reset_connection
from proxy.head import ForwardedResponse
from proxy.headers import as_text, for_capture
from proxy.tap import ClientConnection, received_before_failure
from proxy.target import Mount, TargetError, mount_for

_PIECES_A_TURN = 64
"""Pieces that one exchange passes on before the others get their turn."""

_UPSTREAM_ERRORS = (aiohttp.ClientError, OSError, asyncio.TimeoutError)


class Forwarder:
    """Handles every request of one proxy port. Mutable: knows what is under way."""

    def __init__(
        self,
        mounts: tuple[Mount, ...],
        sessions: Sessions,
        *,
        writer: Writer,
        redactor: Redactor,
        clock: Callable[[], float],
        on_landed: Callable[[Landed], None],
        via: str | None,
        most_exchanges: int,
        access: Access = LOCAL,
        faults: Faults = NO_FAULTS,
    ) -> None:
        self._faults = faults
        self._harmed = 0
        self._mounts = mounts
        self._asker = Asker(sessions, via)
        self._writer = writer
        self._redactor = redactor
        self._clock = clock
        self._on_landed = on_landed
        self._most_exchanges = most_exchanges
        self._access = access
        self._under_way: set[asyncio.Task[object]] = set()
        self._closing = False
        self.hosts: frozenset[str] = frozenset()
        """The Host values that are ours; set once the port is known."""

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answers one request."""
        answer = await self._answer(request)
        if not answer.prepared:
            answer.headers.update(self._cors_fields(request))
        return answer

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        fields = as_text(request.raw_headers)
        refused = refusal(request.method, request.raw_path, fields, self.hosts, self._access)
        refused = refused or coding_refusal(request.version, fields)
        if refused is not None:
            return refusal_answer(refused)
        origin = allowed_origin(fields, self._access.origins)
        if origin is not None and is_preflight(request.method, fields):
            return web.Response(status=204, headers=CIMultiDict(preflight_fields(origin, fields)))
        if len(self._under_way) >= self._most_exchanges:
            words = f"{self._most_exchanges} exchanges are under way, which is the limit"
            return proxy_answer(503, "too_many_exchanges", words)
        try:
            mount, target = mount_for(self._mounts, request.raw_path)
            url = mount.upstream.url_for(target)
        except TargetError as error:
            return proxy_answer(400, "refused_target", str(error))
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - aiohttp runs every handler in a task
        self._under_way.add(task)
        try:
            flight = self._take_off(request, mount)
            return await self._forward(request, url, flight, self._harm_for(flight))
        finally:
            self._under_way.discard(task)

    @property
    def under_way(self) -> int:
        """How many exchanges are running."""
        return len(self._under_way)

    async def cut_all(self) -> None:
        """Ends every exchange under way, as the proxy is being shut down."""
        self._closing = True
        tasks = list(self._under_way)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def landed(self) -> None:
        """Waits until nothing is under way."""
        while self._under_way:
            await asyncio.wait(set(self._under_way))

    def _cors_fields(self, request: web.BaseRequest) -> Fields:
        """What the answer says to a web page that may read it; nothing to any other client."""
        origin = allowed_origin(as_text(request.raw_headers), self._access.origins)
        return () if origin is None else answer_fields(origin)

    def _take_off(self, request: web.BaseRequest, mount: Mount) -> Flight:
        recording = self._writer.record(
            upstream=str(mount.upstream),
            method=request.method,
            path=self._redactor.target(request.raw_path),
            version=f"{request.version.major}.{request.version.minor}",
            headers=self._redactor.headers(for_capture(request.raw_headers)),
            mount=mount.prefix,
        )
        return Flight(recording, self._redactor, self._clock, self._on_landed)

    def _harm_for(self, flight: Flight) -> AnswerHarm | None:
        """What is done to this answer on purpose, where anything is."""
        if not self._faults:
            return None
        self._harmed += 1
        harm = AnswerHarm(self._faults, self._harmed)
        flight.is_harmed = True
        flight.note("harmed", harm.words)
        return harm

    async def _forward(
        self, request: web.BaseRequest, url: URL, flight: Flight, harm: AnswerHarm | None
    ) -> web.StreamResponse:
        if harm is not None and harm.replacement is not None:
            return await self._relay_harmed(request, None, flight, harm)
        try:
            source = await self._asker.ask(request, url, flight)
        except asyncio.CancelledError:
            self._end_cancelled(request, flight)
            raise
        except _UPSTREAM_ERRORS as error:
            if flight.upload_broken:
                self._end_cancelled(request, flight)
                raise
            failure = failure_before_head(error)
            if failure.how is Ending.UPSTREAM_PROTOCOL:
                flight.note_refused_response()
            flight.end(failure.how, failure.message)
            return proxy_answer(failure.status, failure.how.value, failure.message)
        except Exception as error:
            flight.end(Ending.PROXY_ERROR, type(error).__name__)
            raise
        try:
            if harm is not None:
                return await self._relay_harmed(request, source, flight, harm)
            return await self._relay(request, source, flight)
        except asyncio.CancelledError:
            self._end_cancelled(request, flight)
            raise
        except Exception as error:
            flight.end(Ending.PROXY_ERROR, type(error).__name__)
            _close(request)
            raise
        finally:
            source.close()

    async def _relay(
        self, request: web.BaseRequest, source: aiohttp.ClientResponse, flight: Flight
    ) -> web.StreamResponse:
        if source.status == 101:
            flight.note_refused_response()
            flight.end(Ending.UPSTREAM_PROTOCOL, "the upstream switched protocols unasked")
            return proxy_answer(502, "upstream_protocol", "the upstream switched protocols")
        version = source.version
        spoken = f"{version.major}.{version.minor}" if version else ""
        flight.head(spoken, source.status, source.reason or "", source.raw_headers)
        response = ForwardedResponse(
            source.status, source.reason or "", source.raw_headers, self._cors_fields(request)
        )
        try:
            await response.prepare(request)
        except ConnectionError:
            return self._client_gone(request, response, flight)
        failure = await self._relay_body(source, response, flight)
        if failure is _CLIENT_GONE:
            return self._client_gone(request, response, flight)
        if isinstance(failure, Failure):
            return self._cut(request, response, flight, failure)
        with suppress(ConnectionError):
            await response.write_eof()
            flight.end(Ending.COMPLETE)
            return response
        return self._client_gone(request, response, flight)

    async def _relay_body(
        self,
        source: aiohttp.ClientResponse,
        response: web.StreamResponse,
        flight: Flight,
    ) -> Failure | object | None:
        """Passes the body on; returns what broke it off, or None at its end."""
        passed_on = 0
        # aiohttp shares one reader among all empty bodies, and its readchunk() ends only once.
        while not isinstance(source.content, EmptyStreamReader):
            failure: Failure | None = None
            try:
                data, whole = await source.content.readchunk()
                pieces = [(data, whole)]
            except _UPSTREAM_ERRORS as error:
                failure = failure_in_body(error, flight.leg.lost_because)
                pieces = received_before_failure(source.content)
            if pieces == [(b"", False)]:
                break
            for data, whole in pieces:
                await flight.room(len(data))
                flight.received(data, Boundary.CHUNK if whole else Boundary.READ)
                if data:
                    flight.handing_over()
                    try:
                        await response.write(data)
                    except ConnectionError:
                        return _CLIENT_GONE
                    flight.delivered(data)
                    passed_on += 1
                    if passed_on % _PIECES_A_TURN == 0:
                        # Neither reading nor writing waits while there is enough of both.
                        await asyncio.sleep(0)
            if failure is not None:
                return failure
        reset = flight.leg.reset_at_open_end
        return failure_in_body(reset, reset) if reset is not None else None

    async def _relay_harmed(
        self,
        request: web.BaseRequest,
        source: aiohttp.ClientResponse | None,
        flight: Flight,
        harm: AnswerHarm,
    ) -> web.StreamResponse:
        """Relays an answer, or what a fault gives in its place, as a faulty upstream would."""
        head = head_for(source, harm)
        flight.head("1.1", head.status, "", raw(head.headers))
        response = ForwardedResponse(head.status, "", raw(head.headers), self._cors_fields(request))

        async def pass_on(data: bytes) -> None:
            await flight.room(len(data))
            flight.made(data)
            flight.handing_over()
            await response.write(data)
            flight.delivered(data)

        try:
            await response.prepare(request)
            ending = await relay_harmed(body_of(source, head), harm.harm, pass_on)
            if ending in {None, FaultEnding.CLEAN}:
                await response.write_eof()
                flight.end(Ending.COMPLETE)
                return response
        except ConnectionError:
            return self._client_gone(request, response, flight)
        except _UPSTREAM_ERRORS as error:
            failure = failure_in_body(error, flight.leg.lost_because)
            return self._cut(request, response, flight, failure)
        if ending is FaultEnding.RESET:
            flight.end(Ending.UPSTREAM_RESET, f"a fault: {harm.words}")
            await reset_connection(request.transport)
            return response
        failure = Failure(Ending.UPSTREAM_TRUNCATED, 502, f"a fault: {harm.words}")
        return self._cut(request, response, flight, failure)

    def _cut(
        self,
        request: web.BaseRequest,
        response: web.StreamResponse,
        flight: Flight,
        failure: Failure,
    ) -> web.StreamResponse:
        """Ends the client's connection as the upstream's ended: without a clean end."""
        if request.version < aiohttp.HttpVersion11 and "Content-Length" not in response.headers:
            flight.note("client_cannot_see_truncation", "an HTTP/1.0 body ends with its connection")
        flight.end(failure.how, failure.message)
        _close(request)
        return response

    def _client_gone(
        self, request: web.BaseRequest, response: web.StreamResponse, flight: Flight
    ) -> web.StreamResponse:
        self._end_cancelled(request, flight)
        return response

    def _end_cancelled(self, request: web.BaseRequest, flight: Flight) -> None:
        connection = request.protocol
        reset = isinstance(connection, ClientConnection) and isinstance(
            connection.lost_because, OSError
        )
        if reset:
            flight.end(Ending.CLIENT_RESET, "the client reset the connection")
        elif self._closing:
            flight.end(Ending.PROXY_SHUTDOWN, "the proxy was stopped")
            _close(request)
        else:
            flight.end(Ending.CLIENT_LEFT, "the client closed the connection")


def _close(request: web.BaseRequest) -> None:
    """Closes the client's connection behind what was written, without ending the body."""
    if request.transport is not None:
        request.transport.close()


_CLIENT_GONE = object()
