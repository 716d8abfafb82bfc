"""F103 in the inspector: every screen, tab and dialog over captures that attack the terminal."""

from __future__ import annotations

import base64
import re
import shutil
from pathlib import Path

import pytest

from captures.annotation import write_annotation
from inspector_tui.tabs import Tab
from tests.ssescope.hostile import ATTACKS, SHOWN, attack, short, write_all
from tests.ssescope.raw_forms import raw_forms
from tests.ssescope.terminal import Terminal, in_a_terminal

ESCAPE, QUIT = "\x1b", "\x11"
PASTED = f"\x1b[200~{attack('pasted')}\x1b[201~"
NO_ESCAPING = """
import inspector_tui.safe, inspector_tui.safe_filter
inspector_tui.safe.safe_text = lambda text, **settings: text
inspector_tui.safe_filter.SafeFilter.apply = lambda self, segments, background: segments
from ssescope.cli import main
main()
"""
COPIED = re.compile(rb"\x1b\]52;c;([A-Za-z0-9+/]{8,}=*)\x07")
"""What the program itself puts into the clipboard."""

TABS = {
    Tab.TIMELINE: r"time|content|event",
    Tab.MESSAGE: r"no stop reason|stop_reason|─{9}",
    Tab.CHUNKS: r"begins in",
    Tab.TIMING: r"first times|no times",
    Tab.FINDINGS: r"[A-Z]{3}\d{3}",
    Tab.RAW: r"begins a network chunk|0 +",
    Tab.REQUEST: r"to upstream",
    Tab.HEADERS: r"HTTP.version|no response head",
    Tab.DIFF: r"compare|[−+] ",
}
"""What is drawn when a tab is chosen."""

CAPTURES = 3
"""The whole streams among the files, one a dialect; they come last in the list."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile") / f"captures {short(0)}{short(18)}"
    folder.mkdir(mode=0o700)
    write_all(folder)
    return folder


def look_at_every_tab(terminal: Terminal) -> None:
    """Goes through the tabs of an opened capture, to the end of each."""
    for number, tab in (*list(enumerate(Tab, 1))[1:], (1, Tab.TIMELINE)):
        terminal.type_until(f"{number}", TABS[tab])
        terminal.type("Gg")


def is_safe(terminal: Terminal) -> None:
    """Nothing but the program's own sequences has been written."""
    for copied in COPIED.findall(terminal.output):
        text = base64.b64decode(copied).decode()
        assert not set(text) & set("\x1b\x07\x9b\x9d\u202e\x00\x7f")
    output = COPIED.sub(b"", terminal.output)
    assert raw_forms(output, screen=True) == []
    assert "Traceback" not in terminal.text


def test_every_tab_is_looked_at() -> None:
    assert set(TABS) == set(Tab)


def test_f103_the_list_and_every_tab_of_its_captures_are_safe(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / f"copy {short(1)}{short(17)}"
    shutil.copytree(folder, copy)
    with in_a_terminal("inspect", str(copy), columns=200, rows=60, NO_COLOR="") as terminal:
        for words in ("HTTP 529", "client left", "upstream pr", "2026-13.jsonl not a"):
            terminal.wait_for(words)
        terminal.type("G")
        for _ in range(CAPTURES):
            terminal.type_until("\r", "back")
            look_at_every_tab(terminal)
            terminal.type_until(ESCAPE, "filter")
            terminal.type("k")
        terminal.type("k" * 12)
        terminal.type_until("/", "method, path, model or verdict")
        terminal.type_until(PASTED, "pasted")
        terminal.type_until(ESCAPE, "HTTP 529")
        shutil.move(copy, tmp_path / "gone")
        terminal.wait_for("cannot list")
        terminal.type(QUIT)
        assert terminal.exit_code() == 0
    is_safe(terminal)
    assert SHOWN in terminal.text


def test_f103_details_notifications_search_and_help_are_safe(folder: Path) -> None:
    path = str(folder / "2026-01.jsonl")
    # Without a clipboard tool a copied text goes to the terminal, in base64.
    with in_a_terminal("inspect", path, columns=100, rows=46, PATH="", NO_COLOR="") as terminal:
        terminal.wait_for("content_block_delta")
        for number in range(1, 9):
            terminal.type_until("j", rf"event {number} ")
        terminal.type_until("Y", "Sent .* characters")
        terminal.type_until("y", "Sent .* characters")
        look_at_every_tab(terminal)
        terminal.type_until("/", "search in")
        terminal.type_until(PASTED, "No match")
        terminal.type_until(ESCAPE, "content_block")
        terminal.type_until("?", "One row")
        terminal.type(QUIT)
        assert terminal.exit_code() == 0
    assert len(COPIED.findall(terminal.output)) == 2
    is_safe(terminal)


def test_f103_the_questions_about_a_capture_are_safe(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / f"copy {short(1)}{short(17)}"
    shutil.copytree(folder, copy)
    capture = copy / f"{short(0)}{short(18)}.jsonl".replace("/", "")
    shutil.move(copy / "2026-01.jsonl", capture)
    write_annotation(capture, attack("note").replace("\n", " "))
    with in_a_terminal("inspect", str(capture), columns=100, rows=46, NO_COLOR="") as terminal:
        terminal.wait_for("content_block_delta")
        terminal.type_until("a", "Note on this exchange")
        terminal.type_until(f"{PASTED}\r", "The note is kept")
        terminal.type_until("Es", "Export to the file")
        terminal.type_until(f"{PASTED}\r", "cannot write|a name holds")
        terminal.type_until("R", "is incomplete")
        terminal.type_until("r", "As it was recorded")
        terminal.type_until("i", "lets it run")
        terminal.type_until("s", "has ended")
        terminal.type_until("D", "Delete this capture")
        terminal.type("\r")
        assert terminal.exit_code() == 0
    is_safe(terminal)
    assert not capture.exists()


def test_without_the_escaping_the_forms_would_come_through(folder: Path) -> None:
    path = str(folder / "2026-02.jsonl")
    with in_a_terminal("inspect", path, code=NO_ESCAPING, columns=200, NO_COLOR="") as terminal:
        terminal.wait_for("Findings")
        look_at_every_tab(terminal)
        terminal.type(QUIT)
        terminal.exit_code()
    assert len(raw_forms(terminal.output, screen=True)) > len(ATTACKS) // 2
