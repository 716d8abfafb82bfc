from __future__ import annotations

from pathlib import Path

from captures.store import captures_in
from tests.ssescope.running import ssescope
from tests.ssescope.saved import save


def test_the_newest_captures_are_listed_and_the_rest_is_counted(tmp_path: Path) -> None:
    save(tmp_path)
    save(tmp_path)
    first, last = (path.stem for path in captures_in(tmp_path))
    shown = ssescope("ls", "-n", "1", "--captures", str(tmp_path))
    assert last in shown.stdout
    assert first not in shown.stdout
    assert "1 older" in shown.stderr
    shown = ssescope("ls", "-n", "1", "--all", "--captures", str(tmp_path))
    assert first in shown.stdout


def test_a_folder_without_captures_is_told_on_stderr(tmp_path: Path) -> None:
    shown = ssescope("ls", "--captures", str(tmp_path))
    assert (shown.returncode, shown.stdout) == (0, "")
    assert "no captures" in shown.stderr
