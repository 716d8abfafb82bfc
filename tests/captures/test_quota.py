from __future__ import annotations

import errno
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from captures.quota import Limits, Quota

PLENTY = Limits(session_size=100, reserve_size=0)


def free(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    found = SimpleNamespace(f_bavail=size, f_frsize=1)
    monkeypatch.setattr(os, "statvfs", lambda _folder: found)


def test_the_quota_is_reached_by_the_byte_and_stays_reached(tmp_path: Path) -> None:
    quota = Quota(tmp_path, PLENTY)
    quota.spend(99)
    assert quota.reached == ""

    quota.spend(1)
    quota.look()

    assert quota.reached == "the quota of 100 bytes for captures is reached"


def test_no_limit_is_never_reached(tmp_path: Path) -> None:
    quota = Quota(tmp_path, Limits(session_size=None, reserve_size=0))

    quota.spend(1 << 60)

    assert quota.reached == ""


def test_the_reserve_counts_while_it_is_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quota = Quota(tmp_path, Limits(reserve_size=1000))
    free(monkeypatch, 999)
    quota.look()
    assert quota.reached == f"less than 1,000 bytes are free in {tmp_path}"

    free(monkeypatch, 1000)
    quota.look()

    assert quota.reached == ""


def test_a_disk_that_cannot_be_looked_at_is_not_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_folder: Path) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "statvfs", fail)
    quota = Quota(tmp_path, Limits())

    quota.look()

    assert quota.reached == ""
