from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from captures.record_lines import encode, encode_request
from captures.records import (
    Chunk,
    End,
    Ending,
    Gap,
    Head,
    Note,
    Record,
    Request,
    RequestChunk,
    Tally,
    Unknown,
)
from captures.request_body import IGNORED_FIELDS, print_of
from captures.store import CaptureError
from proxy import replay_source
from proxy.replay_exchange import Answer, Failure, SavedExchange
from proxy.replay_pieces import recorded_pieces
from proxy.replay_source import load_capture, recorded_request_body
from tests.proxy.recorded import Recorded, tally, write_captures

REQUEST = Request("id", "2026-01-01T00:00:00Z", "http://a", "POST", "/v1", "1.1", ())
HEAD = Head(2, 0.5, "1.1", 200, "OK", ())
NOTHING = tally([])
Lines = Sequence[Record | bytes]


def end(seq: int, upstream: Tally, how: Ending = Ending.COMPLETE) -> End:
    return End(seq, 9.0, how, "", upstream, upstream)


def write(path: Path, records: Lines) -> Path:
    """A capture of these records; bytes stand for a line that is none."""
    lines = [line if isinstance(line, bytes) else encode(line) for line in records]
    path.write_bytes(encode_request(REQUEST) + b"".join(lines))
    return path


def load_one(path: Path) -> tuple[SavedExchange, tuple[str, ...]]:
    return load_capture(path, IGNORED_FIELDS)


def answer_of(exchange: SavedExchange) -> Answer:
    assert isinstance(exchange.outcome, Answer)
    return exchange.outcome


def pieces_of(exchange: SavedExchange) -> list[bytes]:
    with closing(recorded_pieces(exchange)) as pieces:
        return [piece.data for piece in pieces]


def test_a_whole_exchange_is_loaded_without_a_warning(tmp_path: Path) -> None:
    pieces = (b"data: \xf0", b"\x9f\x8c\x8a", b"\n\n")
    (path,) = write_captures(tmp_path, Recorded(pieces, body=b'{"b":1, "a":2}', status=201))
    exchange, warnings = load_one(path)
    assert warnings == ()
    assert (exchange.method, exchange.target) == ("POST", "/v1/messages")
    assert exchange.id == path.stem
    assert exchange.body == print_of(b'{"a":2,"b":1}')
    assert exchange.outcome == Answer(
        status=201,
        headers=(("Content-Type", "text/event-stream"),),
        head_time=0.5,
        end_time=3.75,
        pieces=3,
        size=12,
        whole=True,
    )
    assert pieces_of(exchange) == list(pieces)


@pytest.mark.parametrize("content", [b"", b"[]\n", b"\x1f\x8b\x00", b'{"ssescope":99}\n', b"{}"])
def test_a_file_that_is_no_capture_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(content)
    with pytest.raises(CaptureError, match=r"x\.jsonl is not a capture"):
        load_one(path)
    with pytest.raises(CaptureError, match=r"x\.jsonl is not a capture"):
        recorded_request_body(path)


@pytest.mark.parametrize("status", [0, 99, 101, 600, 1000])
def test_a_status_that_no_server_sends_is_refused(tmp_path: Path, status: int) -> None:
    path = write(tmp_path / "x.jsonl", [Head(1, 0, "1.1", status, "", ()), end(2, NOTHING)])
    with pytest.raises(CaptureError, match=f"its status is {status}"):
        load_one(path)


def test_a_body_without_a_head_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "x.jsonl", [Chunk(1, 0.1, b"data"), end(2, tally([b"data"]))])
    with pytest.raises(CaptureError, match="a body and no head"):
        load_one(path)


@pytest.mark.parametrize(
    "how", [Ending.UPSTREAM_REFUSED, Ending.UPSTREAM_TLS, Ending.UPSTREAM_TIMEOUT]
)
def test_an_exchange_without_an_answer_keeps_its_cause(tmp_path: Path, how: Ending) -> None:
    (path,) = write_captures(tmp_path, Recorded(status=None, how=how, why="because"))
    exchange, warnings = load_one(path)
    assert exchange.outcome == Failure(0.75, how.value, "because")
    assert warnings == ()


