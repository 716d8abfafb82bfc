from __future__ import annotations

import os
import signal
import stat
from pathlib import Path

import pytest

from inspector_tui.actions import outside
from inspector_tui.actions.outside import OutsideError, editor, kept_in_file, pager, run_outside
from inspector_tui.actions.shown_text import Document


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole search path."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def a_program(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_the_variables_come_before_what_is_usual(programs: Path) -> None:
    for name in ("less", "more", "vi", "mine"):
        a_program(programs, name, "exit 0")
    assert pager({}) == ["less"]
    assert pager({"PAGER": "mine -R 'a b'"}) == ["mine", "-R", "a b"]
    assert editor({}) == ["vi"]
    assert editor({"EDITOR": "mine"}) == ["mine"]
    assert editor({"EDITOR": "vi", "VISUAL": "mine -w"}) == ["mine", "-w"]
    assert pager({"PAGER": "  "}) == ["less"]


@pytest.mark.usefixtures("programs")
def test_a_program_that_is_not_there_is_one_clear_message() -> None:
    with pytest.raises(OutsideError, match=r"neither less and more is installed; set \$PAGER"):
        pager({})
    with pytest.raises(OutsideError, match=r"\$PAGER is 'most -x', and no program 'most' was"):
        pager({"PAGER": "most -x"})
    with pytest.raises(OutsideError, match=r"\$EDITOR is \"vi 'x\", which is no command: No clos"):
        editor({"EDITOR": "vi 'x"})


def test_the_file_is_the_user_s_own_and_gone_afterwards() -> None:
    with kept_in_file(Document("event.txt", [b"ab", b"c"])) as path:
        assert path.read_bytes() == b"abc"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert not path.parent.exists()


def test_what_is_too_large_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "MAX_SIZE", 5)
    with kept_in_file(Document("body.txt", [b"abc", b"def", b"ghi"])) as path:
        assert path.read_bytes() == b"abcde"


def test_a_program_runs_without_a_shell_and_its_code_comes_back(tmp_path: Path) -> None:
    program = a_program(tmp_path, "show", 'printf "%s|" "$@" > "$0.out"; exit 7')
    path = tmp_path / "a $(touch x).txt"
    assert run_outside([str(program), "a;b"], path) == 7
    assert (tmp_path / "show.out").read_text() == f"a;b|{path}|"
    with pytest.raises(OutsideError, match=r"cannot run .*: Permission denied"):
        run_outside([str(tmp_path)], path)


def test_a_signal_that_ends_us_ends_it_and_ours_are_as_before(tmp_path: Path) -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _frame: heard.append(number))
    try:
        program = a_program(tmp_path, "wait", f"kill -TERM {os.getpid()}; exec sleep 60")
        assert run_outside([str(program)], tmp_path) == -signal.SIGTERM
        assert heard == []
        os.kill(os.getpid(), signal.SIGTERM)
        assert heard == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGTERM, before)
