from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from captures import capture_file, writer
from captures.capture_file import CaptureFile
from captures.losses import Losses
from captures.writer import Writer
from tests.captures.by_hand import a_head
from tests.captures.failing_disk import FailingDisk, HungDisk
from tests.captures.recording import MakeWriter
from tests.captures.small_capture import HEADER, Put

NOON = datetime(2026, 3, 1, 12, 0, 0, 7_999, UTC)


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


@pytest.fixture
def make_writer(tmp_path: Path) -> Iterator[MakeWriter]:
    writers: list[Writer] = []

    def make(**settings: Any) -> Writer:
        writers.append(Writer(tmp_path, now=lambda: NOON, **settings))
        return writers[-1]

    yield make
    for made in writers:
        made.close()


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> FailingDisk:
    monkeypatch.setattr(capture_file, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(writer, "SYNC_SECONDS", 0.01)
    return FailingDisk(monkeypatch)


@pytest.fixture
def hung_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[HungDisk]:
    disk = HungDisk(monkeypatch)
    yield disk
    disk.release()
