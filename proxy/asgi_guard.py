"""The rules of `proxy.guard` for ASGI applications, and the answer that tells of a refusal."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from proxy.guard import Refusal, allowed_hosts, refusal

ERROR_HEADER = "x-ssescope-error"
"""Stands on every answer of our own, so that nobody takes it for the upstream's."""


class Guarded:
    """An application that is asked only what `proxy.guard.refusal` lets pass.

    The allowed Host values follow from the port on which the connection came in. Nothing is
    read of the body of a refused request. Only HTTP scopes are understood.
    """

    def __init__(self, application: ASGIApp) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        _, port = scope["server"]
        headers = [
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]
        ]
        refused = refusal(scope["method"], request_target(scope), headers, allowed_hosts(port))
        answer = self._application if refused is None else error_response(refused)
        await answer(scope, receive, send)


def request_target(scope: Scope) -> str:
    """The request target as the client sent it, the raw bytes read as Latin-1.

    A question mark with nothing after it is left out: ASGI does not tell of it.
    """
    path: bytes = scope["raw_path"]
    query: bytes = scope["query_string"]
    return (path + b"?" + query if query else path).decode("latin-1")


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
        headers={"content-type": "application/json", ERROR_HEADER: refused.code},
    )
