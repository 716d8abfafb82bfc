"""Which header and query values are secret, and what stands in their place.

The one choke point: the proxy passes every head and target through it before anything enters
the capture queue. The placeholder keeps the length and a keyed fingerprint, so that equal keys
compare equal in a capture folder and cannot be guessed from it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Collection
from urllib.parse import unquote_plus, urlsplit, urlunsplit

from captures.records import Headers

SECRET_HEADERS = frozenset(
    {
        "anthropic-organization-id",
        "anthropic-workspace-id",
        "api-key",
        "authorization",
        "cf-aig-authorization",
        "chatgpt-account-id",
        "cookie",
        "mcp-session-id",
        "openai-organization",
        "openai-project",
        "proxy-authorization",
        "set-cookie",
        "x-amz-security-token",
        "x-api-key",
        "x-auth-token",
        "x-claude-code-session-id",
        "x-goog-api-key",
    }
)

_SECRET_NAME = re.compile(
    r"secret|passw(or)?d|credential|cookie|session|signature|auth|api[-_]?key|(^|[-_])key$|token$"
    r"|^cf-access-",
    re.IGNORECASE,
)
_PUBLIC_HEADERS = frozenset(
    {
        "access-control-allow-credentials",
        "proxy-authenticate",
        "sec-websocket-key",
        "www-authenticate",
    }
)
_URL_HEADERS = frozenset({"location", "content-location", "referer"})
_SCHEME_HEADERS = frozenset({"authorization", "proxy-authorization"})
_SCHEMES = frozenset(
    {"apikey", "aws4-hmac-sha256", "basic", "bearer", "digest", "negotiate", "token"}
)

SECRET_QUERY_NAMES = frozenset(
    {"access_token", "code", "key", "password", "sig", "signature", "state", "token"}
)

_QUERY_SEPARATOR = re.compile("([&;?])")
_QUERY_IN_TEXT = re.compile(r"""(?<=[?&;#])([^=&;?#\s]+)=([^&;?#\s"'<>,]+)""")
_USERINFO_IN_TEXT = re.compile(r"""(?<=://)[^/?#\s"'<>,]+(?=@)""")
_LINE_END = re.compile("(\r\n|\r|\n)")

PLACEHOLDER = re.compile(r"\[redacted len=[0-9]+ fp=[0-9a-f]{8}\]")
"""What stands in the place of a secret value: its length and its keyed fingerprint."""


class Redactor:
    """Replaces secret values. The key makes fingerprints comparable within one folder only.

    Args:
        key: of the fingerprints.
        headers: names of further secret header fields, in any case.
        query_names: names of further secret query parameters, in any case.
    """

    def __init__(
        self, key: bytes, *, headers: Collection[str] = (), query_names: Collection[str] = ()
    ) -> None:
        self._key = key
        self._headers = frozenset(name.lower() for name in headers)
        self._query_names = frozenset(name.lower() for name in query_names)

    def headers(self, headers: Headers) -> Headers:
        """The same fields in the same order, secret values replaced."""
        return tuple((name, self._header_value(name, value)) for name, value in headers)

    def raw_head(self, data: bytes) -> str:
        """What a peer sent as it stood on the wire, secret values of header lines replaced.

        The bytes are read as Latin-1. Where heads end is not trusted, so every line counts.
        """
        shown: list[str] = []
        is_secret = False
        # A lone CR or LF ends a line for somebody.
        for line in _LINE_END.split(data.decode("latin-1")):
            if is_secret and line[:1] in {" ", "\t"}:
                # RFC 9112, section 5.2: the field's value goes on.
                shown.append(f" {self._placeholder(line.strip())}")
                continue
            if _LINE_END.match(line) is None:
                is_secret = self._is_secret_header(line.partition(":")[0].strip().lower())
            shown.append(self._raw_line(line))
        return "".join(shown)

    def target(self, target: str) -> str:
        """A request target with its secret query values replaced, all else byte for byte."""
        path, mark, query = target.partition("?")
        return path if not mark else f"{path}?{self._query(query)}"

    def url(self, url: str) -> str:
        """A URL with its user information and secret query values replaced."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return self._placeholder(url)
        place = parts.netloc
        userinfo, at, host = place.rpartition("@")
        if at:
            place = f"{self._placeholder(userinfo)}@{host}"
        return urlunsplit(
            (parts.scheme, place, parts.path, self._query(parts.query), self._query(parts.fragment))
        )

    def _header_value(self, name: str, value: str) -> str:
        lowered = name.lower()
        if lowered in _URL_HEADERS:
            return self.url(value)
        if not self._is_secret_header(lowered):
            return self._urls_in(value)
        scheme, space, credentials = value.partition(" ")
        if lowered in _SCHEME_HEADERS and space and scheme.lower() in _SCHEMES:
            return f"{scheme} {self._placeholder(credentials)}"
        return self._placeholder(value)

    def _is_secret_header(self, lowered: str) -> bool:
        if lowered in self._headers:
            return True
        return lowered not in _PUBLIC_HEADERS and is_secret_header(lowered)

    def _urls_in(self, text: str) -> str:
        """A public value, in which there may be URLs with secrets in them."""

        def pair(match: re.Match[str]) -> str:
            return self._query_pair(match.group())

        if "=" in text:
            text = _QUERY_IN_TEXT.sub(pair, text)
        if "@" in text:
            text = _USERINFO_IN_TEXT.sub(lambda match: self._placeholder(match.group()), text)
        return text

    def _raw_line(self, line: str) -> str:
        name, colon, value = line.partition(":")
        if not colon:
            return self._urls_in(line)
        stripped = value.strip()
        return f"{name}:{value.replace(stripped, self._header_value(name.strip(), stripped))}"

    def _query(self, query: str) -> str:
        # Servers differ in what separates pairs, and people write a second question mark.
        return "".join(self._query_pair(pair) for pair in _QUERY_SEPARATOR.split(query))

    def _query_pair(self, pair: str) -> str:
        name, equals, value = pair.partition("=")
        spelt = unquote_plus(name)
        is_secret = is_secret_query_name(spelt) or spelt.lower() in self._query_names
        if not equals or not value or not is_secret:
            return pair
        return f"{name}={self._placeholder(value)}"

    def _placeholder(self, value: str) -> str:
        digest = hmac.new(self._key, value.encode("utf-8", "surrogateescape"), hashlib.sha256)
        return f"[redacted len={len(value)} fp={digest.hexdigest()[:8]}]"


def is_secret_header(name: str) -> bool:
    """Whether the value of a header field of this lower-case name is kept out of captures."""
    return name in SECRET_HEADERS or _SECRET_NAME.search(name) is not None


def is_secret_query_name(name: str) -> bool:
    """Whether the value of a query parameter of this name is kept out of captures."""
    return name.lower() in SECRET_QUERY_NAMES or _SECRET_NAME.search(name) is not None
