"""What is sent when a recorded request is sent again, before anything is. Pure.

A capture may come from somebody else: what stands in it is checked before it goes into a request,
and no key goes to a host that only the capture names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from captures.records import Damage, Gap, Head, Headers, Note, Record, Request, RequestChunk, header
from captures.redact import PLACEHOLDER
from captures.scrub_capture import NOTE as SCRUBBED
from proxy.headers import TOKEN_FIELD, RawHeaders, end_to_end
from proxy.target import Mount, UpstreamError, parse_upstream
from ssescope.credentials import is_credential, is_own_host, variable_for

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A field name or method (RFC 9110, section 5.6.2)."""
_NOT_IN_A_VALUE = re.compile("[\r\n\0]")
_TARGET = re.compile("/[!-~\x80-\xff]*")
_KEY = re.compile("[!-~]+")
_PARAMETER = re.compile(r"([^?&;=]*)=$")
_WRITTEN_ANEW = frozenset({b"host", b"content-length", b"expect", TOKEN_FIELD.encode()})
"""Fields that are of the connection to us."""


class ResendError(Exception):
    """A request that cannot be sent again. The message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request as it stands in its capture."""

    request: Request
    body: bytes
    is_scrubbed: bool = False
    """Whether secrets in it were written over."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A request to be sent again."""

    mount: Mount
    method: str
    target: bytes
    """As the client sent it, the mount's prefix in it, keys filled in."""
    shown_target: str
    """The same without keys."""
    fields: tuple[tuple[bytes, bytes], ...]
    """Header fields but those of the connection, keys filled in."""
    body: bytes
    is_chunked: bool
    """Whether the body came, and goes, without its length before it."""
    variables: tuple[str, ...]
    """Where the keys are from."""
    left_out: tuple[str, ...]
    """Names of fields that are not sent, as what stood in them is not recorded or is none."""

    @property
    def url(self) -> str:
        """Where it goes, as it may be shown."""
        return f"{self.mount.upstream}{self.shown_target.removeprefix(self.mount.prefix)}"

    @property
    def has_own_host(self) -> bool:
        """Whether every key goes to the host of the provider it is from."""
        upstream = self.mount.upstream
        origin = f"{upstream.scheme}://{upstream.authority}"
        return all(is_own_host(variable, origin) for variable in self.variables)


def recorded_request(lines: Iterable[Request | Record | Damage]) -> Recorded:
    """The request of a capture with its whole body.

    Raises:
        ResendError: not all of the body is there.
    """
    request: Request | None = None
    body = bytearray()
    lost = has_head = is_scrubbed = False
    for line in lines:
        match line:
            case Request():
                request = line
            case RequestChunk(data=data):
                body += data
            case Head():
                has_head = True
            case Gap() | Damage():
                lost = lost or not has_head
            case Note(about=about):
                is_scrubbed = is_scrubbed or about == SCRUBBED
            case _:
                pass
    assert request is not None  # noqa: S101 - a capture without one cannot be read
    length = header(request.headers, "content-length").strip()
    if _is_chunked(request.headers):
        # Nothing but an answer tells that the last piece of it had come.
        if lost or not has_head:
            raise ResendError("the capture does not tell whether the request body in it is whole")
    elif length != str(len(body)) and (length or body):
        said = length if length.isdecimal() else "an unknown number of"
        raise ResendError(
            f"the request body is incomplete: {len(body):,} of {said} bytes were recorded"
        )
    return Recorded(request, bytes(body), is_scrubbed)


def planned(recorded: Recorded, upstream: str | None, environment: Mapping[str, str]) -> Plan:
    """The request that is sent.

    Args:
        recorded: what was asked before.
        upstream: the URL of another upstream; None means the recorded one.
        environment: where the keys are, which no capture holds.

    Raises:
        ResendError: it cannot be sent, or a variable is missing.
    """
    request = recorded.request
    try:
        mount = Mount(request.mount, parse_upstream(upstream or request.upstream))
    except UpstreamError as error:
        raise ResendError(str(error)) from None
    if _TOKEN.fullmatch(request.method) is None:
        raise ResendError("the method that was recorded is none")
    keys = _Keys(mount.upstream.host, environment)
    target = keys.filled_target(request.path)
    fields = keys.filled_fields(request.headers)
    if keys.missing:
        names = " and ".join(keys.missing)
        raise ResendError(f"set {names} first: no capture holds secrets, so the key is from there")
    return Plan(
        mount,
        request.method,
        target,
        request.path,
        fields,
        recorded.body,
        _is_chunked(request.headers),
        tuple(keys.used),
        tuple(keys.left_out),
    )


class _Keys:
    """Puts keys where they were. Mutable: collects what it used, misses and leaves out."""

    def __init__(self, host: str, environment: Mapping[str, str]) -> None:
        self._host = host
        self._environment = environment
        self.used: dict[str, None] = {}
        self.missing: dict[str, None] = {}
        self.left_out: dict[str, None] = {}

    def filled_target(self, target: str) -> bytes:
        """A request target with its keys.

        Raises:
            ResendError: it is no path, or something in it is not recorded that is no key.
        """
        filled, start = "", 0
        for match in PLACEHOLDER.finditer(target):
            before = target[start : match.start()]
            parameter = _PARAMETER.search(before)
            name = parameter[1].lower() if parameter else ""
            if not is_credential(name):
                raise ResendError(
                    f"the value of {name or 'something'} in the path was kept out of the capture, "
                    "and nothing stands for it"
                )
            filled += before + self._key(name)
            start = match.end()
        filled += target[start:]
        raw = filled.encode("utf-8", "surrogateescape")
        if _TARGET.fullmatch(raw.decode("latin-1")) is None:
            raise ResendError("the path that was recorded is none")
        return raw

    def filled_fields(self, headers: Headers) -> tuple[tuple[bytes, bytes], ...]:
        """The header fields that go to the upstream, with their keys."""
        fields = []
        for name, value in end_to_end(self._encoded(headers)):
            if name.lower() in _WRITTEN_ANEW:
                continue
            shown, text = name.decode("latin-1").lower(), value.decode("latin-1")
            is_none = _TOKEN.fullmatch(shown) is None or _NOT_IN_A_VALUE.search(text) is not None
            if is_none or (PLACEHOLDER.search(text) and not is_credential(shown)):
                self.left_out[shown] = None
                continue
            filled = PLACEHOLDER.sub(lambda _match, shown=shown: self._key(shown), text)  # type: ignore[misc]
            fields.append((name, filled.encode("latin-1")))
        return tuple(fields)

    def _encoded(self, headers: Headers) -> RawHeaders:
        """The fields as they stood on the wire, of which a capture holds bytes read as Latin-1."""
        raw = []
        for name, value in headers:
            try:
                raw.append((name.encode("latin-1"), value.encode("latin-1")))
            except UnicodeEncodeError:
                self.left_out[name.lower()] = None
        return tuple(raw)

    def _key(self, name: str) -> str:
        """The key; of one that is missing, nothing.

        Raises:
            ResendError: the variable holds what no key is.
        """
        variable = variable_for(name, self._host)
        key = self._environment.get(variable, "").strip()
        if not key:
            self.missing[variable] = None
        elif _KEY.fullmatch(key) is None:
            raise ResendError(f"{variable} holds blanks or characters that are not ASCII; no key")
        else:
            self.used[variable] = None
        return key


def _is_chunked(headers: Headers) -> bool:
    return bool(header(headers, "transfer-encoding"))
