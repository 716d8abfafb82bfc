from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from captures.records import Boundary, Chunk, Ending, header


def test_records_do_not_change_and_equal_by_value() -> None:
    chunk = Chunk(1, 0.5, b"a")
    assert chunk == Chunk(1, 0.5, b"a", Boundary.CHUNK)
    with pytest.raises(FrozenInstanceError):
        chunk.data = b"b"  # type: ignore[misc]


def test_the_words_of_the_format_do_not_change() -> None:
    assert [ending.value for ending in Ending] == [
        "complete",
        "client_left",
        "client_reset",
        "upstream_truncated",
        "upstream_reset",
        "upstream_closed",
        "upstream_refused",
        "upstream_dns",
        "upstream_tls",
        "upstream_timeout",
        "upstream_protocol",
        "proxy_shutdown",
        "proxy_error",
    ]
    assert [boundary.value for boundary in Boundary] == ["chunk", "read"]


def test_header_is_found_without_case_and_the_first_counts() -> None:
    headers = (("A", "1"), ("Content-Type", "x"), ("content-type", "y"))

    assert header(headers, "content-type") == "x"
    assert header(headers, "missing") == ""
