"""A pretend LLM server: answers as the Anthropic Messages API does, with chosen endings.

It knows no account and no model. Which way an answer goes is said by the request, by the name
of its model or by `scenario: <name>` in its prompt; `SCENARIOS` holds them all.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from proxy.asgi_server import ConnectionCut
from proxy.deadlines import loop_time, sleep_until, stay_until
from proxy.exact_stream import ExactStream
from proxy.sandbox_request import Ask, parse_request
from proxy.sandbox_scenarios import SCENARIOS, Ending, model_name
from proxy.sandbox_script import (
    Answer,
    Pace,
    Script,
    error_of,
    error_payload,
    message_script,
    request_id,
    stream_script,
)

MAXIMUM_BODY_BYTES = 32 * 1024 * 1024
DEFAULT_PACE = Pace()

JSON_TYPE = ("content-type", "application/json")
EVENT_STREAM_HEADERS = (
    ("content-type", "text/event-stream; charset=utf-8"),
    ("cache-control", "no-cache"),
)


def sandbox_application(
    pace: Pace = DEFAULT_PACE, *, maximum_body_bytes: int = MAXIMUM_BODY_BYTES
) -> Starlette:
    """The sandbox as an ASGI application, to be run by `proxy.asgi_server.serve`.

    Args:
        pace: how long each answer takes.
        maximum_body_bytes: a longer request body is answered with HTTP 413.
    """
    sandbox = _Sandbox(pace, maximum_body_bytes)
    application = Starlette(
        routes=[
            Route("/v1/messages", sandbox.messages, methods=["POST"]),
            Route("/v1/models", sandbox.models, methods=["GET"]),
        ],
        exception_handlers={HTTPException: sandbox.refuse},
    )
    application.router.redirect_slashes = False
    return application


class _Sandbox:
    """Counts the requests, so that each answer has an identifier of its own."""

    def __init__(self, pace: Pace, maximum_body_bytes: int) -> None:
        self._pace = pace
        self._maximum_body_bytes = maximum_body_bytes
        self._numbers = itertools.count(1)

    async def messages(self, request: Request) -> Response:
        started = loop_time()
        _require_key(request)
        ask = _parse(await self._body(request))
        if error := error_of(ask.scenario, stream=ask.stream):
            raise HTTPException(error.status, error.message, dict(error.headers))
        number = next(self._numbers)
        answer = Answer(number, ask.model, ask.input_tokens, ask.stop_sequence)
        identity = ("request-id", request_id(number))
        if ask.stream:
            script = stream_script(ask.scenario, answer, self._pace)
            return ExactStream(_play(script, started), headers=(*EVENT_STREAM_HEADERS, identity))
        script = message_script(ask.scenario, answer, self._pace)
        await stay_until(started + self._pace.total, request.receive)
        headers = (JSON_TYPE, identity)
        if ask.scenario.ending is Ending.COMPLETE:
            return Response(script.steps[0].chunk, headers=dict(headers))
        return ExactStream(_play(script, started), headers=headers)

    async def models(self, request: Request) -> Response:
        _require_key(request)
        data = [
            {
                "type": "model",
                "id": model_name(scenario),
                "display_name": f"Sandbox: {scenario.name}",
                "created_at": "1970-01-01T00:00:00Z",
                "lifecycle": "active",
            }
            for scenario in SCENARIOS
        ]
        page = {
            "data": data,
            "has_more": False,
            "first_id": data[0]["id"],
            "last_id": data[-1]["id"],
        }
        return self._json(page, next(self._numbers))

    async def refuse(self, _request: Request, error: Exception) -> Response:
        """Gives an error as the API does, whether it is ours or Starlette's own 404 or 405."""
        assert isinstance(error, HTTPException)  # noqa: S101 - what it is registered for
        number = next(self._numbers)
        response = self._json(error_payload(error.status_code, error.detail, number), number)
        response.status_code = error.status_code
        response.headers.update(error.headers or {})
        return response

    @staticmethod
    def _json(payload: dict[str, object], number: int) -> Response:
        headers = dict((JSON_TYPE, ("request-id", request_id(number))))
        return Response(orjson.dumps(payload), headers=headers)

    async def _body(self, request: Request) -> bytes:
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > self._maximum_body_bytes:
                raise HTTPException(
                    413, f"Request exceeds the maximum size of {self._maximum_body_bytes} bytes."
                )
        return bytes(body)


def _require_key(request: Request) -> None:
    if not (request.headers.get("x-api-key") or request.headers.get("authorization")):
        raise HTTPException(401, "x-api-key header is required (any value will do)")


def _parse(body: bytes) -> Ask:
    try:
        return parse_request(body)
    except ValueError as error:
        raise HTTPException(400, str(error)) from error
    except LookupError as error:
        raise HTTPException(404, str(error)) from error


async def _play(script: Script, started: float) -> AsyncIterator[bytes]:
    """Gives each chunk when it is due."""
    for step in script.steps:
        await sleep_until(started + step.at)
        yield step.chunk
    await sleep_until(started + script.ends_at)
    if not script.clean:
        raise ConnectionCut
