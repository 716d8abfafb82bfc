"""Which header fields are forwarded. Pure; fields keep their order, case and bytes."""

from __future__ import annotations

from collections.abc import Iterable

from captures.records import Headers

RawHeaders = tuple[tuple[bytes, bytes], ...]

HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "http2-settings",
    }
)
"""RFC 9110, section 7.6.1: an intermediary must not forward these."""

NO_AUTOMATIC_FIELDS = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
"""What aiohttp would add to a request that lacks it."""

TOKEN_FIELD = "x-ssescope-token"  # noqa: S105 - a name, no secret
"""Carries the token for the proxy itself: neither forwarded nor recorded."""

_NEVER_NAMED_AS_HOP_BY_HOP = frozenset({"authorization", "content-length", "host", "x-api-key"})
"""A Connection header that names one of these is an attack or a mistake, and is not obeyed."""


def as_text(raw: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Header fields as a capture holds them: raw bytes read as Latin-1."""
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)


def for_upstream(raw: RawHeaders, host: str) -> list[tuple[str, str]]:
    """The request's header fields as the upstream gets them.

    Later duplicates take the spelling of the first, since aiohttp keeps duplicates of one
    spelling only. ``Expect`` is answered by the proxy itself, and its token is for the proxy alone.
    """
    spelling: dict[str, str] = {}
    fields = [("Host", host)]
    for name_bytes, value_bytes in end_to_end(raw):
        name = name_bytes.decode("utf-8", "surrogateescape")
        if name.lower() in {"host", "expect", TOKEN_FIELD}:
            continue
        value = value_bytes.decode("utf-8", "surrogateescape")
        fields.append((spelling.setdefault(name.lower(), name), value))
    return fields


def for_capture(raw: RawHeaders) -> Headers:
    """The request's header fields as they may be recorded, still to be redacted."""
    return tuple((name, value) for name, value in as_text(raw) if name.lower() != TOKEN_FIELD)


def end_to_end(raw: RawHeaders) -> RawHeaders:
    """The fields without the hop-by-hop ones and those that Connection names."""
    dropped = HOP_BY_HOP | _named_by_connection(raw)
    return tuple(
        (name, value) for name, value in raw if name.decode("latin-1").lower() not in dropped
    )


def _named_by_connection(raw: RawHeaders) -> frozenset[str]:
    named = {
        token.strip().lower()
        for name, value in raw
        if name.lower() == b"connection"
        for token in value.decode("latin-1").split(",")
    }
    return frozenset(named - _NEVER_NAMED_AS_HOP_BY_HOP)
