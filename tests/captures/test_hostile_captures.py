"""Capture files that came from nowhere good: nothing raises but CaptureError."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures import store
from captures.findings.network import CAPTURE_DAMAGED, HTTP_ERROR
from captures.loading import load
from captures.record_lines import encode
from captures.records import Chunk, Damage, Head, Request
from captures.request_body import IGNORED_FIELDS
from captures.store import CaptureError, Follower, captures_in, read
from proxy.replay_source import load_capture, recorded_request_body
from tests.captures.small_capture import HEADER, RECORDS, SMALL_CAPTURE, Put

LIMIT = 4096
READERS: tuple[Callable[[Path], object], ...] = (
    lambda path: list(read(path)),
    load,
    lambda path: load_capture(path, IGNORED_FIELDS),
    recorded_request_body,
)

JUNK = (
    b"null",
    b"[]",
    b"[1]",
    b'[1,0.1,"chunk",7]',
    b'[-1,0.1,"chunk","x"]',
    b'[1,1e999,"chunk","x"]',
    b'[2,NaN,"chunk","x"]',
    b'[2,0.1,"chunk64","!"]',
    b'[2,0.1,"gap",{"first":9,"last":1,"bytes":1,"why":""}]',
    b'[2,0.1,"head",{"version":"","status":1000,"reason":"\\r\\n","headers":[["a\\r\\nb","c"]]}]',
    b'[2,0.1,"end",{"how":"nonsense"}]',
    b"[" * 100_000,
    b'[2,0.1,"note",{"about":"a","text":"\\ud800"}]',
    b"9" * 5000,
    b"\xff\xfe\x00",
)


def is_tolerated(content: bytes) -> None:
    """Every reader takes this content, or refuses it in words."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "one.jsonl"
        path.write_bytes(content)
        for reader in READERS:
            with suppress(CaptureError):
                reader(path)
        with Follower(path) as follower:
            with suppress(CaptureError):
                while not follower.at_end():
                    follower.poll(61)


@given(st.binary(max_size=400))
def test_f82_random_bytes_are_tolerated(content: bytes) -> None:
    is_tolerated(content)


@given(st.lists(st.sampled_from(JUNK) | st.binary(max_size=60), max_size=6))
def test_f83_hostile_lines_behind_a_good_header_are_tolerated(lines: list[bytes]) -> None:
    is_tolerated(HEADER + b"".join(line + b"\n" for line in lines) + encode(RECORDS[1]))


@given(st.data())
def test_f81_mutated_captures_are_tolerated(data: st.DataObject) -> None:
    content = bytearray(SMALL_CAPTURE * data.draw(st.integers(1, 2)))
    for _ in range(data.draw(st.integers(1, 8))):
        position = data.draw(st.integers(0, len(content) - 1))
        match data.draw(st.sampled_from(["flip", "cut", "insert", "repeat"])):
            case "flip":
                content[position] ^= 1 << data.draw(st.integers(0, 7))
            case "cut":
                del content[position : position + data.draw(st.integers(1, 40))]
            case "insert":
                content[position:position] = data.draw(st.binary(max_size=20))
            case _:
                content[position:position] = content[position : position + 200]
        if not content:
            break
    is_tolerated(bytes(content))


@pytest.mark.parametrize("junk", JUNK, ids=range(len(JUNK)))
def test_f83_hostile_line_is_told_of_and_the_rest_is_read(put: Put, junk: bytes) -> None:
    path = put(HEADER + encode(RECORDS[0]) + junk + b"\n" + encode(RECORDS[2]))

    found = list(read(path))

    assert found[-1] == RECORDS[2]
    assert isinstance(found[0], Request)
    assert load(path).findings[0].rule in {CAPTURE_DAMAGED, HTTP_ERROR}


def test_f83_line_over_the_limit_is_never_held(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MAX_LINE_SIZE", LIMIT)
    path = put(HEADER + encode(RECORDS[0]) + b"x" * (100 * LIMIT) + b"\n" + encode(RECORDS[1]))
    with Follower(path) as follower:
        found = []
        while not follower.at_end():
            found += follower.poll(1000)
            assert len(follower._partial) <= LIMIT + 1000
            assert sys.getsizeof(follower._partial) < 4 * LIMIT
    assert [type(record) for record in found] == [Head, Damage, Chunk]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([RECORDS[0], RECORDS[2]], "record 2 is missing"),
        ([RECORDS[0], RECORDS[1], RECORDS[1]], "record 2 comes again or too late"),
    ],
    ids=["F81-missing", "F81-duplicate"],
)
def test_missing_and_repeated_records_are_findings(
    put: Put, lines: list[Chunk | Head], words: str
) -> None:
    exchange = load(put(HEADER + b"".join(encode(line) for line in lines)))

    told = [finding.detail for finding in exchange.findings if finding.rule == CAPTURE_DAMAGED]
    assert [detail.partition(": ")[2] for detail in told] == [words]


@pytest.mark.parametrize(
    "kind", ["link", "fifo", "device", "folder"], ids=lambda kind: f"F86-{kind}"
)
def test_other_kinds_of_file_are_refused_by_every_reader(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.jsonl"
    match kind:
        case "link":
            (tmp_path / "real").write_bytes(SMALL_CAPTURE)
            path.symlink_to(tmp_path / "real")
        case "fifo":
            os.mkfifo(path)
        case "device":
            path = Path("/dev/zero")
        case _:
            path.mkdir()
    for reader in READERS:
        with pytest.raises(CaptureError):
            reader(path)
    assert captures_in(tmp_path) == []
