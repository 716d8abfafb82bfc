from __future__ import annotations

import pytest

from tests.ssescope.running import ssescope


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("demo", "--scenario", "nonsense"), "expected one of end_turn"),
        (("proxy", "https://api.example.com", "--max-capture", "many"), "--max-capture"),
        (("proxy", "https://api.example.com", "--capture-policy", "hope"), "--capture-policy"),
        (("proxy", "https://api.example.com", "--port", "70000"), "--port"),
        (("doctor", "--patience", "0"), "--patience"),
        (("replay",), "PATH"),
        (("sandbox", "--seconds", "-1"), "--seconds"),
    ],
)
def test_a_wrong_option_is_code_2_and_names_it(arguments: tuple[str, ...], said: str) -> None:
    failed = ssescope(*arguments)
    assert (failed.returncode, failed.stdout) == (2, "")
    assert said in failed.stderr
    assert "Traceback" not in failed.stderr
