"""Answers in the proxy's own name."""

from __future__ import annotations

import json

from proxy.answers import proxy_answer, refusal_answer
from proxy.guard import Refusal


def test_an_answer_says_who_speaks_and_why() -> None:
    answer = proxy_answer(502, "upstream_dns", "the name x cannot be resolved")
    assert isinstance(answer.body, bytes)
    assert json.loads(answer.body) == {
        "error": {
            "type": "proxy_error",
            "code": "upstream_dns",
            "message": "ssescope: the name x cannot be resolved",
        }
    }
    assert answer.headers["X-Ssescope-Error"] == "upstream_dns"
    assert answer.content_type == "application/json"


def test_a_refused_method_names_those_allowed() -> None:
    answer = refusal_answer(Refusal(405, "refused_target", "no"))
    assert "POST" in answer.headers["Allow"]
    assert answer.headers["X-Ssescope-Error"] == "refused_target"
    assert not answer.keep_alive


def test_a_missing_token_is_asked_for() -> None:
    answer = refusal_answer(Refusal(401, "refused_token", "no"))
    assert answer.headers["WWW-Authenticate"] == 'x-ssescope-token realm="ssescope"'
