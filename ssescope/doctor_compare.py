"""What differs between an answer asked for directly and the same one through a proxy. Pure."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from captures.records import End, Ending
from proxy.headers import end_to_end
from proxy.nasty_cases import Case, Fields, Finish, Framing
from proxy.nasty_upstream import Run, Sent
from ssescope.doctor_bytes import byte_differences
from ssescope.doctor_client import Answer, AnswerEnd, Arrival

MAX_NAMES = 6


class Aspect(StrEnum):
    """What is compared; one column of the table each, but for the request."""

    HEAD = "head"
    BYTES = "bytes"
    CHUNKS = "chunks"
    ENDING = "ending"
    CAPTURE = "capture"
    ARRIVAL = "arrival"
    REQUEST = "request"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that came otherwise than it was sent."""

    aspect: Aspect
    kind: str
    """A stable word for programs."""
    words: str
    """The same for people. May quote names that a peer sent: shown through safe_text only."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a capture holds of an answer."""

    size: int
    sha256: str
    """SHA-256 of the body bytes, in hex."""
    lost: int
    """Body bytes that it declares as lost."""
    end: End | None


DOCUMENTED: dict[str, frozenset[str]] = {
    "40 MiB line": frozenset({"chunks_split", "capture_gap"}),
    "trailers": frozenset({"trailers_dropped"}),
    "103 early hints": frozenset({"interim_dropped"}),
    "reset": frozenset({"reset_as_close"}),
}
"""What docs/limits.md tells about our own proxy: case name to kinds of difference."""

_ENDINGS = {
    Finish.CLEAN: Ending.COMPLETE,
    Finish.CUT: Ending.UPSTREAM_TRUNCATED,
    Finish.RESET: Ending.UPSTREAM_RESET,
}


def differences(direct: Answer, through: Answer, run: Run) -> list[Difference]:
    """Everything that differs for the client, and what the run through the proxy showed.

    Args:
        direct: the answer of the upstream itself.
        through: the answer to the run, asked for through the proxy.
        run: the run, after its end.
    """
    if through.status is None:
        words = f"no answer: {through.end.value} instead of a response head"
        return [Difference(Aspect.HEAD, "no_answer", words)]
    if direct.status != through.status:
        words = f"status {direct.status} came as {through.status}, with another body"
        found = [Difference(Aspect.HEAD, "status", words)]
    else:
        found = [
            *_head_differences(direct, through),
            *(Difference(Aspect.BYTES, *each) for each in byte_differences(direct, through)),
            *_chunk_differences(direct, through),
        ]
    found += [
        *_end_differences(direct, through),
        *_arrival_differences(direct, through, run),
    ]
    if run.requests > 1:
        words = f"the upstream was asked {run.requests} times for one request"
        found.append(Difference(Aspect.REQUEST, "repeated", words))
    return found


def compared_aspects(direct: Answer, *, with_capture: bool) -> frozenset[Aspect]:
    """Which aspects a case has: chunks only where the upstream sends chunks."""
    aspects = {Aspect.HEAD, Aspect.BYTES, Aspect.ENDING, Aspect.ARRIVAL}
    if direct.framing is Framing.CHUNKED:
        aspects.add(Aspect.CHUNKS)
    if with_capture:
        aspects.add(Aspect.CAPTURE)
    return frozenset(aspects)


def capture_differences(case: Case, kept: Kept | None) -> list[Difference]:
    """What a capture got wrong about what the upstream sent."""
    if kept is None or kept.end is None:
        return [Difference(Aspect.CAPTURE, "unfinished", "the capture has no end record")]
    found: list[tuple[str, str]] = []
    sha256 = hashlib.sha256()
    for part in case.body():
        sha256.update(part)
    sent = (case.size, sha256.hexdigest())
    if kept.lost and kept.size + kept.lost == case.size:
        words = f"the disk was too slow: the capture declares {kept.lost:,} bytes as lost"
        found.append(("capture_gap", words))
    elif (kept.size, kept.sha256) != sent:
        words = f"the capture holds {kept.size:,} bytes that are not the {case.size:,} sent"
        found.append(("capture_body", words))
    end = kept.end
    if end.upstream != end.client or (end.upstream.size, end.upstream.sha256) != sent:
        found.append(("capture_proof", "the capture's tallies are not those of what was sent"))
    if end.how is not _ENDINGS[case.finish]:
        words = f"the capture tells the ending as {end.how}, expected {_ENDINGS[case.finish]}"
        found.append(("capture_ending", words))
    return [Difference(Aspect.CAPTURE, kind, words) for kind, words in found]


def latency(sent: Sequence[Sent], arrivals: Sequence[Arrival]) -> float | None:
    """Median of the seconds from the sending of a segment until the client had all of it.

    None if there was no segment, or not all arrived.
    """
    ends = [arrival.end for arrival in arrivals]
    if not sent or not ends or ends[-1] < sent[-1].end:
        return None
    return median(arrivals[bisect_left(ends, each.end)].time - each.time for each in sent)


