"""F106: an aiohttp that is not as known is refused with advice, or costs fidelity that is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from captures.loading import load
from captures.store import captures_in
from tests.captures.waiting import wait_until
from tests.ssescope.asking import ask
from tests.ssescope.running import running, ssescope

URL = "http://127.0.0.1:9"
LATER_VERSION = """
import aiohttp
aiohttp.__version__ = "3.15.0"
from ssescope.cli import main
main()
"""
NAME_IS_GONE = """
import proxy.tap
proxy.tap._NAMES_OF_A_READER += ("_a_private_name",)
from ssescope.cli import main
main()
"""


@pytest.mark.parametrize(
    "arguments",
    [("proxy", URL, "--port", "0"), ("doctor",)],
    ids=lambda arguments: arguments[0],
)
def test_f106_without_the_c_extension_it_is_one_line_of_advice_and_code_1(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    refused = ssescope(*arguments, AIOHTTP_NO_EXTENSIONS="1", SSESCOPE_CAPTURES=str(tmp_path))
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert "unset AIOHTTP_NO_EXTENSIONS" in refused.stderr
    assert captures_in(tmp_path) == []


def test_f106_a_version_out_of_range_is_one_line_and_code_1(tmp_path: Path) -> None:
    options = ("--port", "0", "--captures", str(tmp_path))
    with running("proxy", URL, *options, code=LATER_VERSION) as refused:
        refused.wait_for("aiohttp 3.15.0 is installed")
        assert refused.process.wait() == 1
    assert len(refused.talk) == 1


def test_f106_where_the_tap_does_not_fit_forwarding_goes_on_and_it_is_told(tmp_path: Path) -> None:
    with running("sandbox", "--port", "0", "--seconds", "0") as sandbox:
        options = ("--port", "0", "--captures", str(tmp_path))
        with running("proxy", sandbox.pasted(), *options, code=NAME_IS_GONE) as proxy:
            origin = proxy.pasted()
            proxy.wait_for("reduced fidelity: streams are forwarded")
            assert "aiohttp lacks _a_private_name" in "".join(proxy.talk)
            assert ask(origin).endswith(b'data: {"type":"message_stop"}\n\n')
            wait_until(lambda: load(captures_in(tmp_path)[0]).end is not None)
            assert proxy.stop() == 0
    shown = ssescope("show", "--captures", str(tmp_path)).stdout
    assert shown.startswith("✓ complete · end_turn")
    assert "sha256 equal" in shown
    assert "reduced_fidelity: aiohttp is not as known" in shown
