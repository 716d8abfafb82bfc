"""Where requests go: the upstream a user names, and the URL of one request at it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from yarl import URL

DEFAULT_PORTS = {"http": 80, "https": 443}
_PREFIX = re.compile(r"[A-Za-z0-9._~%/-]*")
"""Paths that stand in a URL, and in a line to be pasted into a shell, without quoting."""


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
        return _authority(self.scheme, self.host, self.port)

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.prefix}"

    def url_for(self, target: str) -> URL:
        """The URL of a request target, byte for byte behind the origin.

        Raises:
            TargetError: when the target leaves this origin.
        """
        url = URL(f"{self}{target}", encoded=True)
        if (url.scheme, url.host, url.port) != (self.scheme, self.host, self.port):
            raise TargetError("the request target leaves the upstream's origin")
        return url


@dataclass(frozen=True, slots=True)
class Mount:
    """An upstream and the path prefix under which one proxy port serves it."""

    prefix: str
    """Empty, or a path without a slash at its end, such as ``/anthropic``."""
    upstream: Upstream


def mount_for(mounts: tuple[Mount, ...], target: str) -> tuple[Mount, str]:
    """The mount a request target is for, and the target that its upstream gets.

    The longest prefix wins. A prefix ends at a slash, a query or the end of the target.

    Raises:
        TargetError: when the target is no path, or no upstream is mounted there.
    """
    if not target.startswith("/"):
        raise TargetError("the request target is not a path")
    for mount in sorted(mounts, key=lambda mount: len(mount.prefix), reverse=True):
        rest = target.removeprefix(mount.prefix)
        if target.startswith(mount.prefix) and (not mount.prefix or rest[:1] in {"", "/", "?"}):
            # An upstream with a path of its own is asked for exactly that path.
            is_path = rest.startswith("/") or bool(mount.upstream.prefix)
            return mount, rest if is_path else f"/{rest}"
    prefixes = ", ".join(mount.prefix for mount in mounts)
    raise TargetError(f"no upstream is mounted there; expected a path under {prefixes}")


def parse_mount(text: str) -> Mount:
    """An upstream as a user names it: a URL, or ``/prefix=URL``.

    Raises:
        UpstreamError: when it cannot be used.
    """
    if not text.startswith("/"):
        return Mount("", parse_upstream(text))
    prefix, equals, url = text.partition("=")
    if not equals:
        raise UpstreamError(
            f"the mount {without_secrets(text)!r} names no URL; expected /prefix=URL"
        )
    if not _PREFIX.fullmatch(prefix):
        raise UpstreamError(
            f"the prefix {without_secrets(prefix)!r} is no path; expected letters, digits, and "
            "any of - . _ ~ % between slashes"
        )
    return Mount(prefix.rstrip("/"), parse_upstream(url))


def authority_of(url: URL) -> str:
    """Host and port of a URL as the Host header says them."""
    assert url.host is not None  # noqa: S101 - every URL here comes from an upstream
    assert url.port is not None  # noqa: S101
    return _authority(url.scheme, url.host, url.port)


def _authority(scheme: str, host: str, port: int) -> str:
    bracketed = f"[{host}]" if ":" in host else host
    return bracketed if port == DEFAULT_PORTS[scheme] else f"{bracketed}:{port}"


def parse_upstream(text: str) -> Upstream:
    """The upstream that a user names by its URL.

    Raises:
        UpstreamError: when it is no usable http or https URL.
    """
    if "://" not in text:
        shown = without_secrets(text)
        raise UpstreamError(f"the upstream {shown!r} has no scheme; did you mean https://{shown} ?")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        words = "expected https://HOST or https://HOST:PORT"
        raise UpstreamError(f"the upstream {without_secrets(text)!r} is no URL; {words}") from None
    _refuse_unusable(parts)
    host = parts.hostname
    if not host:
        raise UpstreamError(f"the upstream {without_secrets(text)!r} names no host")
    return Upstream(parts.scheme, host, port or DEFAULT_PORTS[parts.scheme], parts.path.rstrip("/"))


def without_secrets(text: str) -> str:
    """What a user gave as a URL, as it may be quoted: without credentials and query."""
    shown = re.sub(r"[?#].*", "?…", text, flags=re.DOTALL)
    shown = re.sub(r"[^/]*@", "…@", shown)
    # A password whose host was forgotten looks like a port.
    return re.sub(r":(?!//)[^/@]*[^/@0-9][^/@]*", ":…", shown)


def _refuse_unusable(parts: SplitResult) -> None:
    if parts.scheme not in DEFAULT_PORTS:
        raise UpstreamError(f"the upstream's scheme is {parts.scheme!r}; expected http or https")
    if parts.username is not None or parts.password is not None:
        raise UpstreamError("the upstream URL holds credentials; let the client send them instead")
    if parts.query or parts.fragment:
        raise UpstreamError("the upstream URL has a query or fragment; expected origin and path")
    if any(character.isspace() or not character.isprintable() for character in parts.geturl()):
        raise UpstreamError("the upstream URL holds blanks or control characters")
