"""Where requests go: the upstream a user names, and the URL of one request at it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from yarl import URL

DEFAULT_PORTS = {"http": 80, "https": 443}


class UpstreamError(ValueError):
    """An upstream URL that cannot be used. The message says what was found and expected."""


class TargetError(ValueError):
    """A request target that would leave the upstream's origin."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """The server that requests are forwarded to."""

    scheme: str
    host: str
    """Name or address; an IPv6 address without brackets."""
    port: int
    prefix: str
    """Path put before every request's path, without a slash at its end."""

    @property
    def authority(self) -> str:
        """Host and port as the Host header says them; a default port is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.prefix}"

    def url_for(self, target: str) -> URL:
        """The URL of a request target, byte for byte behind the origin.

        Raises:
            TargetError: when the target is not a path on this origin.
        """
        if not target.startswith("/"):
            raise TargetError("the request target is not a path")
        url = URL(f"{self}{target}", encoded=True)
        if (url.scheme, url.host, url.port) != (self.scheme, self.host, self.port):
            raise TargetError("the request target leaves the upstream's origin")
        return url


def parse_upstream(text: str) -> Upstream:
    """The upstream that a user names by its URL.

    Raises:
        UpstreamError: when it is no usable http or https URL.
    """
    if "://" not in text:
        raise UpstreamError(f"the upstream {text!r} has no scheme; did you mean https://{text} ?")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise UpstreamError(f"the upstream is no URL: {error}") from None
    _refuse_unusable(parts)
    host = parts.hostname
    if not host:
        raise UpstreamError(f"the upstream {text!r} names no host")
    return Upstream(parts.scheme, host, port or DEFAULT_PORTS[parts.scheme], parts.path.rstrip("/"))


def _refuse_unusable(parts: SplitResult) -> None:
    if parts.scheme not in DEFAULT_PORTS:
        raise UpstreamError(f"the upstream's scheme is {parts.scheme!r}; expected http or https")
    if parts.username is not None or parts.password is not None:
        raise UpstreamError("the upstream URL holds credentials; let the client send them instead")
    if parts.query or parts.fragment:
        raise UpstreamError("the upstream URL has a query or fragment; expected origin and path")
    if any(character.isspace() or not character.isprintable() for character in parts.geturl()):
        raise UpstreamError("the upstream URL holds blanks or control characters")
