"""The bodies of an exchange out of its records, piece by piece."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from captures.inflate import inflater_for
from captures.records import Chunk, Damage, Head, Record, Request, RequestChunk

Line = Request | Record | Damage


def request_pieces(lines: Iterable[Line]) -> Iterator[bytes]:
    """The pieces of the request body, as they were sent."""
    return (line.data for line in lines if isinstance(line, RequestChunk))


def response_pieces(lines: Iterable[Line], *, decoded: bool) -> Iterator[bytes]:
    """The pieces of the response body, as they came or with the content coding undone.

    Raises:
        NotInflatableError: at a step, when a body is not what its coding says.
    """
    inflater = inflater_for("")
    for line in lines:
        if decoded and isinstance(line, Head):
            codings = [v for name, v in line.headers if name.lower() == "content-encoding"]
            inflater = inflater_for(codings[0] if codings else "")
        elif isinstance(line, Chunk):
            yield inflater.feed(line.data)
