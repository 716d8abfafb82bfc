from __future__ import annotations

from pathlib import Path

import pytest

from captures.store import CaptureError
from inspector_tui.capture_reader import SETTLING_SECONDS, CaptureReader
from tests.inspector_tui import captures_for_tests as given


def reader_at(path: Path, age: float) -> CaptureReader:
    """A reader that finds the file changed so many seconds ago."""
    changed = path.stat().st_mtime
    return CaptureReader(path, lambda: changed + age)


def is_done(reader: CaptureReader) -> bool:
    return reader.done


def test_an_ended_capture_is_read_and_done(tmp_path: Path) -> None:
    reader = reader_at(given.complete(tmp_path), 0)
    assert reader.step()
    assert is_done(reader)
    assert not reader.behind
    reader.close()


def test_a_running_capture_grows_step_by_step(tmp_path: Path) -> None:
    script = given.live(tmp_path)
    reader = reader_at(script.file.path, 60)
    assert reader.step()
    assert reader.exchange is not None
    before = len(reader.exchange.events)
    assert not reader.step()
    script.send(given.text_deltas([" more"])[0])
    assert reader.step()
    assert len(reader.exchange.events) == before + 1
    assert not is_done(reader)
    script.finish()
    assert reader.step()
    assert is_done(reader)
    assert not reader.exchange.interrupted
    reader.close()


def test_a_killed_recorder_leaves_an_interrupted_exchange_with_a_torn_record(
    tmp_path: Path,
) -> None:
    reader = reader_at(given.torn(tmp_path), SETTLING_SECONDS)
    assert reader.step()
    assert is_done(reader)
    assert reader.exchange is not None
    codes = [finding.rule.code for finding in reader.exchange.findings]
    assert codes == ["NET006", "NET005"]
    reader.close()


def test_a_file_that_has_just_changed_is_given_a_moment(tmp_path: Path) -> None:
    reader = reader_at(given.torn(tmp_path), SETTLING_SECONDS / 2)
    reader.step()
    assert not is_done(reader)
    reader.close()


def test_an_empty_file_is_waited_for_and_then_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.touch()
    young = reader_at(path, 0)
    assert not young.step()
    young.close()
    old = reader_at(path, 60)
    with pytest.raises(CaptureError, match="it is empty"):
        old.step()
    old.close()
    path.write_bytes(b'{"ssescope"')
    old = reader_at(path, 60)
    with pytest.raises(CaptureError, match="hold no whole line"):
        old.step()
    old.close()


def test_a_removed_file_counts_as_abandoned(tmp_path: Path) -> None:
    path = given.torn(tmp_path)
    reader = CaptureReader(path)
    path.unlink()
    reader.step()
    assert is_done(reader)
    reader.close()
