from __future__ import annotations

from pathlib import Path

from tests.ssescope.running import ssescope
from tests.ssescope.saved import save


def test_scrub_wants_to_be_told_where_its_copies_go(tmp_path: Path) -> None:
    capture = save(tmp_path)
    before = capture.read_bytes()
    failed = ssescope("scrub", str(capture))
    assert (failed.returncode, failed.stdout) == (2, "")
    assert "--output" in failed.stderr
    assert capture.read_bytes() == before


def test_prune_removes_nothing_unless_it_is_told_to(tmp_path: Path) -> None:
    capture = save(tmp_path)
    shown = ssescope("prune", "--keep", "0", SSESCOPE_CAPTURES=str(tmp_path))
    assert (shown.returncode, capture.exists()) == (0, True)
    done = ssescope("prune", "--keep", "0", "--yes", SSESCOPE_CAPTURES=str(tmp_path))
    assert (done.returncode, capture.exists()) == (0, False)


def test_export_takes_the_newest_capture_as_an_event_stream(tmp_path: Path) -> None:
    save(tmp_path)
    done = ssescope("export", SSESCOPE_CAPTURES=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("event: message_start\n")
