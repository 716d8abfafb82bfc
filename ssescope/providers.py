"""The providers whose clients can be pointed elsewhere by an environment variable. Pure.

The variables are those that the clients' own sources read; ``docs/recipes`` tells which client
reads which.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from proxy.target import Mount, UpstreamError, parse_mount, parse_upstream

ANTHROPIC = "https://api.anthropic.com"

VARIABLES: dict[str, str] = {
    "ANTHROPIC_BASE_URL": ANTHROPIC,
    "OPENAI_BASE_URL": "https://api.openai.com/v1",
    "GOOGLE_GEMINI_BASE_URL": "https://generativelanguage.googleapis.com",
    "GROQ_BASE_URL": "https://api.groq.com",
    "GROQ_API_BASE": "https://api.groq.com/openai/v1",
    "MISTRAL_API_BASE": "https://api.mistral.ai/v1",
    "OPENROUTER_API_BASE": "https://openrouter.ai/api/v1",
    "XAI_API_BASE": "https://api.x.ai/v1",
    "ANTHROPIC_API_BASE": "",
    "ANTHROPIC_API_URL": "",
    "ANTHROPIC_VERTEX_BASE_URL": "",
    "AZURE_API_BASE": "",
    "AZURE_OPENAI_ENDPOINT": "",
    "COHERE_API_BASE": "",
    "DEEPSEEK_API_BASE": "",
    "GEMINI_API_BASE": "",
    "GOOGLE_VERTEX_BASE_URL": "",
    "OPENAI_API_BASE": "",
}
"""Each variable and the URL its clients ask where it is not set; empty where there is no one URL,
or where clients prefer it to another variable here: such a one is followed only if it is set."""

PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_LOOPBACK = "127.0.0.1,localhost"

_VERCEL_PATH = "/messages"
"""Vercel's ``@ai-sdk/anthropic`` reads ANTHROPIC_BASE_URL too, but expects ``/v1`` at its end."""


@dataclass(frozen=True, slots=True)
class Route:
    """One upstream origin and the variables that lead to it."""

    origin: str
    """Scheme and authority, such as ``https://api.openai.com``."""
    paths: tuple[tuple[str, str], ...]
    """Each variable with the path of its URL, which stays part of the client's base URL."""

    @property
    def mounts(self) -> tuple[Mount, ...]:
        """What a proxy for this route serves."""
        mounts = (Mount("", parse_upstream(self.origin)),)
        if self.origin == ANTHROPIC and ("ANTHROPIC_BASE_URL", "") in self.paths:
            return (parse_mount(f"{_VERCEL_PATH}={ANTHROPIC}/v1{_VERCEL_PATH}"), *mounts)
        return mounts


def routes(environment: Mapping[str, str], extra: Iterable[str] = ()) -> tuple[Route, ...]:
    """Where the clients of a command would go, by the environment it would run in.

    Args:
        environment: the variables; one that is set names its upstream.
        extra: further variables as ``NAME=URL``.

    Raises:
        UpstreamError: when a URL cannot be used. The message names its variable.
    """
    urls = {name: environment.get(name) or url for name, url in VARIABLES.items()}
    for text in extra:
        name, equals, url = text.partition("=")
        if not equals or not name.isidentifier():
            raise UpstreamError(f"found {name!r} as a variable; expected NAME=URL")
        urls[name] = url
    paths: dict[str, list[tuple[str, str]]] = {}
    for name, url in urls.items():
        if url:
            origin, path = _split(name, url)
            paths.setdefault(origin, []).append((name, path))
    return tuple(Route(origin, tuple(found)) for origin, found in paths.items())


def child_environment(
    environment: Mapping[str, str], origins: Iterable[tuple[Route, str]]
) -> dict[str, str]:
    """The environment that leads a command's clients through proxies.

    Args:
        environment: the variables it would run with.
        origins: each route with the origin on loopback that serves it.
    """
    changed = dict(environment)
    for route, origin in origins:
        changed |= {name: f"{origin}{path}" for name, path in route.paths}
    if any(name in changed or name.lower() in changed for name in PROXY_VARIABLES):
        # Most clients would send requests to loopback through a forward proxy too.
        kept = changed.get("NO_PROXY") or changed.get("no_proxy")
        exempt = f"{kept},{_LOOPBACK}" if kept else _LOOPBACK
        changed |= {"NO_PROXY": exempt, "no_proxy": exempt}
    return changed


def _split(name: str, url: str) -> tuple[str, str]:
    """Origin and path of a URL."""
    try:
        upstream = parse_upstream(url)
    except UpstreamError as error:
        raise UpstreamError(f"{name}: {error}") from None
    path = urlsplit(url).path.rstrip("/")
    return f"{upstream.scheme}://{upstream.authority}", path
