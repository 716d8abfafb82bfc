from __future__ import annotations

import io
from pathlib import Path

import pytest

from captures.store import CaptureError, captures_in
from ssescope.sources import Source, source, sources
from tests.ssescope.saved import answer, save

BODY = b"".join(answer("saved"))


def two(folder: Path) -> tuple[Path, Path]:
    """Two captures in the order of their names: those of one millisecond have no other."""
    save(folder)
    save(folder)
    first, second = captures_in(folder)
    return first, second


def named(*arguments: str, folder: Path) -> list[Source]:
    found = list(sources(arguments, folder))
    assert not [item for item in found if isinstance(item, CaptureError)]
    return [item for item in found if isinstance(item, Source)]


def test_a_folder_stands_for_its_captures(tmp_path: Path) -> None:
    first, second = two(tmp_path)
    assert [item.name for item in named(str(tmp_path), folder=tmp_path)] == [
        str(first),
        str(second),
    ]


def test_an_id_is_looked_up_and_none_means_the_newest(tmp_path: Path) -> None:
    first, second = two(tmp_path)
    assert [item.name for item in named(first.stem, folder=tmp_path)] == [str(first)]
    assert [item.name for item in named(folder=tmp_path)] == [str(second)]


def test_a_saved_body_is_told_from_a_capture_by_its_beginning(tmp_path: Path) -> None:
    capture = save(tmp_path)
    renamed = tmp_path / "renamed"
    renamed.write_bytes(capture.read_bytes())
    body = tmp_path / "stream.txt"
    body.write_bytes(BODY)
    timed = [item.exchange.is_timed for item in named(str(renamed), str(body), folder=tmp_path)]
    assert timed == [True, False]
    assert named(str(body), folder=tmp_path)[0].exchange.message().text == "saved"


def test_standard_input_is_a_body(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(BODY)))
    (found,) = named("-", folder=tmp_path)
    assert (found.name, found.exchange.message().text) == ("-", "saved")


def test_a_capture_that_cannot_be_read_does_not_hide_the_others(tmp_path: Path) -> None:
    broken = tmp_path / "20200101T000000.000Z-aaaaaa-000001.jsonl"
    whole = save(tmp_path)
    broken.write_text("not a capture\n")
    error, found = sources([str(tmp_path)], tmp_path)
    assert isinstance(error, CaptureError)
    assert isinstance(found, Source)
    assert found.name == str(whole)


def test_one_source_is_the_newest_of_a_folder_or_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, newest = two(tmp_path)
    assert source(str(tmp_path), tmp_path).name == str(newest)
    (tmp_path / "empty").mkdir()
    with pytest.raises(SystemExit) as ended:
        source(str(tmp_path / "empty"), tmp_path)
    assert ended.value.code == 5
    assert "no captures in" in capsys.readouterr().err


def test_a_link_or_a_device_is_not_followed(tmp_path: Path) -> None:
    save(tmp_path)
    link = tmp_path / "link"
    link.symlink_to("/dev/zero")
    with pytest.raises(SystemExit):
        list(sources([str(link)], tmp_path))
