"""Answers the proxy gives in its own name. They say so, and quote nothing that a peer sent."""

from __future__ import annotations

import json

from aiohttp import web

from proxy.guard import Refusal


def proxy_answer(status: int, code: str, message: str) -> web.Response:
    """A JSON error that nobody takes for the provider's.

    Args:
        status: HTTP status.
        code: a stable word for programs.
        message: one sentence for people.
    """
    body = {"error": {"type": "proxy_error", "code": code, "message": f"ssescope: {message}"}}
    headers = {"X-Ssescope-Error": code}
    if status == 503:
        headers["Retry-After"] = "1"
    return web.Response(
        status=status,
        body=json.dumps(body).encode(),
        content_type="application/json",
        headers=headers,
    )


def refusal_answer(refused: Refusal) -> web.Response:
    """The answer to a request that is not served; the connection ends with it."""
    answer = proxy_answer(refused.status, refused.code, refused.message)
    answer.headers.update(refused.fields)
    answer.force_close()
    return answer
