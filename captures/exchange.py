"""The one fold: records in, and everything the faces show of an exchange out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import orjson

from captures.body import Body, Overflow
from captures.bursts import Buffering
from captures.dialects.base import Dialect, Event
from captures.dialects.recognise import dialect_at, dialect_for, whole_message
from captures.event_store import Events
from captures.findings.collected import CollectedFindings
from captures.findings.network import (
    BYTES_NOT_KEPT,
    CAPTURE_DAMAGED,
    HTTP_ERROR,
    NOT_INFLATED,
    RECORDER_STOPPED,
)
from captures.findings.rule import Complaint, Finding, Level, Rule, explained_by, root_causes
from captures.findings.sse import REPEATED_EVENT
from captures.framing import Answer, Framing, framing_for
from captures.inflate import Inflater, NotInflatableError, inflater_for
from captures.leave_point import Leave, leave_of
from captures.message import Message, Usage
from captures.network_checks import network_findings
from captures.portability import Portability
from captures.records import (
    Chunk,
    Damage,
    End,
    Ending,
    Gap,
    Head,
    Note,
    Record,
    Request,
    RequestChunk,
    header,
)
from captures.repetition import is_repeated
from captures.retrying import retry_words
from captures.sniffing import DOUBTFUL_TYPES, SNIFFED_SIZE, is_event_stream
from captures.sse import Decoder, Frame, FrameKind
from captures.stalls import Stall
from captures.timing import Clock, Timing
from captures.token_times import InterToken
from captures.undispatched import undispatched

MAX_REQUEST_BODY_SIZE = 16 * 1024 * 1024
"""Bytes of the request body kept in memory; the capture file keeps them all."""

MAX_WHOLE_BODY_SIZE = 16 * 1024 * 1024
"""Bytes of a response that is no stream up to which it is read as one message."""


class Exchange:
    """One request and its answer, folded record by record. Peer bytes never raise in it.

    Args: its request; whether its times were measured, as those of a body saved without a capture
    were not; what makes the place for the bytes of a large body (close the exchange then).
    """

    def __init__(
        self,
        request: Request,
        *,
        timed: bool = True,
        overflow: Callable[[], Overflow] | None = None,
    ) -> None:
        self.request = request
        self.is_timed = timed
        """Whether its times were measured."""
        self.head: Head | None = None
        self.end: End | None = None
        self.interrupted = False
        """The recorder is known to have died before an end record."""
        self.notes: list[Note] = []
        self.gaps: list[Gap] = []
        self.events = Events()
        self.stream_has_gap = False
        """Bytes of the event stream were forwarded and not recorded."""
        self.leave: Leave | None = None
        """Where the client went, once the exchange has ended so."""
        self.is_mistyped = False
        """It is an event stream, and its content type says that it is something else."""
        self.body = Body(overflow)
        self.dialect: Dialect | None = None
        self.request_size = 0
        self._request_body = bytearray()
        self._inflater: Inflater | None = inflater_for("")
        self._make_framing: Callable[[int], Framing] | None = None
        self._framing: Framing | None = None
        self._clock = Clock()
        self._whole: Message | None = None
        self._findings = CollectedFindings()
        self._portability: Portability | None = None
        self._is_doubtful = False
        """Its content type does not tell whether it is an event stream, and no bytes have yet."""

    def feed(self, record: Record | Damage) -> None:
        """Takes the next record of the capture, or a stretch of it that cannot be read."""
        match record:
            case Chunk():
                self._take_chunk(record)
            case RequestChunk(data=data):
                self.request_size += len(data)
                self._request_body += data[: MAX_REQUEST_BODY_SIZE - len(self._request_body)]
            case Head():
                self._take_head(record)
            case Note():
                self.notes.append(record)
            case Gap():
                self._take_gap(record)
            case End():
                self._take_end(record)
            case Damage(line=line, why=why):
                self._find(CAPTURE_DAMAGED, f"line {line}: {why}")
            case _:
                pass

    def interrupt(self) -> None:
        """Says that no more records will come although there was no end record."""
        if self.end is None and not self.interrupted:
            self.interrupted = True
            self._find(RECORDER_STOPPED, "the capture has no end record")

    def close(self) -> None:
        """Lets go of the bytes of the body that are not in memory. Everything else stays."""
        self.body.close()

    @property
    def findings(self) -> list[Finding]:
        """What is wrong with it, in the order it was met."""
        return self._findings.found

    @property
    def live(self) -> bool:
        """Whether more records may come."""
        return self.end is None and not self.interrupted

    @property
    def is_stream(self) -> bool:
        """Whether the response is a stream of events: by its content type and path, else by how
        it begins."""
        return self._framing is not None

    @property
    def framing(self) -> str:
        """How the body is cut into events, such as ``sse``; empty where it is no stream."""
        return self._framing.name if self._framing is not None else ""

    @property
    def request_body(self) -> bytes:
        """The request body as sent, up to MAX_REQUEST_BODY_SIZE."""
        return bytes(self._request_body)

    @property
    def content_type(self) -> str:
        """The response's media type without parameters, in lower case."""
        value = header(self.head.headers, "content-type") if self.head else ""
        return value.partition(";")[0].strip().lower()

    @property
    def coding(self) -> str:
        """The response's content coding in lower case; empty where there is none."""
        value = header(self.head.headers, "content-encoding") if self.head else ""
        return "" if value.strip().lower() == "identity" else value.strip().lower()

    def message(self) -> Message:
        """The message as far as it has come."""
        if self._whole is not None:
            return self._whole
        return self.dialect.message() if self.dialect else Message()

    def messages(self) -> tuple[Message, ...]:
        """Every message of the stream in order: more than one where responses were spliced."""
        earlier = self.dialect.earlier if self.dialect else ()
        return (*earlier, self.message())

    def timing(self) -> Timing:
        """The times so far; none at all where none were measured."""
        if not self.is_timed:
            return Timing()
        usage = Usage()
        if self._whole is not None:
            usage = self._whole.usage
        elif self.dialect is not None:
            usage = self.dialect.usage
        return self._clock.timing(usage.output_tokens)

    def inter_token(self) -> InterToken | None:
        """The waits between the tokens so far; None where there are none, or no times."""
        return self._clock.inter_token() if self.is_timed else None

    def token_waits(self) -> Sequence[float]:
        """The waits between the tokens so far in their order, in seconds."""
        return self._clock.token_waits()

    def buffering(self) -> Buffering | None:
        """Evidence so far that something on the way holds the stream back."""
        return self._clock.buffering() if self.is_timed else None

    def stalls(self) -> tuple[Stall, ...]:
        """The waits so far that were too long, in order of time."""
        if not self.is_timed:
            return ()
        whole = self.dialect is not None and self.dialect.may_end
        asked = self.dialect is not None or self.request.method != "GET"
        broke_off = self.end is not None and self.is_stream and asked and not whole
        return self._clock.stalls(self.end.time if self.end and broke_off else None)

    def new_dialect(self, frame: Frame) -> Dialect:
        """A new fold of this stream, which begins with this event."""
        return dialect_for(
            frame, self.request.path, self.framing, self.request_body, self._header_names
        )

    def findings_of(self, event: int) -> list[Finding]:
        """The findings that speak of this event."""
        return [finding for finding in self.findings if finding.event == event]

    def raw(self, frame: Frame) -> bytes:
        """The bytes of a frame as the client got them, content coding undone."""
        return self.body.bytes_between(frame.start, frame.stop)

    @property
    def _header_names(self) -> frozenset[str]:
        """The names of the response's header fields, in lower case."""
        headers = self.head.headers if self.head else ()
        return frozenset(name.lower() for name, _ in headers)

    def _take_head(self, head: Head) -> None:
        self.head = head
        self._clock.head = head.time
        try:
            self._inflater = inflater_for(self.coding)
        except NotInflatableError as error:
            self._inflater = None
            self._find(NOT_INFLATED, str(error))
        names, body = self._header_names, self.request_body
        answer = Answer(self.content_type, self.request.path, head.status, body, names)
        self._frame_with(framing_for(answer))
        self._is_doubtful = head.status < 400 and self.content_type in DOUBTFUL_TYPES
        if head.status >= 400:
            status = f"HTTP {head.status} {head.reason}".rstrip()
            self._find(HTTP_ERROR, f"{status}; {retry_words(head.status, head.headers)}")

    def _frame_with(self, make_framing: Callable[[int], Framing] | None) -> None:
        self._make_framing = make_framing
        self._framing = make_framing(0) if make_framing else None
        if make_framing is Decoder:
            self._portability = Portability(self.raw)

    def _take_chunk(self, chunk: Chunk) -> None:
        if self._clock.first_byte is None and chunk.data:
            self._clock.first_byte = chunk.time
        data = self._inflated(chunk.data)
        self.body.add(chunk.time, len(chunk.data), data, chunk.boundary)
        if self._framing is not None:
            self._clock.see_chunk(chunk.time, len(chunk.data), chunk.boundary)
            self._decode(data, chunk.time)
        elif self._is_doubtful:
            self._sniff()

    def _decode(self, data: bytes, time: float) -> None:
        if self._framing is not None:
            for frame in self._framing.feed(data, time):
                self._take_frame(frame)

    def _sniff(self) -> None:
        """Looks whether a body of a doubtful type begins as an event stream, and then reads it."""
        found = is_event_stream(self.body.bytes_between(0, SNIFFED_SIZE))
        self._is_doubtful = found is None
        if found:
            self.is_mistyped = True
            self._frame_with(Decoder)
            for mark, data in self.body.pieces():
                self._clock.see_chunk(mark.time, mark.size, mark.boundary)
                self._decode(data, mark.time)

    def _inflated(self, data: bytes) -> bytes:
        if self._inflater is None:
            return b""
        try:
            return self._inflater.feed(data)
        except NotInflatableError as error:
            self._inflater = None
            self._find(NOT_INFLATED, str(error))
            return b""

    def _take_gap(self, gap: Gap) -> None:
        self.gaps.append(gap)
        lost = f"{gap.size} bytes in records {gap.first} to {gap.last}: {gap.why}"
        self._find(BYTES_NOT_KEPT, lost)
        self._is_doubtful = False
        if self._framing is not None and self._make_framing is not None:
            self.stream_has_gap = True
            # What follows the gap begins in the middle of an unknown event.
            for frame in self._framing.finish():
                self._take_frame(frame)
            self._framing = self._make_framing(self.body.size)

    def _take_frame(self, frame: Frame) -> None:
        complaints: tuple[Complaint, ...] = ()
        if frame.kind is FrameKind.EVENT:
            if self.dialect is None:
                self.dialect = self.new_dialect(frame)
            event, complaints = self.dialect.feed(frame)
        else:
            event = undispatched(frame)
        index = len(self.events)
        if not complaints and self._is_repeated(event):
            complaints = (Complaint(REPEATED_EVENT, event.type),)
        self.events.append(event)
        self._clock.see(index, event)
        found = self._portability_of(index, frame)
        if (found or complaints or frame.complaints) and not self._is_refusal:
            self._complain(index, (*frame.complaints, *complaints), found)

    def _is_repeated(self, event: Event) -> bool:
        if not self.events or not is_repeated(self.events[-1], event):
            return False
        # What is wrong with an event need not be told of its repetition again.
        if not self.findings:
            return True
        last = self.findings[-1]
        return last.event != len(self.events) - 1 or last.rule.level is Level.INFO

    @property
    def _is_refusal(self) -> bool:
        """Whether this is an error answer: no stream to judge, whatever its type says."""
        return self.head is not None and self.head.status >= 400

    def _portability_of(self, index: int, frame: Frame) -> list[tuple[int, Complaint]]:
        if self._portability is None:
            return []
        name = None if self.dialect is None else self.dialect.name
        return self._portability.see(index, frame, name)

    def _complain(
        self, index: int, own: tuple[Complaint, ...], found: list[tuple[int, Complaint]]
    ) -> None:
        """Tells what is wrong with the latest event, and what turns out to be with earlier ones."""
        earlier = [entry for entry in found if entry[0] != index]
        latest = (*own, *(complaint for at, complaint in found if at == index))
        for at, complaint in (*earlier, *((index, entry) for entry in root_causes(latest))):
            if not (self.stream_has_gap and complaint.rule.may_be_a_gap):
                self._find(complaint.rule, complaint.detail, at, self.events[at].frame.start)

    def _take_end(self, end: End) -> None:
        self.end = end
        self._clock.end = end.time
        if self._framing is not None:
            for frame in self._framing.finish():
                self._take_frame(frame)
        if self.dialect is None:
            # Of no stream, or of one without an event: an error may come as JSON under any type.
            self._whole = self._read_whole()
            if self._whole is None and self._is_empty_stream(end):
                self.dialect = dialect_at(self.request.path, self.framing, self.request_body)
        self.leave = leave_of(self)
        self._judge_ending(end)
        self._findings.close()

    def _is_empty_stream(self, end: End) -> bool:
        """Whether the upstream ended a stream well that has no event at all."""
        whole = end.how is Ending.COMPLETE and self._inflater is not None
        return self.is_stream and whole and not self._is_refusal and not self.stream_has_gap

    def _read_whole(self) -> Message | None:
        if self.body.size > MAX_WHOLE_BODY_SIZE:
            return None
        try:
            payload = orjson.loads(self.body.bytes_between(0, self.body.size))
        except orjson.JSONDecodeError:
            return None
        return whole_message(payload)

    def _judge_ending(self, end: End) -> None:
        for found in network_findings(self):
            self._find(found.rule, found.detail, found.event, found.offset)
        if end.how is not Ending.COMPLETE or self.stream_has_gap:
            # Who ended it is to blame for what is missing, or it may be in the gap.
            return
        last = self.events[-1].frame if self.events else None
        cut = last.cut if last is not None and not self._is_refusal else None
        if last is not None and cut and cut.rule.code not in explained_by(last.complaints):
            self._find(cut.rule, cut.detail, len(self.events) - 1, last.start)
        if self.dialect is not None and not self._is_refusal:
            for complaint in self.dialect.finish():
                self._find(complaint.rule, complaint.detail)

    def _find(
        self, rule: Rule, detail: str, event: int | None = None, offset: int | None = None
    ) -> None:
        self._findings.add(Finding(rule, detail, event, offset))
