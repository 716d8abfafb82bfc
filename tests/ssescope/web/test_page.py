"""The page that shows the inspector."""

from __future__ import annotations

import re

import pytest

from inspector_tui.themes import LIGHT_COLOURS, theme_names
from ssescope.web.page import SCRIPT, page, security_fields, style


def test_the_page_loads_from_its_own_server_alone() -> None:
    loaded = re.findall(
        r"""(?<![-\w])(?:src|href|url)\s*[=(]\s*["']([^"']+)""", page("a", "h:1") + style("dark")
    )
    assert len(loaded) == 7
    assert all(address.startswith(("/", "data:,")) for address in loaded)
    assert "http" not in page("a", "h:1") + style("dark") + SCRIPT


def test_a_folders_name_is_no_markup() -> None:
    assert "<title>&lt;script&gt;x&lt;/script&gt;</title>" in page("<script>x</script>", "h:1")


@pytest.mark.parametrize("theme", theme_names())
def test_the_page_has_the_colours_of_the_theme(theme: str) -> None:
    grounds = set(re.findall(r"background: (#[0-9a-fA-F]{6})", style(theme)))
    assert len(grounds) >= 2
    assert (LIGHT_COLOURS["BACKGROUND"] in grounds) is (theme == "light")


def test_the_policy_lets_nothing_else_in() -> None:
    fields = security_fields("127.0.0.1:8123")
    policy = dict(part.split(" ", 1) for part in fields["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["connect-src"] == "'self' ws://127.0.0.1:8123"
    assert policy["frame-ancestors"] == "'none'"
    assert fields["Referrer-Policy"] == "no-referrer"
    assert fields["Cache-Control"] == "no-store"