def _head_differences(direct: Answer, through: Answer) -> Iterator[Difference]:
    def difference(kind: str, words: str) -> Difference:
        return Difference(Aspect.HEAD, kind, words)

    if direct.interim != through.interim:
        if through.interim:
            yield difference("interim_changed", "other interim responses")
        else:
            statuses = ", ".join(map(str, direct.interim))
            yield difference("interim_dropped", f"interim response {statuses} dropped")
    if direct.version != through.version:
        yield difference("version", f"answers in {_text(through.version)}")
    if direct.reason != through.reason:
        yield difference("reason", f"reason phrase came as “{_text(through.reason)}”")
    yield from (
        difference(*found)
        for found in _field_differences(end_to_end(direct.fields), end_to_end(through.fields))
    )


def _field_differences(sent: Fields, got: Fields) -> Iterator[tuple[str, str]]:
    before, after = _by_name(sent), _by_name(got)
    spelling = {name.lower(): name for name, _ in reversed((*sent, *got))}
    found = False
    for kind, verb, names in (
        ("fields_dropped", "drops", [name for name in before if name not in after]),
        ("fields_added", "adds", [name for name in after if name not in before]),
        (
            "fields_changed",
            "changes",
            [name for name in before if name in after and before[name] != after[name]],
        ),
    ):
        if names:
            found = True
            yield kind, f"{verb} {_names([spelling[name] for name in names])}"
    if found:
        return
    if sorted(name for name, _ in sent) != sorted(name for name, _ in got):
        yield "fields_case", "header field names in another case"
    elif sent != got:
        yield "fields_order", "header fields in another order"


def _by_name(fields: Fields) -> dict[bytes, list[bytes]]:
    values: dict[bytes, list[bytes]] = {}
    for name, value in fields:
        values.setdefault(name.lower(), []).append(value)
    return values


def _names(names: Collection[bytes]) -> str:
    shown = ", ".join(_text(name) for name in list(names)[:MAX_NAMES])
    more = len(names) - MAX_NAMES
    return f"{shown} and {more} more" if more > 0 else shown


def _chunk_differences(direct: Answer, through: Answer) -> Iterator[Difference]:
    if direct.framing is not Framing.CHUNKED or direct.chunks == through.chunks:
        return
    if through.framing is not Framing.CHUNKED:
        words = f"chunked came as {through.framing.value}"
        yield Difference(Aspect.CHUNKS, "unchunked", words)
        return
    if len(direct.chunks) == len(through.chunks) and direct.body != through.body:
        return
    sent, got = _boundaries(direct.chunks), _boundaries(through.chunks)
    kind = "chunks_recut"
    if direct.body == through.body and got > sent:
        kind = "chunks_split"
    elif direct.body == through.body and got < sent:
        kind = "chunks_merged"
    words = f"{len(direct.chunks):,} chunks came as {len(through.chunks):,}"
    yield Difference(Aspect.CHUNKS, kind, words)


def _boundaries(sizes: Sequence[int]) -> set[int]:
    boundaries: set[int] = set()
    end = 0
    for size in sizes:
        end += size
        boundaries.add(end)
    return boundaries


def _end_differences(direct: Answer, through: Answer) -> Iterator[Difference]:
    if direct.end is not through.end:
        kind = "ending"
        if (direct.end, through.end) == (AnswerEnd.RESET, AnswerEnd.CUT):
            kind = "reset_as_close"
        elif through.end is AnswerEnd.CLEAN:
            kind = "cut_hidden"
        words = f"{direct.end.value} came as {through.end.value}"
        yield Difference(Aspect.ENDING, kind, words)
    elif direct.trailers != through.trailers:
        kind = "trailers_changed" if through.trailers else "trailers_dropped"
        yield Difference(Aspect.ENDING, kind, kind.replace("_", " "))


def _arrival_differences(direct: Answer, through: Answer, run: Run) -> Iterator[Difference]:
    unit = "event" if run.case.sends_whole_events else "part"
    when = f"did not arrive within {run.patience:g} s while the stream was open"
    if run.head_was_held:
        yield Difference(Aspect.ARRIVAL, "head_held", f"buffers: the response head {when}")
    if run.held is not None:
        words = f"buffers: {unit} {run.held + 1} of {len(run.case.segments)} {when}"
        yield Difference(Aspect.ARRIVAL, "buffered", words)
    elif run.held_in_part is not None and direct.body == through.body:
        words = f"buffers: all of {unit} {run.held_in_part + 1} {when}"
        yield Difference(Aspect.ARRIVAL, "buffered_in_part", words)


def _text(data: bytes) -> str:
    return data.decode("latin-1")[:80]
