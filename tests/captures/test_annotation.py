from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.annotation import (
    MAX_ANNOTATION_SIZE,
    AnnotationError,
    annotation_path,
    read_annotation,
    write_annotation,
)
from captures.folder import CaptureFolder
from captures.store import captures_in, segments_of
from tests.ssescope.saved import save


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("captures"))


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_a_note_comes_back_without_the_blanks_around_it(capture: Path, note: str) -> None:
    write_annotation(capture, note)
    assert read_annotation(capture) == note.strip()
    assert annotation_path(capture).exists() == bool(note.strip())


def test_it_is_the_user_s_own_file_and_no_capture(capture: Path) -> None:
    write_annotation(capture, "stalls here\nsecond line")
    path = annotation_path(capture)
    assert path.name == f"{capture.name}.note.txt"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes() == b"stalls here\nsecond line\n"
    assert captures_in(capture.parent) == [capture]
    assert segments_of(capture) == [capture]


@pytest.mark.parametrize("name", [None, "my own.jsonl"])
def test_it_goes_with_its_capture(name: str | None, tmp_path: Path) -> None:
    capture = save(tmp_path)
    if name is not None:
        capture = capture.rename(capture.with_name(name))
    write_annotation(capture, "gone with it")
    (annotation_path(capture).with_name(f".{annotation_path(capture).name}.0123456789ab")).touch()
    with CaptureFolder(tmp_path) as folder:
        (entry,) = folder.survey(0.0).entries
        assert annotation_path(capture).name in entry.files
        folder.remove(entry)
    assert list(tmp_path.iterdir()) == []


def test_no_link_is_followed_and_nothing_else_is_read(tmp_path: Path) -> None:
    capture = save(tmp_path / "captures")
    secret = tmp_path / "secret"
    secret.write_text("secret")
    annotation_path(capture).symlink_to(secret)
    assert read_annotation(capture) == ""
    write_annotation(capture, "mine")
    assert read_annotation(capture) == "mine"
    assert secret.read_text() == "secret"
    annotation_path(capture).unlink()
    os.mkfifo(annotation_path(capture))
    assert read_annotation(capture) == ""
    annotation_path(capture).unlink()
    annotation_path(capture).mkdir()
    assert read_annotation(capture) == ""
    with pytest.raises(AnnotationError, match=r"cannot write .*\.note\.txt: Is a directory"):
        write_annotation(capture, "")


def test_a_long_note_is_refused_and_a_foreign_one_cut(capture: Path) -> None:
    with pytest.raises(AnnotationError, match="has 65,537 bytes; at most 65,536 are kept"):
        write_annotation(capture, "x" * MAX_ANNOTATION_SIZE)
    annotation_path(capture).write_bytes(b"\xff" + b"x" * 2 * MAX_ANNOTATION_SIZE)
    assert read_annotation(capture) == "\ufffd" + "x" * (MAX_ANNOTATION_SIZE - 1)
    write_annotation(capture, "")
    assert not annotation_path(capture).exists()
    write_annotation(capture, "")


def test_what_cannot_be_kept_is_said(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match="No such file or directory"):
        write_annotation(tmp_path / "missing" / "a.jsonl", "note")
