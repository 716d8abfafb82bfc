"""What is otherwise when the inspector draws into a browser instead of a terminal."""

from __future__ import annotations

from collections.abc import Mapping

WEB_DRIVER = "textual.drivers.web_driver:WebDriver"
"""Textual's driver that speaks in packets over pipes; the variable TEXTUAL_DRIVER names it."""


def is_served(environment: Mapping[str, str]) -> bool:
    """Whether this process draws into a browser."""
    return environment.get("TEXTUAL_DRIVER") == WEB_DRIVER
