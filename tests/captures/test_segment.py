from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from captures.record_lines import encode, encode_request
from captures.records import Chunk, Gap, Record, RequestChunk
from captures.segment import Segment
from tests.captures.by_hand import a_head, a_request, an_end

HEADER = encode_request(a_request())


@pytest.fixture
def segment(tmp_path: Path) -> Iterator[Segment]:
    segment = Segment(tmp_path / "one.jsonl", HEADER)
    yield segment
    segment.close()


def test_first_line_comes_with_the_first_append(segment: Segment) -> None:
    begun = [segment.is_begun]
    assert segment.append([a_head()]) == segment.size == segment.path.stat().st_size
    assert [*begun, segment.is_begun] == [False, True]
    assert segment.path.read_bytes() == HEADER + encode(a_head())


def test_segment_without_a_first_line_makes_no_file_for_nothing(tmp_path: Path) -> None:
    segment = Segment(tmp_path / "x")

    assert segment.append([]) == 0
    assert not segment.path.exists()


@pytest.mark.parametrize("with_folder", [False, True])
def test_deleted_file_is_made_anew_with_its_head_its_end_and_the_loss(
    tmp_path: Path, *, with_folder: bool
) -> None:
    folder = tmp_path / "captures"
    folder.mkdir()
    segment = Segment(folder / "one.jsonl", HEADER)
    segment.append([RequestChunk(1, 0.1, b"ask"), a_head(), Chunk(3, 0.3, b"a"), an_end()])
    assert not segment.is_gone()
    segment.path.unlink()
    if with_folder:
        folder.rmdir()
    assert segment.is_gone()

    lost = segment.begin_again("deleted")
    assert (segment.is_begun, segment.is_gone()) == (False, False)
    segment.append([])

    assert (lost.records, lost.size) == (2, 4)
    gaps = [Gap(1, 0.1, 1, 1, 3, "deleted"), Gap(3, 0.3, 3, 3, 1, "deleted")]
    expected: list[Record] = [gaps[0], a_head(), gaps[1], an_end()]
    assert segment.path.read_bytes() == HEADER + b"".join(map(encode, expected))
    if with_folder:
        assert folder.stat().st_mode & 0o777 == 0o700
    segment.close()


def test_loss_declared_once_is_not_counted_when_the_file_is_deleted_again(
    segment: Segment,
) -> None:
    segment.append([Chunk(1, 0.1, b"abc")])
    segment.begin_again("deleted")
    segment.path.unlink()
    segment.append([])

    lost = segment.begin_again("again")

    assert (lost.records, lost.size) == (0, 0)


def test_file_system_that_counts_no_links_has_deleted_nothing(
    segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment.append([a_head()])
    real = segment.path.lstat()
    without_links = os.stat_result([*real[:3], 0, *real[4:10]])
    monkeypatch.setattr(os, "fstat", lambda _descriptor: without_links)
    gone = [segment.is_gone()]
    segment.path.unlink()

    assert [*gone, segment.is_gone()] == [False, True]


def test_failed_sync_is_told_and_a_file_system_without_one_is_not(
    segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors = [errno.EINVAL, errno.EIO]

    def fail(_descriptor: int) -> None:
        number = errors.pop(0)
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fdatasync", fail)
    segment.append([a_head()])
    segment.sync()

    segment.append([an_end()])
    with pytest.raises(OSError, match="Input/output error"):
        segment.sync()
    segment.sync()
