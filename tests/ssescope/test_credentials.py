from __future__ import annotations

import pytest

from ssescope.credentials import is_credential, is_own_host, variable_for


@pytest.mark.parametrize(
    ("name", "host", "variable"),
    [
        ("x-api-key", "gateway.example", "ANTHROPIC_API_KEY"),
        ("authorization", "api.anthropic.com", "ANTHROPIC_AUTH_TOKEN"),
        ("authorization", "api.groq.com", "GROQ_API_KEY"),
        ("authorization", "notopenai.com", "API_KEY"),
        ("key", "generativelanguage.googleapis.com", "GEMINI_API_KEY"),
        ("x-auth-token", "api.openai.com", "X_AUTH_TOKEN"),
    ],
)
def test_the_variable_of_a_secret(name: str, host: str, variable: str) -> None:
    assert variable_for(name, host) == variable


def test_who_asks_and_what_else_is_secret() -> None:
    assert is_credential("authorization")
    assert is_credential("key")
    assert not is_credential("mcp-session-id")
    assert not is_credential("cookie")


@pytest.mark.parametrize(
    ("variable", "origin", "own"),
    [
        ("ANTHROPIC_API_KEY", "https://api.anthropic.com", True),
        ("ANTHROPIC_API_KEY", "http://api.anthropic.com", False),
        ("ANTHROPIC_API_KEY", "https://api.anthropic.com:8443", False),
        ("ANTHROPIC_API_KEY", "https://api.anthropic.com.evil.example", False),
        ("ANTHROPIC_API_KEY", "https://evil-api.anthropic.com", False),
        ("GEMINI_API_KEY", "https://bucket.storage.googleapis.com", False),
        ("OPENAI_API_KEY", "https://api.anthropic.com", False),
        ("API_KEY", "https://other.example", False),
    ],
)
def test_a_key_is_at_home_at_one_origin(variable: str, origin: str, own: bool) -> None:
    assert is_own_host(variable, origin) is own
