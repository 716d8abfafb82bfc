from __future__ import annotations

from pathlib import Path

import pytest

from inspector_tui import folder_listing as module
from inspector_tui.folder_listing import FolderListing, Listed


class Clocks:
    """Time that passes only when it is told to. Mutable."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def listing_of(folder: Path) -> tuple[FolderListing, Clocks]:
    clock = Clocks()
    return FolderListing(folder, clock, lambda: folder.stat().st_mtime), clock


def test_what_came_and_what_went_is_told_once(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.jsonl", "notes.txt"):
        (tmp_path / name).touch()
    listing, clock = listing_of(tmp_path)
    assert listing.look() == Listed(came=("a.jsonl", "b.jsonl"))
    assert listing.look() == Listed()
    (tmp_path / "c.jsonl").touch()
    (tmp_path / "a.jsonl").unlink()
    clock.now += 1
    assert listing.look() == Listed(came=("c.jsonl",), gone=("a.jsonl",))
    clock.now += 1
    assert listing.look() == Listed()


def test_a_large_folder_is_listed_in_slices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 3)
    monkeypatch.setattr(module, "SLICE_SECONDS", 0.0)
    names = [f"{number:02d}.jsonl" for number in range(10)]
    listing, clock = listing_of(tmp_path)
    assert listing.look() == Listed()
    for name in names:
        (tmp_path / name).touch()
    clock.now += 1
    looks = [listing.look()]
    while listing.running:
        looks.append(listing.look())
    assert len(looks) > 3
    assert looks[-1] == Listed(came=tuple(names))
    assert all(look == Listed() for look in looks[:-1])
    listing.close()


def test_the_pause_grows_with_what_a_listing_takes(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").touch()
    times = iter([0.0, 0.0, 3.0])
    clock = Clocks()
    listing = FolderListing(tmp_path, lambda: next(times, clock.now), clock)
    assert listing.look().came == ("a.jsonl",)
    (tmp_path / "b.jsonl").touch()
    clock.now = 3.0 + 11
    assert listing.look() == Listed()
    clock.now = 3.0 + 13
    assert listing.look().came == ("b.jsonl",)


def test_a_folder_that_vanishes_in_a_listing_is_told_and_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "captures"
    clock = Clocks()
    listing = FolderListing(folder, clock, lambda: 0.0)
    assert listing.look() == Listed()
    assert "No such file" in listing.problem
    folder.mkdir()
    (folder / "a.jsonl").touch()
    clock.now += 1
    assert listing.look().came == ("a.jsonl",)
    assert listing.problem == ""
    (folder / "a.jsonl").unlink()
    folder.rmdir()
    clock.now += 1
    assert listing.look() == Listed()
    assert listing.problem.startswith("cannot list ")
    folder.mkdir()
    clock.now += 1
    assert listing.look().gone == ("a.jsonl",)


def test_a_path_that_is_no_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    listing = FolderListing(tmp_path / "file", Clocks(), lambda: 0.0)
    assert listing.look() == Listed()
    assert "Not a directory" in listing.problem
