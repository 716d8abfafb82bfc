"""prune, as a user runs it."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import time
from pathlib import Path

import pytest

from captures.prune import Criteria
from captures.writer import Writer
from ssescope.prune_command import PruneOptions, run_prune
from tests.captures.waiting import wait_until
from tests.ssescope.running import ssescope
from tests.ssescope.saved import HOSTILE, save

DAY = 86_400


def saved(folder: Path, *ages: float) -> list[Path]:
    """Captures that were last written this many days ago; the later ones were begun later."""
    captures: list[Path] = []
    for number, age in enumerate(ages, 1):
        capture = folder / f"2026030{number}T120000.250Z-4f1d02-000001.jsonl"
        save(folder).rename(capture)
        then = time.time() - age * DAY
        os.utime(capture, (then, then))
        captures.append(capture)
    return captures


def test_at_first_it_is_only_shown_what_would_go(tmp_path: Path) -> None:
    old, new = saved(tmp_path, 8, 6)
    done = ssescope("prune", "--older-than", "7d", "--captures", str(tmp_path))
    assert done.returncode == 0
    (line,) = done.stdout.splitlines()
    assert line.startswith(old.stem)
    assert "last written 8 d ago" in line
    would, how = done.stderr.splitlines()
    assert "would remove 1 capture, " in would
    assert "; 1 capture, " in would
    assert "with --yes" in how
    assert old.exists()
    assert new.exists()


def test_with_yes_a_capture_goes_with_everything_of_it(tmp_path: Path) -> None:
    old, new = saved(tmp_path, 8, 6)
    for suffix in (".2", ".notes"):
        old.with_name(old.name + suffix).write_text("more")
    (tmp_path / "notes.txt").write_text("mine")
    done = ssescope("prune", "--keep", "1", "--yes", "--captures", str(tmp_path))
    assert done.returncode == 0
    assert done.stdout.split()[0] == old.stem
    assert "3 files" in done.stdout
    assert "removed 1 capture, " in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([new.name, "notes.txt"])


@pytest.mark.parametrize(
    ("criteria", "left"),
    [
        (("--keep", "1"), 1),
        (("--keep", "0"), 0),
        (("--max-size", "4K"), 2),
        (("--max-size", "0"), 0),
        (("--keep", "2", "--older-than", "2.5d"), 2),
        (("--keep", "3", "--older-than", "1.5d"), 1),
        (("--keep", "9", "--max-size", "1T", "--older-than", "9w"), 3),
    ],
)
def test_a_capture_goes_if_any_criterion_says_so(
    criteria: tuple[str, ...], left: int, tmp_path: Path
) -> None:
    captures = saved(tmp_path, 3, 2, 1)
    assert 2 * captures[0].stat().st_size < 4 * 1024 < 3 * captures[0].stat().st_size
    assert ssescope("prune", *criteria, "--yes", "--captures", str(tmp_path)).returncode == 0
    assert sorted(tmp_path.iterdir()) == captures[3 - left :]


def test_what_is_being_recorded_stays_and_is_told(tmp_path: Path) -> None:
    saved(tmp_path, 1)
    writer = Writer(tmp_path)
    recording = writer.record(upstream="u", method="GET", path="/", version="1.1", headers=())
    recording.head(0.1, "1.1", 200, "OK", ())
    try:
        wait_until(lambda: recording.path.exists() and recording.path.stat().st_size > 0)
        done = ssescope("prune", "--max-size", "0", "--yes", "--captures", str(tmp_path))
    finally:
        writer.close()
    assert list(tmp_path.iterdir()) == [recording.path]
    assert "removed 1 capture, " in done.stderr
    assert "being recorded, which stay; more than the 0 B asked for" in done.stderr


def test_as_json_it_is_for_programs(tmp_path: Path) -> None:
    old, new = saved(tmp_path, 8, 6)
    (tmp_path / "data.jsonl").write_text('{"a": 1}\n')
    size = old.stat().st_size
    for really in ([], ["--yes"]):
        command = ("prune", "--keep", "1", "--json", *really, "--captures", str(tmp_path))
        fields = json.loads(ssescope(*command).stdout)
        (chosen,) = fields.pop("chosen")
        assert fields == {
            "folder": str(tmp_path),
            "dry_run": not really,
            "captures": 2,
            "bytes": size + new.stat().st_size,
            "running": [],
            "foreign": ["data.jsonl"],
            "unreadable": [],
            "freed": size,
        }
        assert chosen == {
            "name": old.stem,
            "reason": "count",
            "files": [old.name],
            "bytes": size,
            "removed": [old.name] if really else [],
            "left_because": "",
        }


def test_what_cannot_be_removed_is_told_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first, kept, last = saved(tmp_path, 9, 8, 7)
    unlink = os.unlink

    def refuse(name: str, *, dir_fd: int) -> None:
        if name == kept.name:
            raise OSError(errno.EACCES, os.strerror(errno.EACCES))
        unlink(name, dir_fd=dir_fd)

    monkeypatch.setattr(os, "unlink", refuse)
    code = run_prune(PruneOptions(tmp_path, Criteria(keep=0), really=True))
    printed = capsys.readouterr()
    assert code == 4
    assert list(tmp_path.iterdir()) == [kept]
    assert [line.split()[0] for line in printed.out.splitlines()] == [first.stem, last.stem]
    assert f"{kept.stem} is not removed: Permission denied" in printed.err
    assert "removed 2 captures, " in printed.err
    assert "; 1 capture, " in printed.err


def test_what_cannot_be_looked_at_is_told_and_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (capture,) = saved(tmp_path, 9)

    def refuse(_descriptor: int, _how: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    assert run_prune(PruneOptions(tmp_path, Criteria(keep=0), really=True)) == 4
    assert f"{capture.name} is left alone" in capsys.readouterr().err
    assert capture.exists()


def test_a_hostile_name_cannot_drive_the_terminal(tmp_path: Path) -> None:
    (capture,) = saved(tmp_path, 8)
    capture.rename(tmp_path / f"{HOSTILE.replace('/', '')}.jsonl")
    for extra in ((), ("--json",)):
        done = ssescope("prune", "--keep", "0", *extra, "--captures", str(tmp_path))
        assert done.returncode == 0
        assert "cHduZWQ" in done.stdout
        assert not set("\x1b\x07\u202e\x9b") & set(done.stdout + done.stderr)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 2, "nothing says which captures are to go; give one or more of --older-than"),
        (("--max-size", "none"), 2, "nothing says which captures are to go"),
        (("--older-than", "7"), 2, "found '7'; expected a time such as"),
        (("--keep", "-1"), 2, "-1 is not in the range"),
        (("--max-size", "much"), 2, "expected a size such as"),
        (("--keep", "1", "--captures", "nowhere"), 4, "cannot list nowhere: No such file"),
        (("--keep", "1", "--captures", "/dev/null"), 4, "cannot list /dev/null: Not a directory"),
    ],
)
def test_a_mistake_is_told_with_what_was_expected(
    arguments: tuple[str, ...], code: int, words: str, tmp_path: Path
) -> None:
    capture = save(tmp_path)
    failed = ssescope("prune", "--yes", *arguments, SSESCOPE_CAPTURES=str(tmp_path))
    assert (failed.returncode, failed.stdout) == (code, "")
    assert words in failed.stderr
    assert capture.exists()


def test_an_empty_folder_has_nothing_to_remove(tmp_path: Path) -> None:
    done = ssescope("prune", "--keep", "0", "--yes", "--captures", str(tmp_path))
    assert (done.returncode, done.stdout) == (0, "")
    assert "nothing to remove: 0 captures, 0 B in" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can give a folder away")
def test_a_folder_of_another_user_is_left_alone(tmp_path: Path) -> None:
    capture = save(tmp_path)
    os.chown(tmp_path, 12345, -1)
    failed = ssescope("prune", "--keep", "0", "--yes", "--captures", str(tmp_path))
    assert (failed.returncode, failed.stderr.count("\n")) == (4, 1)
    assert "belongs to another user" in failed.stderr
    assert capture.exists()
