"""Who may see the inspector in a browser: pure rules over a request's head.

Whoever reaches the page reads prompts and answers. Loopback keeps other machines out; the rules
that the proxy has too keep out pages of other origins and rebound names; the token keeps out
other users of this machine and every page, as it stands only in the printed address.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from proxy.guard import allowed_hosts, refusal

TOKEN_PARAMETER = "token"  # noqa: S105 - the name of a query parameter
_METHODS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Door:
    """What a request to one server must have."""

    port: int
    token: str = field(repr=False)

    @property
    def cookie(self) -> str:
        """The cookie's name: cookies know no port, so that two servers need two names."""
        return f"ssescope-{self.port}"

    @property
    def url(self) -> str:
        """The address to open, with the token."""
        return f"http://127.0.0.1:{self.port}/?{TOKEN_PARAMETER}={self.token}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a request the rules look at."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    query: Mapping[str, str] = field(repr=False)
    cookies: Mapping[str, str] = field(repr=False)
    websocket: bool = False
    """Whether it is made to the address of the WebSocket."""


def refused(door: Door, asked: Asked) -> str:
    """Why this request is refused, in words that hold nothing of it; empty if it may pass."""
    if asked.method not in _METHODS:
        return "Only GET is served here."
    if found := refusal(asked.method, asked.target, _without_upgrade(asked), _hosts(door)):
        return f"{found.message[0].upper()}{found.message[1:]}."
    if asked.websocket and not any(name.lower() == "origin" for name, _ in asked.headers):
        return "A WebSocket is opened only by the page itself, which sends its Origin."
    if asked.websocket or not _is_token(door, asked.query.get(TOKEN_PARAMETER)):
        if _is_token(door, asked.cookies.get(door.cookie)):
            return ""
        return "Open the whole address that ssescope inspect --web printed: it holds a token."
    return ""


def _is_token(door: Door, found: str | None) -> bool:
    """Compares in a time that tells nothing of the token."""
    return hmac.compare_digest((found or "").encode("utf-8", "replace"), door.token.encode())


def _hosts(door: Door) -> frozenset[str]:
    return allowed_hosts(door.port)


def _without_upgrade(asked: Asked) -> Iterable[tuple[str, str]]:
    """The proxy speaks no WebSocket; this server does, at one address."""
    for name, value in asked.headers:
        if not (asked.websocket and name.lower() == "upgrade"):
            yield name, value
