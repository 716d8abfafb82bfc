"""Errors as one safe line, at most one a second."""

from __future__ import annotations

import logging

import pytest

from ssescope.log_limit import LimitedHandler


def record(message: str, error: Exception | None = None) -> logging.LogRecord:
    information = (type(error), error, None) if error else None
    return logging.LogRecord("asyncio", logging.ERROR, "f", 1, message, (), information)


def test_a_flood_is_one_line_a_second_that_counts_the_rest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = 10.0
    handler = LimitedHandler(lambda: now)
    for _ in range(1000):
        handler.emit(record("out of system resource"))
    now = 11.0
    handler.emit(record("out of system resource"))
    assert capsys.readouterr().err == (
        "ssescope: out of system resource\nssescope: out of system resource (999 more held back)\n"
    )


def test_what_a_peer_sent_and_tracebacks_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    handler = LimitedHandler(lambda: 0.0)
    handler.emit(record("bad \x1b[2J", ValueError("sk-canary")))
    assert capsys.readouterr().err == "ssescope: bad ␛[2J: ValueError\n"
