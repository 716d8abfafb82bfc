"""Reads a capture for the index of a replay.

The index holds no body, so that a folder of any size can be served; a body is read again from
its file each time it is replayed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from captures.records import (
    Chunk,
    Damage,
    End,
    Ending,
    Gap,
    Head,
    Headers,
    Record,
    Request,
    RequestChunk,
)
from captures.request_body import FieldPath, print_of, without_coding
from captures.store import CaptureError, read
from proxy.replay_exchange import Answer, Failure, SavedExchange, plain
from proxy.replay_head import has_body, playable_head

MAX_REQUEST_SIZE = 16 * 1024 * 1024
"""Bytes of a request body that are compared; longer ones are neither kept nor served."""
PLAYABLE_STATUSES = range(200, 600)
MAX_NAMED = 5


def load_capture(path: Path, ignored: Sequence[FieldPath]) -> tuple[SavedExchange, tuple[str, ...]]:
    """One capture as a replay sees it, and what was noticed, a line of plain ASCII each. Blocks.

    Args:
        path: of the capture file.
        ignored: places in request bodies that do not count.

    Raises:
        CaptureError: it is no capture, or cannot be replayed.
    """
    records = read(path)
    request = next(records)
    assert isinstance(request, Request)  # noqa: S101 - what `read` gives first
    scan = _Scan()
    for record in records:
        assert not isinstance(record, Request)  # noqa: S101 - it gives one only
        scan.feed(record)
    outcome, warnings = _outcome(path, request, scan)
    body = None
    if scan.request_lost:
        warnings.append("its request body was not kept: only --on-miss closest serves it")
    else:
        body = print_of(_plain_request(request, scan), ignored)
    exchange = SavedExchange(
        path, request.id, request.method, request.path, body, outcome, request.mount
    )
    return exchange, tuple(plain(f"{path.name}: {warning}") for warning in warnings)


def recorded_request_body(path: Path) -> bytes | None:
    """The request body of a capture without its content coding, None where it was lost. Blocks.

    Raises:
        CaptureError: it is no capture any more.
    """
    records = read(path)
    request = next(records)
    assert isinstance(request, Request)  # noqa: S101 - what `read` gives first
    scan = _Scan()
    for record in records:
        if isinstance(record, Head | End):
            break
        assert not isinstance(record, Request)  # noqa: S101 - it gives one only
        scan.feed(record)
    return None if scan.request_lost else _plain_request(request, scan)


def _plain_request(request: Request, scan: _Scan) -> bytes:
    return plain_body(bytes(scan.request_body), request.headers)


@dataclass(frozen=True, slots=True)
class _Loss:
    """Where an answer first lacks bytes: what comes before can be replayed."""

    time: float
    pieces: int
    size: int
    why: str


class _Scan:
    """Folds the records of a capture into what a replay must know of it. Mutable."""

    def __init__(self) -> None:
        self.request_body = bytearray()
        self.request_lost = False
        self.head: Head | None = None
        self.pieces = 0
        self.size = 0
        self.digest = hashlib.sha256()
        self.time = 0.0
        self.loss: _Loss | None = None
        self.end: End | None = None

    def feed(self, record: Record | Damage) -> None:
        """Takes the next record; those after the end record are no part of the exchange."""
        if self.end is not None:
            return
        match record:
            case RequestChunk(data=data):
                self._add_request(data)
            case Head() if self.head is None:
                self.head = record
            case Chunk(data=data):
                self.pieces += 1
                self.size += len(data)
                self.digest.update(data)
            case Gap(first=first, last=last, size=size, why=why):
                in_request = self.head is None or first < self.head.seq
                in_answer = self.head is not None and last > self.head.seq
                self._lose(f"{size} bytes were not recorded ({why})", in_request, in_answer)
            case Damage(line=line, why=why):
                in_request = self.head is None
                self._lose(f"line {line} cannot be read ({why})", in_request, not in_request)
            case End():
                self.end = record
            case _:
                pass
        if not isinstance(record, Damage):
            self.time = record.time

    def _add_request(self, data: bytes) -> None:
        if len(self.request_body) + len(data) > MAX_REQUEST_SIZE:
            self.request_lost = True
        else:
            self.request_body += data

    def _lose(self, why: str, in_request: bool, in_answer: bool) -> None:
        self.request_lost |= in_request
        if in_answer and self.loss is None:
            self.loss = _Loss(self.time, self.pieces, self.size, why)


def _outcome(path: Path, request: Request, scan: _Scan) -> tuple[Answer | Failure, list[str]]:
    if scan.head is None:
        if scan.pieces:
            raise CaptureError(f"{path} cannot be replayed: it has a body and no head")
        if scan.end is None:
            return Failure(scan.time, "interrupted", "the recording has no end"), []
        return Failure(scan.end.time, scan.end.how.value, scan.end.why), []
    if scan.head.status not in PLAYABLE_STATUSES:
        raise CaptureError(f"{path} cannot be replayed: its status is {scan.head.status}")
    pieces, size, end_time, missing = _playable_body(scan)
    whole = scan.end is not None and scan.end.how is Ending.COMPLETE and not missing
    warnings = [f"{missing}: it is replayed up to there and cut"] if missing else _doubts(scan)
    if not has_body(request.method, scan.head.status):
        pieces = size = 0
    head = playable_head(scan.head, method=request.method, size=size, whole=whole)
    if head.invalid:
        named = ", ".join(name[:40] for name in head.invalid[:MAX_NAMED])
        count = len(head.invalid)
        warnings.append(f"{count} header fields are not valid HTTP and not sent: {named}")
    answer = Answer(
        status=scan.head.status,
        headers=head.headers,
        head_time=scan.head.time,
        end_time=end_time,
        pieces=pieces,
        size=size,
        whole=whole,
        coded=_is_coded(head.headers),
    )
    return answer, warnings


def _playable_body(scan: _Scan) -> tuple[int, int, float, str]:
    """How many pieces can be sent, their bytes, when the body ends, and what it lacks.

    The recorder's own count decides: a loss that it does not confirm was not of the body.
    """
    if scan.end is None:
        if scan.loss is None:
            return scan.pieces, scan.size, scan.time, "it has no end record"
        return scan.loss.pieces, scan.loss.size, scan.loss.time, scan.loss.why
    counted = scan.end.upstream.size
    if counted == scan.size:
        return scan.pieces, scan.size, scan.end.time, ""
    if scan.loss is not None:
        return scan.loss.pieces, scan.loss.size, scan.loss.time, scan.loss.why
    why = f"its body has {scan.size} bytes and the recorder counted {counted}"
    return scan.pieces, scan.size, scan.end.time, why


def _is_coded(headers: Headers) -> bool:
    return _coding_of(headers) not in {"", "identity"}


def plain_body(body: bytes, headers: Headers) -> bytes:
    """The body of a request without the content coding that its headers tell of."""
    return without_coding(body, _coding_of(headers))


def _coding_of(headers: Headers) -> str:
    codings = [value for name, value in headers if name.lower() == "content-encoding"]
    return ", ".join(codings).strip().lower()


def _doubts(scan: _Scan) -> list[str]:
    if scan.end is None or scan.digest.hexdigest() == scan.end.upstream.sha256:
        return []
    return ["its body is not the one that was recorded: the SHA-256 differs"]
