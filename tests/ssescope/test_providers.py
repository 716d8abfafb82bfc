from __future__ import annotations

import pytest

from proxy.target import UpstreamError, mount_for
from ssescope.providers import VARIABLES, Route, child_environment, routes

LOCAL = "http://127.0.0.1:7"


def origin_of(found: tuple[Route, ...], variable: str) -> str:
    (route,) = [route for route in found if variable in dict(route.paths)]
    return route.origin


def led(environment: dict[str, str], *extra: str) -> dict[str, str]:
    """The environment when every route is served on the same origin."""
    found = routes(environment, extra)
    return child_environment(environment, [(route, LOCAL) for route in found])


def test_a_variable_that_is_not_set_leads_to_its_provider() -> None:
    found = routes({})
    assert origin_of(found, "ANTHROPIC_BASE_URL") == "https://api.anthropic.com"
    assert origin_of(found, "OPENAI_BASE_URL") == "https://api.openai.com"
    changed = led({})
    assert changed["ANTHROPIC_BASE_URL"] == LOCAL
    assert changed["OPENAI_BASE_URL"] == f"{LOCAL}/v1"
    assert changed["GROQ_API_BASE"] == f"{LOCAL}/openai/v1"


def test_a_variable_that_is_set_names_its_upstream_and_keeps_its_path() -> None:
    environment = {"OPENAI_BASE_URL": "https://gateway.example:8443/llm/v1/", "HOME": "/root"}
    assert origin_of(routes(environment), "OPENAI_BASE_URL") == "https://gateway.example:8443"
    changed = led(environment)
    assert changed["OPENAI_BASE_URL"] == f"{LOCAL}/llm/v1"
    assert changed["HOME"] == "/root"


def test_one_gateway_for_two_providers_is_one_route() -> None:
    gateway = "http://localhost:4000"
    found = routes({"ANTHROPIC_BASE_URL": gateway, "OPENAI_BASE_URL": f"{gateway}/v1"})
    (route,) = [route for route in found if route.origin == gateway]
    assert dict(route.paths) == {"ANTHROPIC_BASE_URL": "", "OPENAI_BASE_URL": "/v1"}


def test_variables_that_clients_prefer_to_others_are_followed_only_if_set() -> None:
    assert "OPENAI_API_BASE" in VARIABLES
    assert "OPENAI_API_BASE" not in led({})
    changed = led({"OPENAI_API_BASE": "https://other.example/v1"})
    assert changed["OPENAI_API_BASE"] == f"{LOCAL}/v1"


def test_further_variables_can_be_named() -> None:
    assert led({}, "MY_LLM=https://llm.example/api")["MY_LLM"] == f"{LOCAL}/api"


@pytest.mark.parametrize("extra", ["MY_LLM", "=https://llm.example", "A-B=https://llm.example"])
def test_what_is_no_variable_with_a_url_is_refused_in_words(extra: str) -> None:
    with pytest.raises(UpstreamError, match="expected NAME=URL"):
        routes({}, [extra])


def test_a_url_that_cannot_be_used_is_refused_with_its_variable_and_without_its_secret() -> None:
    with pytest.raises(UpstreamError, match="OPENAI_BASE_URL: ") as refused:
        routes({"OPENAI_BASE_URL": "https://user:canary@host/v1"})
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("/v1/messages?beta=true", "https://api.anthropic.com/v1/messages?beta=true"),
        ("/messages", "https://api.anthropic.com/v1/messages"),
        ("/messages?beta=true", "https://api.anthropic.com/v1/messages?beta=true"),
        ("/messages/count_tokens", "https://api.anthropic.com/v1/messages/count_tokens"),
        ("/messagesx", "https://api.anthropic.com/messagesx"),
    ],
)
def test_clients_that_want_v1_in_the_same_variable_reach_the_provider(
    target: str, url: str
) -> None:
    (route,) = [route for route in routes({}) if route.origin == "https://api.anthropic.com"]
    mount, rest = mount_for(route.mounts, target)
    assert str(mount.upstream.url_for(rest)) == url


def test_a_gateway_gets_the_path_that_the_client_asks_for() -> None:
    found = routes({"ANTHROPIC_BASE_URL": "https://gateway.example"})
    (route,) = [route for route in found if route.origin == "https://gateway.example"]
    assert len(route.mounts) == 1


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://p:1"}, "127.0.0.1,localhost"),
        ({"http_proxy": "http://p:1", "no_proxy": "a.example"}, "a.example,127.0.0.1,localhost"),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "b"}, "b,127.0.0.1,localhost"),
    ],
)
def test_a_forward_proxy_is_not_asked_for_loopback(
    environment: dict[str, str], expected: str | None
) -> None:
    changed = led(environment)
    assert changed.get("NO_PROXY") == changed.get("no_proxy") == expected
