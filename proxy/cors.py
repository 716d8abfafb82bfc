"""What a web page of an origin that the user has allowed is told. Pure.

CORS (https://fetch.spec.whatwg.org/#http-cors-protocol): a browser lets a page of another origin
read an answer only if the answer names that origin, and asks before it sends what a plain form
could not. No other origin ever gets a field of these.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
_PREFLIGHT_SECONDS = 600

Fields = Sequence[tuple[str, str]]


class OriginError(ValueError):
    """An origin that no browser writes like this. The message says what was expected."""


def parse_origin(text: str) -> str:
    """An origin as a user names it, which is compared as it stands with what a browser sends.

    Raises:
        OriginError: when it is a pattern, has a path, or is not written as browsers do.
    """
    if _ORIGIN.fullmatch(text) is None:
        expected = "expected one such as http://localhost:3000, in small letters and without a path"
        raise OriginError(f"{text!r} is no origin; {expected}")
    return text


def allowed_origin(fields: Iterable[tuple[str, str]], origins: frozenset[str]) -> str | None:
    """The one Origin of a request, if it is exactly one of these.

    Args:
        fields: names in any case, and values.
        origins: those that are allowed.
    """
    found = [value for name, value in fields if name.lower() == "origin"]
    return found[0] if len(found) == 1 and found[0] in origins else None


def is_preflight(method: str, fields: Iterable[tuple[str, str]]) -> bool:
    """Whether a browser asks what a page may send, and the request itself is still to come."""
    names = {name.lower() for name, _ in fields}
    return method == "OPTIONS" and {"origin", "access-control-request-method"} <= names


def answer_fields(origin: str) -> Fields:
    """The fields of an answer that a page of this origin may read, each header field with it."""
    return (
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Expose-Headers", "*"),
        ("Vary", "Origin"),
    )


def is_replaced(name: str) -> bool:
    """Whether a field of the upstream's makes room: it speaks of the upstream's own pages."""
    return name.lower().startswith("access-control-")


def preflight_fields(origin: str, fields: Iterable[tuple[str, str]]) -> Fields:
    """The fields of the answer to a preflight: whatever was asked for may be sent."""
    asked = {name.lower(): value for name, value in fields}
    method = asked.get("access-control-request-method", "")
    names = [name.strip() for name in asked.get("access-control-request-headers", "").split(",")]
    allowed = [name for name in names if _TOKEN.fullmatch(name)]
    return (
        *answer_fields(origin),
        ("Access-Control-Allow-Methods", method if _TOKEN.fullmatch(method) else "POST"),
        *([("Access-Control-Allow-Headers", ", ".join(allowed))] if allowed else []),
        ("Access-Control-Max-Age", str(_PREFLIGHT_SECONDS)),
    )
