"""How a command ends on a user's mistake."""

from __future__ import annotations

import pytest

from ssescope.exits import Exit, fail


def test_a_mistake_is_one_safe_line_on_stderr_and_its_code(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        fail(Exit.CANNOT_BIND, "port 1 \x1b[2J is\nin use")
    assert ended.value.code == 3
    assert capsys.readouterr() == ("", "ssescope: port 1 ␛[2J is↵in use\n")


def test_the_codes_are_those_of_the_manual() -> None:
    assert [(code.name, int(code)) for code in Exit] == [
        ("FINE", 0),
        ("FINDINGS", 1),
        ("USAGE", 2),
        ("CANNOT_BIND", 3),
        ("FOLDER_UNUSABLE", 4),
        ("CAPTURE_INVALID", 5),
        ("CAPTURE_LOST", 6),
        ("INTERRUPTED", 130),
        ("TERMINATED", 143),
    ]
