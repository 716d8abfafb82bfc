"""The lines to paste."""

from __future__ import annotations

import pytest

from ssescope.base_urls import CLIENTS, lines_to_paste

ORIGIN = "http://127.0.0.1:8484"


@pytest.mark.parametrize(
    ("host", "prefix", "line"),
    [
        ("api.anthropic.com", "", f"export ANTHROPIC_BASE_URL={ORIGIN}"),
        ("api.openai.com", "", f"export OPENAI_BASE_URL={ORIGIN}/v1"),
        ("api.openai.com", "/v1", f"export OPENAI_BASE_URL={ORIGIN}"),
        (
            "generativelanguage.googleapis.com",
            "",
            f"export GOOGLE_GEMINI_BASE_URL={ORIGIN}",
        ),
    ],
)
def test_a_known_upstream_gets_its_clients_line(host: str, prefix: str, line: str) -> None:
    assert [paste.line for paste in lines_to_paste(host, prefix, ORIGIN)] == [line]


def test_an_unknown_upstream_gets_every_line() -> None:
    assert len(lines_to_paste("localhost", "", ORIGIN)) == len(CLIENTS)
    assert len(lines_to_paste("notanthropic.com", "", ORIGIN)) == len(CLIENTS)
