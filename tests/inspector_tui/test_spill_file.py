from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_tui.spill_file import SpillFile


@given(st.lists(st.binary(max_size=20)), st.integers(0, 60), st.integers(0, 60))
def test_bytes_come_back_by_their_place(pieces: list[bytes], start: int, stop: int) -> None:
    spill = SpillFile()
    for piece in pieces:
        spill.append(piece)

    assert spill.read(start, stop) == b"".join(pieces)[start:stop]
    spill.close()


def test_the_file_has_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    spill = SpillFile()
    spill.append(b"what was said")

    assert list(tmp_path.iterdir()) == []
    assert spill.read(5, 8) == b"was"
    spill.close()


def test_what_did_not_fit_on_the_disk_was_never_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    spill = SpillFile()
    spill.append(b"kept")
    written = os.pwrite
    calls = iter((3, 0))

    def full(descriptor: int, data: bytes, place: int) -> int:
        if room := next(calls):
            return written(descriptor, data[:room], place)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(OSError, match="No space"):
        spill.append(b"lost")
    monkeypatch.undo()
    spill.append(b" and more")

    assert spill.read(0, 100) == b"kept and more"
    spill.close()
