"""Which header fields of a recorded answer a replay sends. Pure; the fields may be hostile."""

from __future__ import annotations

import re
from dataclasses import dataclass

from captures.records import Head, Headers
from proxy.headers import as_text, end_to_end

CROSS_ORIGIN_PREFIX = "access-control-allow-"
"""With these a web page could read a replay."""

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_LENGTH = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class PlayableHead:
    """The header fields to send, and the names of those that are no valid HTTP."""

    headers: Headers
    invalid: tuple[str, ...]


def has_body(method: str, status: int) -> bool:
    """Whether HTTP lets the answer to this method with this status carry a body."""
    return method != "HEAD" and status not in {204, 304}


def playable_head(head: Head, *, method: str, size: int, whole: bool) -> PlayableHead:
    """The recorded fields in their order, without those that belong to one connection only.

    Content-Length stays where it keeps its meaning: it equals the size of a whole body, is
    larger than that of a cut one, or describes a body that is not sent (HEAD, 304).

    Args:
        head: as recorded.
        method: of the recorded request.
        size: body bytes that the replay sends.
        whole: whether they are the whole body.
    """
    invalid = tuple(name for name, value in head.headers if not _is_valid(name, value))
    valid = (
        (name.encode("latin-1"), value.strip(" \t").encode("latin-1"))
        for name, value in head.headers
        if _is_valid(name, value)
    )
    fields = as_text(end_to_end(tuple(valid)))
    lengths = [value for name, value in fields if name.lower() == "content-length"]
    keeps_length = _is_meant(lengths, method, head.status, size, whole)
    kept = tuple(
        (name, value)
        for name, value in fields
        if not name.lower().startswith(CROSS_ORIGIN_PREFIX)
        and (keeps_length or name.lower() != "content-length")
    )
    return PlayableHead(kept, invalid)


def _is_valid(name: str, value: str) -> bool:
    return _TOKEN.fullmatch(name) is not None and _VALUE.fullmatch(value) is not None


def _is_meant(lengths: list[str], method: str, status: int, size: int, whole: bool) -> bool:
    if len(lengths) != 1 or status == 204 or _LENGTH.fullmatch(lengths[0]) is None:
        return False
    if not has_body(method, status):
        return True
    return int(lengths[0]) == size if whole else int(lengths[0]) > size
