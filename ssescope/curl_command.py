"""A recorded request as a curl command that repeats it. Pure.

A capture may come from somebody else, and what stands in it is pasted into a shell: every word is
quoted, nothing that curl would take for a file name or an option is passed on, and what cannot
be repeated is left out and told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from captures.records import Request
from captures.redact import PLACEHOLDER
from proxy.headers import HOP_BY_HOP, TOKEN_FIELD
from proxy.target import Upstream
from ssescope.credentials import variable_for
from ssescope.shell_words import Piece, Variable, word

MAX_INLINE_SIZE = 100_000
"""Bytes of a body that stand in the command itself; Linux takes 128 KiB an argument."""

_OF_THE_CONNECTION = HOP_BY_HOP | {"host", "content-length", "expect", TOKEN_FIELD}
"""Fields that curl writes itself, or that were for the proxy."""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A field name or method (RFC 9110, section 5.6.2). None begins with @, as a file name would."""
_NOT_IN_A_VALUE = re.compile("[\r\n\0]")
_PARAMETER = re.compile(r"([^?&;=]*)=$")


@dataclass(frozen=True, slots=True)
class CurlCommand:
    """A command, and what has to be known of it."""

    text: str
    """Without a line feed at its end."""
    variables: tuple[str, ...]
    """Names of the variables that stand for secrets, which the capture does not hold."""
    left_out: tuple[str, ...]
    """What could not be repeated, each in words that hold nothing a peer sent."""


def fits_inline(body: bytes) -> bool:
    """Whether a request body can stand in the command itself."""
    if len(body) > MAX_INLINE_SIZE or b"\0" in body:
        return False
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def curl_command(
    request: Request, upstream: Upstream, body: bytes, body_file: str | None = None
) -> CurlCommand:
    """The command that asks the upstream the same once more.

    Args:
        request: the recorded request.
        upstream: what its ``upstream`` names.
        body: its body.
        body_file: a file that holds the body; None puts it into the command, where it must fit.
    """
    return _Command(request, upstream, body, body_file).built()


class _Command:
    """One command as it is put together. Mutable: collects its variables and what it lacks."""

    def __init__(
        self, request: Request, upstream: Upstream, body: bytes, body_file: str | None
    ) -> None:
        self._request = request
        self._upstream = upstream
        self._body = body
        self._body_file = body_file
        self._variables: dict[str, None] = {}
        self._left_out: list[str] = []

    def built(self) -> CurlCommand:
        target = _target(self._request)
        first = ["curl --no-buffer", *self._switches(target), self._url(target)]
        lines = [" ".join(first), *self._headers(), *self._data()]
        return CurlCommand(" \\\n  ".join(lines), tuple(self._variables), tuple(self._left_out))

    def _switches(self, target: str) -> Iterator[str]:
        method = self._request.method
        if method == "HEAD":
            yield "--head"
        elif _TOKEN.fullmatch(method) is None:
            self._left_out.append("the method, which is none")
        elif method != ("POST" if self._body else "GET"):
            yield f"--request {word(method.encode())}"
        if any(name.lower() == "accept-encoding" for name, _ in self._request.headers):
            yield "--compressed"
        if any(character in PLACEHOLDER.sub("", target) for character in "[]{}"):
            yield "--globoff"
        if "/." in target:
            yield "--path-as-is"

    def _url(self, target: str) -> str:
        origin = str(self._upstream).encode()
        return word(origin, *self._pieces(target.encode("utf-8", "replace"), ""))

    def _headers(self) -> Iterator[str]:
        fields = [
            (name, value)
            for name, value in self._request.headers
            if name.lower() not in _OF_THE_CONNECTION and name.lower() != "accept-encoding"
        ]
        for name, value in fields:
            if _TOKEN.fullmatch(name) is None or _NOT_IN_A_VALUE.search(value):
                self._left_out.append("a header field that is none")
            elif not value.strip():
                yield f"-H {word(f'{name};'.encode())}"
            else:
                yield f"-H {word(f'{name}: '.encode(), *self._pieces(_raw(value), name))}"
        if self._body and all(name.lower() != "content-type" for name, _ in fields):
            # curl would call it a form.
            yield "-H content-type:"

    def _data(self) -> Iterator[str]:
        if not self._body:
            return
        if self._request.method == "HEAD":
            self._left_out.append("the body, which curl sends with no HEAD")
        elif self._body_file is not None:
            yield f"--data-binary {word(f'@{self._body_file}'.encode('utf-8', 'surrogateescape'))}"
        elif self._body.startswith(b"@"):
            # With --data-binary it would name a file.
            yield f"--data-raw {word(self._body)}"
        else:
            yield f"--data-binary {word(self._body)}"

    def _pieces(self, data: bytes, header: str) -> Iterator[Piece]:
        """The bytes with a variable in the place of every secret that was redacted.

        Args:
            data: a header value or a request target.
            header: the name of the field; empty for a target.
        """
        text, start = data.decode("latin-1"), 0
        for match in PLACEHOLDER.finditer(text):
            before = text[start : match.start()]
            parameter = _PARAMETER.search(before)
            name = header or (parameter[1] if parameter else "")
            variable = self._variable(name.lower())
            yield before.encode("latin-1")
            yield Variable(variable)
            start = match.end()
        yield text[start:].encode("latin-1")

    def _variable(self, name: str) -> str:
        variable = variable_for(name, self._upstream.host)
        self._variables[variable] = None
        return variable


def _target(request: Request) -> str:
    """The target that the upstream got: without the mount."""
    rest = request.path
    if request.mount and rest.startswith(request.mount):
        rest = rest.removeprefix(request.mount)
    return rest if rest.startswith("/") else f"/{rest}"


def _raw(value: str) -> bytes:
    """The bytes of a field value, which a capture holds read as Latin-1."""
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace")
