"""That the matrix is whole: every fault has its row or its test, every shortfall its sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.proxy.faults.test_upstream_faults import ROWS

FAULTS = frozenset(f"F{number:02}" for number in range(1, 66))


NOT_MET = (
    ("F18", "More body than an answer may have"),
    ("F27", "More body than an answer may have"),
    ("F41", "Trailers, 1xx responses and chunk extensions"),
    ("F43", "The address that an upstream's name resolves to"),
    ("F48", "A client that half-closes after its request"),
    ("F51", "Requests that are refused or are no HTTP"),
    ("F57", "Requests that are refused or are no HTTP"),
    ("F60", "Request header bytes that are not UTF-8"),
    ("F60", "Request headers that differ only in case"),
    ("F65", "HTTP/1.0 clients"),
)
"""Where a row asserts less than one might wish for, and the limit that says so."""

_HERE = Path(__file__).parent
_ROOT = _HERE.parents[2]


def played_here() -> set[str]:
    """The faults of all rows, and of all tests that name theirs."""
    sources = "".join(path.read_text() for path in _HERE.glob("test_*.py"))
    names = re.findall(r"^async def test((?:_f\d\d)+)_", sources, re.MULTILINE)
    of_tests = {fault.upper() for name in names for fault in re.findall(r"f\d\d", name)}
    return of_tests | {row.id for row in ROWS}


def test_every_fault_is_played() -> None:
    assert played_here() == FAULTS


@pytest.mark.parametrize(("fault", "limit"), NOT_MET)
def test_a_shortfall_is_documented_and_played(fault: str, limit: str) -> None:
    limits = (_ROOT / "docs" / "limits.md").read_text()
    assert f"| {limit}" in limits
    assert fault in played_here()
