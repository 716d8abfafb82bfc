"""Whether a browser shows the inspector."""

from __future__ import annotations

from importlib import import_module

from textual.driver import Driver

from inspector_tui.serving import WEB_DRIVER, is_served


def test_only_the_web_driver_serves_a_browser() -> None:
    assert is_served({"TEXTUAL_DRIVER": WEB_DRIVER})
    assert not is_served({"TEXTUAL_DRIVER": "textual.drivers.linux_driver:LinuxDriver"})
    assert not is_served({})


def test_the_driver_is_one_that_textual_has() -> None:
    module, _, name = WEB_DRIVER.partition(":")
    assert issubclass(getattr(import_module(module), name), Driver)
