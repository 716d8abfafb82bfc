"""What every row of the fault matrix is played with."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path

import pytest

from tests.proxy.faults.invariants import ALL_LAGS
from tests.proxy.faults.stage import OpenStage, staged


@pytest.fixture
def open_stage(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> OpenStage:
    """Opens a stage for a script; the invariants are checked when it is closed."""
    caplog.set_level(logging.DEBUG)
    return partial(staged, folder=tmp_path, logs=caplog, output=capfd)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says how long the event loop was held up while the faults were played."""
    if ALL_LAGS:
        lags = sorted(ALL_LAGS)
        figures = (lags[len(lags) * 99 // 100] * 1000, lags[-1] * 1000)
        terminalreporter.write_line(
            "event loop lag under faults: p99 {:.1f} ms, worst {:.1f} ms".format(*figures)
        )