def test_a_recorder_that_died_before_the_answer_is_an_interruption(tmp_path: Path) -> None:
    (path,) = write_captures(tmp_path, Recorded(status=None, how=None))
    exchange, _ = load_one(path)
    assert exchange.outcome == Failure(0.001, "interrupted", "the recording has no end")


@pytest.mark.parametrize("how", [how for how in Ending if how is not Ending.COMPLETE])
def test_only_a_complete_answer_is_whole(tmp_path: Path, how: Ending) -> None:
    (path,) = write_captures(tmp_path, Recorded((b"data",), how=how))
    exchange, warnings = load_one(path)
    assert not answer_of(exchange).whole
    assert warnings == ()


def test_every_torn_tail_is_replayed_as_far_as_it_goes(tmp_path: Path) -> None:
    pieces = (b"one", b"two", b"three")
    (path,) = write_captures(tmp_path, Recorded(pieces, body=b""))
    lines = path.read_bytes().splitlines(keepends=True)
    torn = tmp_path / "torn.jsonl"
    for size in range(len(lines[0]) + len(lines[1]), sum(map(len, lines)), 3):
        torn.write_bytes(path.read_bytes()[:size])
        exchange, warnings = load_one(torn)
        assert not answer_of(exchange).whole
        assert len(warnings) == 1
        assert "replayed up to there and cut" in warnings[0]
        assert pieces[: answer_of(exchange).pieces] == tuple(pieces_of(exchange))


def test_an_answer_is_cut_where_bytes_of_it_are_missing(tmp_path: Path) -> None:
    records: Lines = [
        RequestChunk(1, 0.1, b"{}"),
        HEAD,
        Chunk(3, 1.0, b"kept"),
        Gap(5, 2.0, 4, 5, 7, "queue full"),
        Chunk(6, 3.0, b"after"),
        end(7, tally([b"kept", b"1234567", b"after"])),
    ]
    exchange, warnings = load_one(write(tmp_path / "x.jsonl", records))
    answer = answer_of(exchange)
    assert (answer.pieces, answer.size, answer.end_time, answer.whole) == (1, 4, 1.0, False)
    assert pieces_of(exchange) == [b"kept"]
    assert exchange.body == print_of(b"{}")
    assert warnings == (
        "x.jsonl: 7 bytes were not recorded (queue full): it is replayed up to there and cut",
    )


@pytest.mark.parametrize("ended", [True, False])
def test_a_line_that_cannot_be_read_is_a_loss(tmp_path: Path, *, ended: bool) -> None:
    records: Lines = [HEAD, Chunk(3, 1.0, b"kept"), b"[4,1.1,\xff\n", Chunk(5, 1.2, b"after")]
    ending = [end(6, tally([b"kept", b"lost", b"after"]))] if ended else []
    exchange, warnings = load_one(write(tmp_path / "x.jsonl", [*records, *ending]))
    assert pieces_of(exchange) == [b"kept"]
    assert not answer_of(exchange).whole
    assert "line 4 cannot be read" in warnings[0]


def test_a_loss_that_the_recorders_count_denies_was_not_of_the_body(tmp_path: Path) -> None:
    records: Lines = [
        RequestChunk(1, 0.1, b"{}"),
        HEAD,
        Chunk(3, 1.0, b"one"),
        b'[4,1.1,"note",{"abou\n',
        Unknown(5, 1.15, "later", {}),
        Chunk(6, 1.2, b"two"),
        end(7, tally([b"one", b"two"])),
        Chunk(8, 9.9, b"no part of it"),
        Note(9, 9.9, "about", "text"),
    ]
    exchange, warnings = load_one(write(tmp_path / "x.jsonl", records))
    assert pieces_of(exchange) == [b"one", b"two"]
    assert answer_of(exchange).whole
    assert warnings == ()


