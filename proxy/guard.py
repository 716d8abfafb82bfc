"""Who may ask: pure rules over a request's head, the same for the proxy and the replay server.

A server on loopback is within reach of every web page the user opens. The Host header is the
only witness against DNS rebinding, because a rebound page is same-origin and sends no Origin;
Origin and Sec-Fetch-Site tell of cross-site requests. Nothing else about a request is trusted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
_CODING_FIELD = "transfer-encoding"
_OWN_FETCH_SITES = frozenset({"none", "same-origin"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not served."""

    status: int
    code: str
    """A stable word for programs, such as ``refused_host``."""
    message: str
    """For people. Holds nothing that the client sent."""


def allowed_hosts(port: int) -> frozenset[str]:
    """The exact Host values a server on this loopback port answers to."""
    return frozenset(f"{name}:{port}" for name in LOOPBACK_NAMES)


def refusal(
    method: str,
    target: str,
    headers: Iterable[tuple[str, str]],
    hosts: frozenset[str],
) -> Refusal | None:
    """Why this request must not be served, or None if it may.

    Args:
        method: as sent.
        target: request target as sent; only the origin form ("/path?query") is served.
        headers: names and values as sent.
        hosts: the exact Host values that are ours.
    """
    fields = [(name.lower(), value) for name, value in headers]
    if method.upper() == "CONNECT" or not target.startswith("/"):
        return Refusal(405, "refused_target", "only requests for a path on this host are served")
    if _values(fields, "host") not in [[host] for host in hosts]:
        return Refusal(421, "refused_host", f"the Host header must be one of {_listed(hosts)}")
    sites = _values(fields, "sec-fetch-site")
    if any(site.lower() not in _OWN_FETCH_SITES for site in sites):
        return Refusal(403, "refused_origin", "web pages of other sites are refused")
    own_origins = {f"http://{host}" for host in hosts}
    if any(origin not in own_origins for origin in _values(fields, "origin")):
        return Refusal(403, "refused_origin", "web pages of other origins are refused")
    if any(value.strip().lower() == "websocket" for value in _values(fields, "upgrade")):
        return Refusal(501, "refused_upgrade", "WebSocket is not supported")
    return None


def coding_refusal(version: tuple[int, int], headers: Iterable[tuple[str, str]]) -> Refusal | None:
    """Why the body of this request cannot be forwarded as it is framed, or None if it can.

    A transfer coding ends at the next hop, and only ``chunked`` is put on again there. HTTP/1.0
    has none, so that two servers may see another end of the body (RFC 9112, section 6.1).
    """
    codings = [value.strip().lower() for name, value in headers if name.lower() == _CODING_FIELD]
    if codings and version < (1, 1):
        return Refusal(400, "refused_coding", "HTTP/1.0 has no Transfer-Encoding")
    if codings not in ([], ["chunked"]):
        return Refusal(501, "refused_coding", "the only transfer coding supported is chunked")
    return None


def _values(fields: Sequence[tuple[str, str]], name: str) -> list[str]:
    return [value for key, value in fields if key == name]


def _listed(hosts: frozenset[str]) -> str:
    return ", ".join(sorted(hosts))
