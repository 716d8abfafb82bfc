"""What is recorded of one exchange under way."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import Mock

from captures.records import Boundary, Chunk, End, Ending, Head, Latency, Note
from captures.redact import Redactor
from captures.writer import Writer
from proxy.flight import MAX_REPLAYABLE_SIZE, Flight, Landed
from proxy.response_scanner import ResponseScanner
from proxy.tap import Leg, UpstreamConnection
from tests.proxy.running import records_of


class Times:
    """A clock that is told the time."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_times_count_from_take_off_and_the_end_is_told_once(tmp_path: Path) -> None:
    clock, landed = Times(), list[Landed]()
    writer = Writer(tmp_path)
    recording = writer.record(upstream="u", method="POST", path="/", version="1.1", headers=())
    flight = Flight(recording, Redactor(b"key"), clock, landed.append)
    flight.leg = Leg(Mock(UpstreamConnection, scanner=ResponseScanner()))
    clock.now = 100.25
    flight.head("1.1", 200, "OK", ((b"Set-Cookie", b"canary-cookie"), (b"X", b"\xff")))
    clock.now = 100.5
    flight.received(b"abc", Boundary.CHUNK)
    flight.handing_over()
    flight.delivered(b"abc")
    flight.received(b"d", Boundary.READ)
    flight.end(Ending.CLIENT_LEFT, "it left")
    flight.end(Ending.COMPLETE)
    writer.close()
    head, chunk, _, end = records_of(recording.path)[1:]
    assert isinstance(head, Head)
    assert (head.time, head.headers[1]) == (0.25, ("X", "\xff"))
    assert "canary-cookie" not in str(head)
    assert chunk == Chunk(2, 0.5, b"abc", Boundary.CHUNK)
    assert isinstance(end, End)
    assert (end.how, end.upstream.size, end.client.size) == (Ending.CLIENT_LEFT, 4, 3)
    assert landed == [Landed(recording.id, 200, Ending.CLIENT_LEFT, "it left", 4, 0.5)]
    assert end.latency == Latency(0.0, 0.0, 0.0, 0.0)


def test_a_request_body_is_kept_for_a_second_try_up_to_a_limit(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    recording = writer.record(upstream="u", method="POST", path="/", version="1.1", headers=())
    flight = Flight(recording, Redactor(b"key"), Times(), lambda _landed: None)
    flight.request_chunk(b"a")
    flight.request_chunk(b"b")
    kept = [flight.replayable_body]
    flight.request_chunk(bytes(MAX_REPLAYABLE_SIZE))
    kept.append(flight.replayable_body)
    writer.close()
    assert kept == [b"ab", None]


def test_what_stays_behind_is_noted_and_a_refused_response_is_kept_without_its_secrets(
    tmp_path: Path,
) -> None:
    writer = Writer(tmp_path)
    recording = writer.record(upstream="u", method="POST", path="/", version="1.1", headers=())
    flight = Flight(recording, Redactor(b"key"), Times(), lambda _landed: None)
    connection = Mock(spec=UpstreamConnection, scanner=ResponseScanner(), lost_because=None)
    flight.leg = Leg(connection)
    connection.scanner.feed(
        b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nSet-Cookie: canary=1\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n1;a=b\r\nx\r\n0\r\nX-Sum: 1\r\n\r\nmore",
        1.0,
    )
    flight.note_refused_response()
    flight.end(Ending.UPSTREAM_PROTOCOL)
    writer.close()
    notes = {note.about: note.text for note in records_of(recording.path) if isinstance(note, Note)}
    assert "canary" not in str(notes)
    assert "Set-Cookie: [redacted" in notes.pop("refused_response")
    assert notes == {
        "dropped_interim_responses": "103",
        "dropped_trailers": "X-Sum",
        "dropped_chunk_extensions": ";a=b",
        "extra_bytes": "4",
    }
