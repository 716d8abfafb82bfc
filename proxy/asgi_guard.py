"""The rules of `proxy.guard` for ASGI applications, and the answer that tells of a refusal."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from proxy.cors import (
    Fields,
    allowed_origin,
    answer_fields,
    is_preflight,
    is_replaced,
    preflight_fields,
)
from proxy.guard import LOCAL, Access, Refusal, allowed_hosts, refusal

ERROR_HEADER = "x-ssescope-error"
"""Stands on every answer of our own, so that nobody takes it for the upstream's."""


class Guarded:
    """An application that is asked only what `proxy.guard.refusal` lets pass.

    The allowed Host values follow from the address on which the connection came in. Nothing is
    read of the body of a refused request, and its connection ends. Only HTTP scopes are
    understood.
    """

    def __init__(self, application: ASGIApp, access: Access = LOCAL) -> None:
        self._application = application
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        address, port = scope["server"]
        fields = [
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]
        ]
        hosts = allowed_hosts(port, address)
        method, target = scope["method"], request_target(scope)
        refused = refusal(method, target, fields, hosts, self._access)
        origin = allowed_origin(fields, self._access.origins)
        answer = self._application if refused is None else _last_response(refused)
        if origin is None:
            await answer(scope, receive, send)
        elif refused is None and is_preflight(method, fields):
            preflight = Response(status_code=204, headers=dict(preflight_fields(origin, fields)))
            await preflight(scope, receive, send)
        else:
            await answer(scope, receive, _readable(send, answer_fields(origin)))


def _readable(send: Send, cors: Fields) -> Send:
    """Sends the same with the fields of CORS in the place of those that were recorded."""
    ours = [(name.lower().encode(), value.encode()) for name, value in cors]

    async def send_with_fields(message: Message) -> None:
        if message["type"] == "http.response.start":
            others = [
                (name, value)
                for name, value in message["headers"]
                if not is_replaced(name.decode("latin-1"))
            ]
            message = {**message, "headers": [*others, *ours]}
        await send(message)

    return send_with_fields


def request_target(scope: Scope) -> str:
    """The request target as the client sent it, the raw bytes read as Latin-1.

    A question mark with nothing after it is left out: ASGI does not tell of it.
    """
    path: bytes = scope["raw_path"]
    query: bytes = scope["query_string"]
    return (path + b"?" + query if query else path).decode("latin-1")


def _last_response(refused: Refusal) -> Response:
    response = error_response(refused)
    response.headers["connection"] = "close"
    return response


def error_response(refused: Refusal, more: Mapping[str, object] = {}) -> Response:
    """The JSON answer that says what is wrong, in words and in a word for programs.

    Args:
        refused: what is wrong.
        more: further fields that stand beside the error.
    """
    message = f"ssescope: {refused.message}"
    error = {"type": "proxy_error", "code": refused.code, "message": message}
    return Response(
        orjson.dumps({"error": error, **more}),
        status_code=refused.status,
        headers={
            "content-type": "application/json",
            ERROR_HEADER: refused.code,
            **dict(refused.fields),
        },
    )
