"""What is recorded of one exchange under way."""

from __future__ import annotations

from pathlib import Path

from captures.records import Boundary, Chunk, End, Ending, Head
from captures.redact import Redactor
from captures.writer import Writer
from proxy.flight import MAX_REPLAYABLE_SIZE, Flight, Landed
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
    clock.now = 100.25
    flight.head("1.1", 200, "OK", ((b"Set-Cookie", b"canary-cookie"), (b"X", b"\xff")))
    clock.now = 100.5
    flight.received(b"abc", Boundary.CHUNK)
    flight.end(Ending.CLIENT_LEFT, "it left")
    flight.end(Ending.COMPLETE)
    writer.close()
    head, chunk, end = records_of(recording.path)[1:]
    assert isinstance(head, Head)
    assert (head.time, head.headers[1]) == (0.25, ("X", "\xff"))
    assert "canary-cookie" not in str(head)
    assert chunk == Chunk(2, 0.5, b"abc", Boundary.CHUNK)
    assert isinstance(end, End)
    assert (end.how, end.upstream.size, end.client.size) == (Ending.CLIENT_LEFT, 3, 0)
    assert landed == [Landed(recording.id, 200, Ending.CLIENT_LEFT, "it left", 3, 0.5)]


def test_a_request_body_is_kept_for_a_second_try_up_to_a_limit(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    recording = writer.record(upstream="u", method="POST", path="/", version="1.1", headers=())
    flight = Flight(recording, Redactor(b"key"), Times(), lambda _landed: None)
    flight.request_chunk(b"a")
    flight.request_chunk(b"b")
    assert flight.replayable_body == b"ab"
    flight.request_chunk(bytes(MAX_REPLAYABLE_SIZE))
    assert flight.replayable_body is None
    writer.close()
