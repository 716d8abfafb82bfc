"""Who may ask: pure rules over a request's head, the same for the proxy and the replay server.

A server on loopback is within reach of every web page the user opens. The Host header is the
only witness against DNS rebinding, because a rebound page is same-origin and sends no Origin;
Origin and Sec-Fetch-Site tell of cross-site requests. A server that other machines reach asks
for a token, which no page knows. Nothing else about a request is trusted.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from proxy.cors import allowed_origin, is_preflight
from proxy.headers import TOKEN_FIELD

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
_CODING_FIELD = "transfer-encoding"
_OWN_FETCH_SITES = frozenset({"none", "same-origin"})
_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Access:
    """Who may ask beside the programs of this machine's user.

    Raises:
        ValueError: any host may be named without a token.
    """

    token: str | None = field(default=None, repr=False)
    """What every request must carry; None asks for nothing."""
    any_host: bool = False
    """Whether the Host header may name any host, as the token stands in for it."""
    origins: frozenset[str] = frozenset()
    """Origins of web pages that may ask and read, as browsers write them."""

    def __post_init__(self) -> None:
        if self.any_host and not self.token:
            raise ValueError("only a token can stand in for the Host header")


LOCAL = Access()
"""Nobody else."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not served."""

    status: int
    code: str
    """A stable word for programs, such as ``refused_host``."""
    message: str
    """For people. Holds nothing that the client sent."""

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """Header fields that the answer must have (RFC 9110, sections 15.5.2 and 15.5.6)."""
        if self.status == 401:
            return (("WWW-Authenticate", f'{TOKEN_FIELD} realm="ssescope"'),)
        if self.status == 405:
            return (("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),)
        return ()


def allowed_hosts(port: int, *addresses: str) -> frozenset[str]:
    """The exact Host values a server on this port answers to.

    Args:
        port: the port it listens on.
        addresses: numeric ones it listens on beside those of loopback.
    """
    names = {*LOOPBACK_NAMES, *map(bracketed, addresses)}
    return frozenset(f"{name}:{port}" for name in names)


def bracketed(address: str) -> str:
    """A numeric address as it stands in a URL and in Host: without a zone, which is ours alone."""
    address = address.partition("%")[0]
    return f"[{address}]" if ":" in address else address


def refusal(
    method: str,
    target: str,
    headers: Iterable[tuple[str, str]],
    hosts: frozenset[str],
    access: Access = LOCAL,
) -> Refusal | None:
    """Why this request must not be served, or None if it may.

    Args:
        method: as sent.
        target: request target as sent; only the origin form ("/path?query") is served.
        headers: names and values as sent.
        hosts: the exact Host values that are ours.
        access: who else may ask.
    """
    fields = [(name.lower(), value) for name, value in headers]
    if method.upper() == "CONNECT" or not target.startswith("/"):
        return Refusal(405, "refused_target", "only requests for a path on this host are served")
    if refused := _host_refusal(fields, hosts, access):
        return refused
    if refused := _origin_refusal(fields, hosts, access):
        return refused
    # A browser sends no field of the page's own before it has the answer to this.
    is_asked_first = allowed_origin(fields, access.origins) and is_preflight(method, fields)
    if not is_asked_first and not _has_token(fields, access.token):
        words = f"every request must carry the user's token in the header {TOKEN_FIELD}"
        return Refusal(401, "refused_token", words)
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


def _host_refusal(
    fields: Sequence[tuple[str, str]], hosts: frozenset[str], access: Access
) -> Refusal | None:
    found = _values(fields, "host")
    if access.any_host:
        if len(found) == 1 and _HOST.fullmatch(found[0]):
            return None
        return Refusal(421, "refused_host", "the Host header must be one host, or host and port")
    if found in [[host] for host in hosts]:
        return None
    return Refusal(421, "refused_host", f"the Host header must be one of {_listed(hosts)}")


def _origin_refusal(
    fields: Sequence[tuple[str, str]], hosts: frozenset[str], access: Access
) -> Refusal | None:
    if allowed_origin(fields, access.origins):
        return None
    sites = _values(fields, "sec-fetch-site")
    if any(site.lower() not in _OWN_FETCH_SITES for site in sites):
        return Refusal(403, "refused_origin", "web pages of other sites are refused")
    own_origins = {f"http://{host}" for host in hosts}
    if any(origin not in own_origins for origin in _values(fields, "origin")):
        return Refusal(403, "refused_origin", "web pages of other origins are refused")
    return None


def _has_token(fields: Sequence[tuple[str, str]], token: str | None) -> bool:
    """Whether the token was sent, found out in a time that tells nothing of it."""
    if token is None:
        return True
    found = _values(fields, TOKEN_FIELD)
    if len(found) != 1:
        return False
    return hmac.compare_digest(found[0].encode("utf-8", "replace"), token.encode())


def _values(fields: Sequence[tuple[str, str]], name: str) -> list[str]:
    return [value for key, value in fields if key == name]


def _listed(hosts: frozenset[str]) -> str:
    return ", ".join(sorted(hosts))
