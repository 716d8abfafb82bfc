from __future__ import annotations

import pytest

from tests.ssescope.running import ssescope


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("lint", "--format", "xml"), "--format"),
        (("lint", "--fail-on", "fatal"), "--fail-on"),
        (("explain", "--fail-on", "fatal"), "--fail-on"),
        (("stats", "--by", "day"), "--by"),
    ],
)
def test_a_wrong_option_is_code_2_and_names_it(arguments: tuple[str, ...], said: str) -> None:
    failed = ssescope(*arguments)
    assert (failed.returncode, failed.stdout) == (2, "")
    assert said in failed.stderr
