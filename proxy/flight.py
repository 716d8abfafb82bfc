"""One exchange under way: its clock, its recording and its two tallies."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from captures.records import Boundary, Ending
from captures.redact import Redactor
from captures.writer import Recording
from proxy.headers import RawHeaders, as_text
from proxy.latency import RunningLatency
from proxy.tally import RunningTally
from proxy.tap import Leg

MAX_NOTED_EVIDENCE = 8192
"""Bytes of a refused response that its capture keeps."""

ROOM_SECONDS = 0.005
"""Pause between two looks at the capture queue."""

MAX_REPLAYABLE_SIZE = 1024 * 1024
"""Bytes of a request body up to which it can be sent a second time."""


@dataclass(frozen=True, slots=True)
class Landed:
    """What the proxy itself can tell of an exchange that has ended."""

    capture_id: str
    status: int | None
    """Status of the upstream's answer; None if there was none."""
    how: Ending
    why: str
    size: int
    """Body bytes received from the upstream."""
    seconds: float


class Flight:
    """Everything that is recorded of one exchange goes through here. Mutable."""

    def __init__(
        self,
        recording: Recording,
        redactor: Redactor,
        clock: Callable[[], float],
        on_landed: Callable[[Landed], None],
    ) -> None:
        self._recording = recording
        self._on_landed = on_landed
        self._status: int | None = None
        self._redactor = redactor
        self._clock = clock
        self._started = clock()
        self._upstream = RunningTally()
        self._client = RunningTally()
        self._latency = RunningLatency()
        self._arrived = self._started
        self._handed_over = self._started
        self._sent = bytearray()
        self._sent_size = 0
        self._ended = False
        self.leg = Leg()
        """The way its request took to the upstream; the latest, if it was sent twice."""
        self.upload_broken = False
        """Whether the client failed to send its whole request body."""
        self.is_harmed = False
        """Whether faults are done to its answer."""

    def request_chunk(self, data: bytes) -> None:
        """A piece of the request body, about to be sent upstream."""
        self._recording.request_chunk(self._now(), data)
        self._sent_size += len(data)
        if self._sent_size <= MAX_REPLAYABLE_SIZE:
            self._sent += data

    @property
    def replayable_body(self) -> bytes | None:
        """The request body as sent so far, or None if it has outgrown what is kept."""
        return bytes(self._sent) if self._sent_size <= MAX_REPLAYABLE_SIZE else None

    def head(self, version: str, status: int, reason: str, raw_headers: RawHeaders) -> None:
        """The response head; its secrets are redacted here, its time is that of its arrival."""
        scanner = self.leg.scanner
        arrived = scanner.head_arrival if scanner is not None else None
        time = self._now() if arrived is None else arrived - self._started
        headers = self._redactor.headers(as_text(raw_headers))
        self._status = status
        self._recording.head(time, version, status, reason, headers)

    async def room(self, size: int) -> None:
        """Waits until this many bytes can be recorded, where captures are to be complete."""
        # The writer thread makes the room; waking the loop for each batch would cost more.
        while self._recording.must_wait(size):  # noqa: ASYNC110
            await asyncio.sleep(ROOM_SECONDS)

    def received(self, data: bytes, boundary: Boundary) -> None:
        """The next piece of the response body; its time is that of its arrival at the socket."""
        scanner = self.leg.scanner
        arrived = scanner.arrival(len(data)) if scanner is not None else None
        self._arrived = self._clock() if arrived is None else arrived
        self._recording.chunk(self._arrived - self._started, data, boundary)
        self._upstream.add(data)

    def made(self, data: bytes) -> None:
        """A piece of a body that a fault has made of the upstream's; its time is now."""
        self._arrived = self._clock()
        self._recording.chunk(self._arrived - self._started, data, Boundary.CHUNK)
        self._upstream.add(data)

    def handing_over(self) -> None:
        """The same piece is given to the client's connection now."""
        self._handed_over = self._clock()

    def delivered(self, data: bytes) -> None:
        """The client's connection has taken the piece and is ready for more."""
        self._client.add(data)
        self._latency.passed_on(self._arrived, self._handed_over, self._clock())

    def note(self, about: str, text: str) -> None:
        """Something worth telling."""
        self._recording.note(self._now(), about, text)

    def note_refused_response(self) -> None:
        """Keeps what the upstream sent in place of HTTP, its secrets redacted."""
        scanner = self.leg.scanner
        if scanner is not None and scanner.evidence:
            head = self._redactor.raw_head(bytes(scanner.evidence[:MAX_NOTED_EVIDENCE]))
            self.note("refused_response", head)

    def note_what_was_not_forwarded(self) -> None:
        """Tells what of the response stays behind, and whether anything could not be seen."""
        scanner = self.leg.scanner
        if scanner is None:
            if self._status is not None:
                self.note("reduced_fidelity", "aiohttp is not as known: nothing was read along")
            return
        for about, found in (
            ("dropped_interim_responses", ", ".join(map(str, scanner.interim_statuses))),
            ("dropped_trailers", _words(scanner.trailers)),
            ("dropped_chunk_extensions", _words(scanner.extensions)),
            ("extra_bytes", str(scanner.extra_size or "")),
            ("reduced_fidelity", "the response's framing was not understood" * scanner.lost),
        ):
            if found:
                self.note(about, found)

    def end(self, how: Ending, why: str = "") -> None:
        """How the exchange ended. Only the first call counts."""
        if not self._ended:
            self._ended = True
            self.note_what_was_not_forwarded()
            upstream, client = self._upstream.tally(), self._client.tally()
            seconds = self._now()
            latency = self._latency.latency()
            self._recording.end(seconds, how, why, upstream, client, latency=latency)
            self._on_landed(
                Landed(self._recording.id, self._status, how, why, upstream.size, seconds)
            )

    def _now(self) -> float:
        return self._clock() - self._started


def _words(noted: list[bytes]) -> str:
    return ", ".join(found.decode("latin-1").strip() for found in noted)
