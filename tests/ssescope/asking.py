"""Questions to a server of ours, asked with nothing but the standard library."""

from __future__ import annotations

import json
import urllib.request
from http.client import HTTPResponse

from tests.ssescope.running import DEADLINE

KEY = "sk-canary-servers-12345"


def asked(origin: str, model: str) -> HTTPResponse:
    """The response to one streaming question, its body unread."""
    question = {
        "model": model,
        "max_tokens": 9,
        "stream": True,
        "messages": [{"role": "user", "content": "hi"}],
    }
    request = urllib.request.Request(  # noqa: S310 - our own server
        f"{origin}/v1/messages", json.dumps(question).encode(), {"x-api-key": KEY}
    )
    response = urllib.request.urlopen(request, timeout=DEADLINE)  # noqa: S310
    assert isinstance(response, HTTPResponse)
    return response


def ask(origin: str, model: str = "sandbox-end-turn") -> bytes:
    """The whole answer to one question."""
    with asked(origin, model) as response:
        return response.read()
