"""The page that shows the inspector."""

from __future__ import annotations

import re

from ssescope.web.page import SCRIPT, STYLE, page, security_fields


def test_the_page_loads_from_its_own_server_alone() -> None:
    loaded = re.findall(
        r"""(?<![-\w])(?:src|href|url)\s*[=(]\s*["']([^"']+)""", page("a", "h:1") + STYLE
    )
    assert len(loaded) == 7
    assert all(address.startswith(("/", "data:,")) for address in loaded)
    assert "http" not in page("a", "h:1") + STYLE + SCRIPT


def test_a_folders_name_is_no_markup() -> None:
    assert "<title>&lt;script&gt;x&lt;/script&gt;</title>" in page("<script>x</script>", "h:1")


def test_the_policy_lets_nothing_else_in() -> None:
    fields = security_fields("127.0.0.1:8123")
    policy = dict(part.split(" ", 1) for part in fields["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["connect-src"] == "'self' ws://127.0.0.1:8123"
    assert policy["frame-ancestors"] == "'none'"
    assert fields["Referrer-Policy"] == "no-referrer"
    assert fields["Cache-Control"] == "no-store"
