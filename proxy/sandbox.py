"""A pretend LLM server: answers as the big APIs do, with chosen endings.

It speaks Anthropic Messages, OpenAI Chat Completions and Responses, and Gemini.

It knows no account and no model. Which way an answer goes is said by the request, by the name
of its model or by `scenario: <name>` in its prompt; `SCENARIOS` holds them all.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from functools import partial

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from proxy.asgi_server import ConnectionCut
from proxy.asgi_waiting import stay_until
from proxy.deadlines import loop_time, sleep_until
from proxy.exact_stream import ExactStream
from proxy.sandbox_anthropic import AnthropicSandbox
from proxy.sandbox_dialect import OVERLOADED, Answer, SandboxDialect, request_id
from proxy.sandbox_gemini import GeminiSandbox
from proxy.sandbox_openai_chat import OpenAIChatSandbox
from proxy.sandbox_openai_responses import OpenAIResponsesSandbox
from proxy.sandbox_request import Ask
from proxy.sandbox_scenarios import SCENARIOS, Ending, HttpError, model_name
from proxy.sandbox_script import Pace, Script, message_script, stream_script

MAXIMUM_BODY_BYTES = 32 * 1024 * 1024
DEFAULT_PACE = Pace()

GEMINI = GeminiSandbox()

DIALECTS: tuple[tuple[str, SandboxDialect], ...] = (
    ("/v1/messages", AnthropicSandbox()),
    ("/v1/chat/completions", OpenAIChatSandbox()),
    ("/v1/responses", OpenAIResponsesSandbox()),
    ("/v1/models/{call}", GEMINI),
    ("/v1beta/models/{call}", GEMINI),
)
"""The path of each dialect."""

KEY_HEADERS = ("x-api-key", "authorization", "x-goog-api-key", "api-key")
"""Where clients put their key; any value will do."""

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
    numbers = itertools.count(1)
    speakers = [
        (path, _Speaker(dialect, pace, maximum_body_bytes, numbers)) for path, dialect in DIALECTS
    ]
    first = speakers[0][1]
    application = Starlette(
        routes=[
            *(Route(path, speaker.answer, methods=["POST"]) for path, speaker in speakers),
            Route("/v1/models", first.models, methods=["GET"]),
        ],
        exception_handlers={HTTPException: first.refuse},
    )
    application.router.redirect_slashes = False
    return application


class _Speaker:
    """Answers in one dialect; numbers the answers, so that each has an identifier of its own."""

    def __init__(
        self,
        dialect: SandboxDialect,
        pace: Pace,
        maximum_body_bytes: int,
        numbers: Iterator[int],
    ) -> None:
        self._dialect = dialect
        self._pace = pace
        self._maximum_body_bytes = maximum_body_bytes
        self._numbers = numbers

    async def answer(self, request: Request) -> Response:
        try:
            return await self._answer(request)
        except HTTPException as error:
            return await self.refuse(request, error)

    async def _answer(self, request: Request) -> Response:
        started = loop_time()
        _require_key(request)
        ask = self._parse(await self._body(request), request)
        if error := _error_of(ask):
            raise HTTPException(error.status, error.message, dict(error.headers))
        number = next(self._numbers)
        answer = Answer(number, ask.model, ask.input_tokens, ask.stop_sequence, ask.include_usage)
        ending = ask.scenario.ending
        identity = (self._dialect.identity_header, request_id(number))
        if ask.stream:
            events = self._dialect.events(ask.scenario, answer)
            error_frame = partial(self._dialect.error_frame, number)
            script = stream_script(events, error_frame, ending, self._pace)
            return ExactStream(_play(script, started), headers=(*EVENT_STREAM_HEADERS, identity))
        body = orjson.dumps(self._dialect.whole(ask.scenario, answer))
        script = message_script(body, ending, self._pace)
        await stay_until(started + self._pace.total, request.receive)
        headers = (JSON_TYPE, identity)
        if ending is Ending.COMPLETE:
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
        payload = self._dialect.error(error.status_code, error.detail, number)
        response = self._json(payload, number)
        response.status_code = error.status_code
        response.headers.update(error.headers or {})
        return response

    def _json(self, payload: dict[str, object], number: int) -> Response:
        headers = dict((JSON_TYPE, (self._dialect.identity_header, request_id(number))))
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

    def _parse(self, body: bytes, request: Request) -> Ask:
        try:
            return self._dialect.parse(body, request.url.path)
        except ValueError as error:
            raise HTTPException(400, str(error)) from error
        except LookupError as error:
            raise HTTPException(404, str(error)) from error


def _require_key(request: Request) -> None:
    given = [request.headers.get(name) for name in KEY_HEADERS]
    if not any(given) and not request.query_params.get("key"):
        raise HTTPException(401, "x-api-key header is required (any value will do)")


def _error_of(ask: Ask) -> HttpError | None:
    """The HTTP error that takes the place of the answer, if one does."""
    if ask.scenario.ending is Ending.ERROR_EVENT and not ask.stream:
        return OVERLOADED
    return ask.scenario.error


async def _play(script: Script, started: float) -> AsyncIterator[bytes]:
    """Gives each chunk when it is due."""
    for step in script.steps:
        await sleep_until(started + step.at)
        yield step.chunk
    await sleep_until(started + script.ends_at)
    if not script.clean:
        raise ConnectionCut