def test_a_lost_piece_of_the_request_is_no_loss_of_the_answer(tmp_path: Path) -> None:
    gap = Gap(2, 0.2, 1, 2, 5, "queue full")
    records: Lines = [gap, Head(3, 0.5, "1.1", 200, "", ()), end(4, NOTHING)]
    exchange, warnings = load_one(write(tmp_path / "x.jsonl", records))
    assert exchange.body is None
    assert answer_of(exchange).whole
    assert warnings == ("x.jsonl: its request body was not kept: only --on-miss closest serves it",)
    assert recorded_request_body(exchange.path) is None


def test_a_request_longer_than_the_limit_is_not_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay_source, "MAX_REQUEST_SIZE", 4)
    (path,) = write_captures(tmp_path, Recorded(body=b"12345"))
    exchange, _ = load_one(path)
    assert exchange.body is None


def test_a_body_shorter_than_counted_is_cut(tmp_path: Path) -> None:
    records: Lines = [HEAD, Chunk(3, 1.0, b"one"), end(4, tally([b"one", b"two"]))]
    exchange, warnings = load_one(write(tmp_path / "x.jsonl", records))
    assert not answer_of(exchange).whole
    assert "has 3 bytes and the recorder counted 6" in warnings[0]


def test_a_body_other_than_hashed_is_told_of(tmp_path: Path) -> None:
    records: Lines = [HEAD, Chunk(3, 1.0, b"one"), end(4, tally([b"0ne"]))]
    exchange, warnings = load_one(write(tmp_path / "x.jsonl", records))
    assert answer_of(exchange).whole
    assert "SHA-256 differs" in warnings[0]


def test_invalid_header_fields_are_told_of_in_plain_ascii(tmp_path: Path) -> None:
    headers = (("x\x1b[2J", "1"), ("x", "1\r\n2"), ("y", "2"), *((" ", "") for _ in range(90)))
    (path,) = write_captures(tmp_path, Recorded(headers=headers))
    exchange, warnings = load_one(path)
    assert answer_of(exchange).headers == (("y", "2"),)
    (warning,) = warnings
    assert "92 header fields are not valid HTTP and not sent: x\\x1b[2J, x" in warning
    assert len(warning) < 200


def test_an_answer_that_cannot_have_a_body_has_none(tmp_path: Path) -> None:
    (path,) = write_captures(tmp_path, Recorded((b"data",), status=204))
    exchange, _ = load_one(path)
    assert answer_of(exchange).size == 0
    assert pieces_of(exchange) == []


def test_hostile_numbers_do_no_harm(tmp_path: Path) -> None:
    lines = [b'[2,-5,"head",{"version":"","status":200,"reason":"","headers":[]}]\n']
    lines += [b'[%d,%s,"chunk","x"]\n' % (3, time) for time in (b"1e999", b"-1e300", b"9" * 400)]
    lines.append(b"[" * 100_000 + b"\n")
    exchange, warnings = load_one(write(tmp_path / "x.jsonl", lines))
    assert not answer_of(exchange).whole
    assert math.isfinite(answer_of(exchange).head_time)
    assert len(warnings) == 2


def test_no_damage_to_a_capture_raises_anything_else(tmp_path: Path) -> None:
    (path,) = write_captures(tmp_path, Recorded((b"data: 1\n\n", b"\xff\x00"), body=b'{"a":1}'))
    content = path.read_bytes()
    random = Random(1)  # noqa: S311 - where a test damages is no secret
    inserts = (b'"', b"\n", b"\\ud800", b"9" * 30, b"1e999", b"[", b"-", b"\x00", b"")
    outcomes: set[type] = set()
    for _ in range(500):
        place = random.randrange(len(content))
        rest = content[place + random.randrange(20) :]
        path.write_bytes(content[:place] + random.choice(inserts) + rest)
        try:
            exchange, _ = load_one(path)
        except CaptureError:
            outcomes.add(CaptureError)
        else:
            outcomes.add(type(exchange.outcome))
    assert outcomes >= {CaptureError, Answer}
