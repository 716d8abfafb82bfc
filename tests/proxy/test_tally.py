"""Counting and hashing one side of an exchange."""

from __future__ import annotations

import hashlib

from proxy.tally import RunningTally


def test_bytes_pieces_and_hash_are_of_all_that_passed() -> None:
    running = RunningTally()
    for piece in (b"ab", b"", b"c"):
        running.add(piece)
    tally = running.tally()
    assert (tally.size, tally.chunks) == (3, 2)
    assert tally.sha256 == hashlib.sha256(b"abc").hexdigest()
