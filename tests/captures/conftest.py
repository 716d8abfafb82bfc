from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from captures.capture_file import CaptureFile, Losses
from tests.captures.by_hand import a_head
from tests.captures.small_capture import HEADER, Put


@pytest.fixture
def put(tmp_path: Path) -> Put:
    def put(content: bytes) -> Path:
        path = tmp_path / "one.jsonl"
        path.write_bytes(content)
        return path

    return put


@pytest.fixture
def open_file(tmp_path: Path) -> Iterator[CaptureFile]:
    file = CaptureFile(tmp_path / "open.jsonl", HEADER, Losses())
    file.append([a_head()], now=0.0)
    yield file
    file.close()
