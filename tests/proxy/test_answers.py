"""Answers in the proxy's own name."""

from __future__ import annotations

import json

from proxy.answers import proxy_answer


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
    assert "POST" in proxy_answer(405, "refused_target", "no").headers["Allow"]
