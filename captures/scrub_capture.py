"""A capture with the secrets in it written over, everything else as it was recorded. Pure."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from captures.inflate import NotInflatableError, inflater_for
from captures.records import (
    Chunk,
    Damage,
    End,
    Gap,
    Head,
    Headers,
    Note,
    Record,
    Request,
    RequestChunk,
    Tally,
    Unknown,
)
from captures.scrub import find, mask
from captures.secret_shapes import SHAPES, Shape

NOTE = "scrubbed"
DROPPED = "dropped by ssescope scrub"
NO_HASH = ""
OTHER_HASH = "-"
_IDENTITY = {"", "identity"}


class UnscrubbableError(Exception):
    """A body that cannot be written over in place. The message says which and why."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where in a capture a secret was found. Holds nothing of it."""

    name: str
    """Of its shape."""
    where: str
    """The part of the capture, such as ``response body``."""
    offset: int
    """Bytes from the beginning of that part."""


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """A capture that can be shared as far as the shapes go, and what was in it."""

    request: Request
    records: tuple[Record, ...]
    found: tuple[Found, ...]
    dropped: tuple[str, ...]
    """Bodies left out because they could not be written over, each with the reason."""
    unreadable: tuple[Damage, ...]
    """Stretches of the file that could not be looked at; they are left out."""

    @property
    def counts(self) -> dict[str, int]:
        """How many secrets of each shape, by its name."""
        return dict(sorted(Counter(found.name for found in self.found).items()))


def scrub(
    request: Request,
    records: Iterable[Record | Damage],
    shapes: Sequence[Shape] = SHAPES,
    *,
    drop_coded: bool = False,
) -> Scrubbed:
    """The capture with every known secret written over, lengths and times unchanged.

    Args:
        request: the first line.
        records: the other lines.
        shapes: what counts as a secret.
        drop_coded: put a gap in the place of a compressed body that holds a secret or cannot be
            looked through.

    Raises:
        UnscrubbableError: there is such a body, and it is not to be dropped.
    """
    return _Scrubbing(shapes, drop_coded).scrubbed(request, list(records))


@dataclass(slots=True)
class _Scrubbing:
    """One capture being gone through. Mutable: collects what it finds."""

    shapes: Sequence[Shape]
    drop_coded: bool
    found: list[Found] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)

    def scrubbed(self, request: Request, lines: list[Record | Damage]) -> Scrubbed:
        damages = tuple(line for line in lines if isinstance(line, Damage))
        records = [line for line in lines if not isinstance(line, Damage)]
        coding = _coding(request.headers)
        original = _body(records, Chunk)
        records = self._with_body(records, RequestChunk, "request body", coding)
        heads = [record for record in records if isinstance(record, Head)]
        coding = _coding(heads[0].headers) if heads else ""
        records = self._with_body(records, Chunk, "response body", coding)
        body = _body(records, Chunk)
        request = replace(
            request,
            upstream=self._text(request.upstream, "upstream"),
            method=self._text(request.method, "method"),
            path=self._text(request.path, "path"),
            headers=self._headers(request.headers, "request"),
            mount=self._text(request.mount, "mount"),
        )
        records = [self._record(record) for record in records]
        if body != original:
            records = [
                _rehashed(record, original, body) if isinstance(record, End) else record
                for record in records
            ]
        if self.found or self.dropped or damages:
            records = _with_note(records, self._words(len(damages)))
        return Scrubbed(request, tuple(records), tuple(self.found), tuple(self.dropped), damages)

    def _with_body(
        self, records: list[Record], kind: type[Chunk | RequestChunk], where: str, coding: str
    ) -> list[Record]:
        data = _body(records, kind)
        if coding.strip().lower() in _IDENTITY:
            masked = self._masked(data, where)
            return records if masked == data else _recut(records, kind, masked)
        why = self._why_unscrubbable(data, where, coding)
        if not why:
            return records
        if not self.drop_coded:
            raise UnscrubbableError(f"the {where} {why}")
        self.dropped.append(f"{where}: it {why}")
        return _without_body(records, kind)

    def _why_unscrubbable(self, data: bytes, where: str, coding: str) -> str:
        try:
            secrets = find(inflater_for(coding).feed(data), self.shapes)
        except NotInflatableError as error:
            return f"cannot be looked through: {error}"
        self.found += [Found(it.name, f"{where}, decoded,", it.offset) for it in secrets]
        return f"is compressed ({coding}) and holds a secret" if secrets else ""

    def _record(self, record: Record) -> Record:
        match record:
            case Head(reason=reason, headers=headers):
                return replace(
                    record,
                    reason=self._text(reason, "reason phrase"),
                    headers=self._headers(headers, "response"),
                )
            case Note(about=about, text=text):
                about = self._text(about, "note")
                return replace(record, about=about, text=self._text(text, "note"))
            case Gap(why=why):
                return replace(record, why=self._text(why, "gap"))
            case End(why=why):
                return replace(record, why=self._text(why, "end"))
            case Unknown(code=code, payload=payload):
                code = self._text(code, "record of an unknown code")
                return replace(record, code=code, payload=self._value(payload))
            case _:
                return record

    def _headers(self, headers: Headers, whose: str) -> Headers:
        scrubbed: list[tuple[str, str]] = []
        for name, value in headers:
            public_name = self._text(name, f"{whose} header name")
            public_value = self._text(value, f"{whose} header {public_name}")
            scrubbed.append((public_name, public_value))
        return tuple(scrubbed)

    def _value(self, value: Any) -> Any:
        match value:
            case str():
                return self._text(value, "record of an unknown code")
            case list():
                return [self._value(item) for item in value]
            case dict():
                return {self._value(key): self._value(item) for key, item in value.items()}
            case _:
                return value

    def _text(self, text: str, where: str) -> str:
        data = text.encode("utf-8", "surrogatepass")
        return self._masked(data, where).decode("utf-8", "surrogatepass")

    def _masked(self, data: bytes, where: str) -> bytes:
        masked, secrets = mask(data, self.shapes)
        self.found += [Found(secret.name, where, secret.offset) for secret in secrets]
        return masked

    def _words(self, damages: int) -> str:
        counts = sorted(Counter(found.name for found in self.found).items())
        words = [f"{name} {count}" for name, count in counts]
        words += [f"dropped the {dropped}" for dropped in self.dropped]
        if damages:
            words.append(f"left out {damages} unreadable lines")
        return ", ".join(words)


