"""Which folder, and which capture."""

from __future__ import annotations

from pathlib import Path

import pytest

from ssescope.places import (
    capture_named,
    default_folder,
    is_folder,
    is_there,
    listed,
    size_of,
    usable_folder,
)


def made(folder: Path, *names: str) -> None:
    for name in names:
        (folder / f"{name}.jsonl").touch()


def test_the_variable_names_the_default_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSESCOPE_CAPTURES", "/somewhere")
    assert default_folder() == Path("/somewhere")
    monkeypatch.delenv("SSESCOPE_CAPTURES")
    assert default_folder().parts[-2:] == ("ssescope", "captures")


def test_a_capture_is_found_by_path_id_and_end_of_id(tmp_path: Path) -> None:
    made(tmp_path, "20260101T000000Z-aaaaaa-000001", "20260102T000000Z-bbbbbb-000002")
    first, second = listed(tmp_path)
    assert capture_named(str(first), tmp_path / "elsewhere") == first
    assert capture_named(first.stem, tmp_path) == first
    assert capture_named("000002", tmp_path) == second
    assert capture_named(None, tmp_path) == second


@pytest.mark.parametrize(
    "argument", ["nothing", "", "../../x", "~", "-rf", "a\0b", "x" * 300, "new\nline"]
)
def test_what_names_no_single_capture_is_one_line_and_code_5(
    argument: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made(tmp_path, "a1", "b1")
    with pytest.raises(SystemExit) as ended:
        capture_named(argument, tmp_path)
    assert ended.value.code == 5
    assert capsys.readouterr().err.count("\n") == 1


def test_an_unusable_folder_is_one_line_and_code_4(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    open_to_all = tmp_path / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    with pytest.raises(SystemExit) as ended:
        usable_folder(open_to_all)
    assert ended.value.code == 4
    assert "chmod 700" in capsys.readouterr().err


def test_the_size_of_a_folder_is_that_of_its_captures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, size in (("a.jsonl", 10), ("a.jsonl.2", 5), ("notes.txt", 100)):
        (tmp_path / name).write_bytes(b"x" * size)
    assert size_of(tmp_path) == 15
    with pytest.raises(SystemExit) as ended:
        size_of(tmp_path / "nowhere")
    assert ended.value.code == 4
    assert "No such file" in capsys.readouterr().err


def test_a_name_that_nothing_can_have_is_nothing(tmp_path: Path) -> None:
    for name in ("x" * 300, "a\0b"):
        assert not is_folder(tmp_path / name)
        assert not is_there(tmp_path / name)
    assert is_folder(tmp_path)
    assert is_there(tmp_path)
