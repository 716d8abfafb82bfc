"""A capture in several files reads as one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from captures import capture_file
from captures.capture_file import CaptureFile
from captures.loading import load
from captures.losses import Losses
from captures.records import Chunk, Damage, End, Gap, Record, Request
from captures.store import (
    CaptureError,
    Follower,
    captures_in,
    joined,
    read,
    segment_path,
    segments_of,
)
from tests.captures.by_hand import a_head, an_end
from tests.captures.small_capture import HEADER

COUNT = 60


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CaptureFile]:
    monkeypatch.setattr(capture_file, "SEGMENT_SIZE", 500)
    file = CaptureFile(tmp_path / "one.jsonl", HEADER, Losses())
    yield file
    file.close()


def chunk(seq: int) -> Chunk:
    return Chunk(seq, seq / 10, b"data: %03d\n\n" % seq)


def fill(file: CaptureFile) -> list[Record]:
    records: list[Record] = [a_head(), *map(chunk, range(2, COUNT))]
    records.append(End(COUNT, 9.0, *[getattr(an_end(), name) for name in FIELDS]))
    for record in records:
        file.append([record], now=0.0)
    return records


FIELDS = ("how", "why", "upstream", "client")


def segments(path: Path) -> list[Path]:
    return sorted(path.parent.glob(f"{path.name}*"))


def records_of(path: Path) -> list[Record | Damage]:
    return [record for record in read(path) if not isinstance(record, Request)]


def test_long_capture_is_several_files_that_concatenate_to_one(file: CaptureFile) -> None:
    records = fill(file)

    assert len(segments(file.path)) > 3
    assert segments(file.path)[1] == segment_path(file.path, 2)
    assert all(path.stat().st_size < 1000 for path in segments(file.path))
    assert captures_in(file.path.parent) == [file.path]
    assert records_of(file.path) == records
    joined = b"".join(segment.read_bytes() for segment in segments(file.path))
    assert file.written == len(joined)
    (file.path.parent / "joined.jsonl").write_bytes(joined)
    assert records_of(file.path.parent / "joined.jsonl") == records


def test_follower_goes_from_file_to_file_while_they_are_written(file: CaptureFile) -> None:
    file.append([a_head()], now=0.0)
    with Follower(file.path) as follower:
        assert follower.poll() == [a_head()]
        for seq in range(2, COUNT):
            file.append([chunk(seq)], now=0.0)
            assert not follower.at_end()
            assert follower.poll() == [chunk(seq)]
            assert follower.at_end()
            assert follower.is_being_written()
        file.close()
        assert not follower.is_being_written()


def test_follower_that_lags_behind_misses_nothing(file: CaptureFile) -> None:
    records = fill(file)
    with Follower(file.path) as follower:
        found: list[Record | Damage] = []
        while not follower.at_end():
            found += follower.poll(97)
    assert found == records
    assert not load(file.path).interrupted


@pytest.mark.parametrize("number", [1, 2, 4], ids=lambda number: f"F71-segment-{number}")
def test_deleted_segment_is_made_anew_and_nothing_else_is_lost(
    file: CaptureFile, number: int
) -> None:
    whole = fill(file)
    segment_path(file.path, number).unlink()

    file.sync(now=0.0)

    found = records_of(file.path)
    gaps = [record for record in found if isinstance(record, Gap)]
    assert not any(isinstance(record, Damage) for record in found)
    kept = [record for record in found if not isinstance(record, Gap)]
    lost = [record for record in whole if record not in kept]
    assert [seq for gap in gaps for seq in range(gap.first, gap.last + 1)] == [
        record.seq for record in lost
    ]
    assert sum(gap.size for gap in gaps) == 11 * len(lost)


def test_missing_segment_and_torn_end_of_one_are_damage(file: CaptureFile) -> None:
    fill(file)
    file.close()
    second, third = segment_path(file.path, 2), segment_path(file.path, 3)
    second.write_bytes(second.read_bytes()[:-5])
    torn = [record for record in records_of(file.path) if isinstance(record, Damage)]
    assert [damage.why.partition(" of ")[0] for damage in torn] == ["a torn record"]

    third.replace(second)
    missing = [record for record in records_of(file.path) if isinstance(record, Damage)]
    assert missing[0].why.endswith("are missing")


def test_the_segments_joined_are_one_file_of_whole_lines(file: CaptureFile) -> None:
    fill(file)
    parts = segments_of(file.path)
    assert len(parts) > 3
    assert b"".join(joined(file.path)) == b"".join(part.read_bytes() for part in parts)
    torn = parts[1].read_bytes()[:-5]
    parts[1].write_bytes(torn)
    assert torn + b"\n" + parts[2].read_bytes() in b"".join(joined(file.path))


def test_what_is_no_capture_is_not_joined(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text("{}\n")
    with pytest.raises(CaptureError, match="not a capture"):
        next(joined(tmp_path / "x.jsonl"))


def test_a_capture_whose_first_line_is_torn_is_none_though_it_has_a_second_segment(
    file: CaptureFile,
) -> None:
    fill(file)
    file.close()
    file.path.write_bytes(file.path.read_bytes()[:20])
    with pytest.raises(CaptureError, match="its 20 bytes hold no whole line"):
        records_of(file.path)