def _coding(headers: Headers) -> str:
    return ", ".join(value for name, value in headers if name.lower() == "content-encoding")


def _body(records: Iterable[Record], kind: type[Chunk | RequestChunk]) -> bytes:
    return b"".join(record.data for record in records if isinstance(record, kind))


def _recut(
    records: Sequence[Record], kind: type[Chunk | RequestChunk], body: bytes
) -> list[Record]:
    """The records with this body of the same length, cut at the same places."""
    recut: list[Record] = []
    start = 0
    for record in records:
        if isinstance(record, kind):
            stop = start + len(record.data)
            recut.append(replace(record, data=body[start:stop]))
            start = stop
        else:
            recut.append(record)
    return recut


def _without_body(records: Sequence[Record], kind: type[Chunk | RequestChunk]) -> list[Record]:
    """The records with a gap for each run of body records."""
    kept: list[Record] = []
    for record in records:
        if not isinstance(record, kind):
            kept.append(record)
            continue
        first, size = record.seq, len(record.data)
        if kept and isinstance(before := kept[-1], Gap) and before.why == DROPPED:
            kept.pop()
            first, size = before.first, before.size + size
        kept.append(Gap(record.seq, record.time, first, record.seq, size, DROPPED))
    return kept


def _rehashed(end: End, original: bytes, body: bytes) -> End:
    """The end with the hashes of what the capture now holds, as far as they can be told.

    The old ones must go: they would let anyone try out what was written over.
    """
    sides = [_tally(tally, original, body) for tally in (end.upstream, end.client)]
    match sides:
        case [Tally() as upstream, Tally() as client]:
            return replace(end, upstream=upstream, client=client)
    same = end.upstream.sha256 == end.client.sha256
    return replace(
        end,
        upstream=replace(end.upstream, sha256=NO_HASH),
        client=replace(end.client, sha256=NO_HASH if same else OTHER_HASH),
    )


def _tally(tally: Tally, original: bytes, body: bytes) -> Tally | None:
    """The tally of the new body, where that of the recorded one is right; None elsewhere."""
    if len(original) != len(body) or tally.size > len(original):
        return None
    if hashlib.sha256(original[: tally.size]).hexdigest() != tally.sha256:
        return None
    return replace(tally, sha256=hashlib.sha256(body[: tally.size]).hexdigest())


def _with_note(records: list[Record], text: str) -> list[Record]:
    """The records with a note before the end, numbered as if it had been recorded there."""
    last = records[-1] if records else None
    if isinstance(last, End):
        note = Note(last.seq, last.time, NOTE, text)
        return [*records[:-1], note, replace(last, seq=last.seq + 1)]
    seq, time = (last.seq + 1, last.time) if last is not None else (1, 0.0)
    return [*records, Note(seq, time, NOTE, text)]
