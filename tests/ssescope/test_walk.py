"""A walk through the inspector in a real terminal: what a user does in the middle of a bug."""

from __future__ import annotations

import difflib
import os
import re
import time
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from socket import create_connection

import pytest

from captures.loading import load
from scripts.showcase import OTHERS, Recording, question, record_ended, record_running
from tests.ssescope.running import DEADLINE
from tests.ssescope.saved import answer, text_delta
from tests.ssescope.tmux import Pane, in_tmux, needs_tmux

SNAPSHOTS = Path(__file__).parent / "walk"
SIZES = ((80, 24), (160, 50))

SECONDS_UNTIL_STILL = 1.0
"""How long a screen stands still before it is kept as a new snapshot."""

_PRESENT = (
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:PORT"),
    (re.compile(r"\b\d\d:\d\d:\d\d\b"), "HH:MM:SS"),
    (re.compile(r"\b\d{8}T\d{6}Z(?=-3fa9c1-000013)"), "STARTED"),
)
"""What differs from run to run: ports, and the time of day of what begins in the test."""

_TICKING = ((re.compile(r" +\d[\d.,]* (?:m?s|min|h|d)\b"), " TIME"),)
"""What goes on from tick to tick while an exchange is running."""


class Walk:
    """One walk in one terminal. Mutable: it counts its steps."""

    def __init__(self, pane: Pane) -> None:
        self.pane = pane
        self._steps = 0

    def see(self, name: str, *, ticking: bool = False) -> None:
        """Waits until the screen is the one kept under this name.

        SSESCOPE_UPDATE_SNAPSHOTS=1 keeps the new one instead.
        """
        self._steps += 1
        size = f"{self.pane.width}x{self.pane.height}"
        path = SNAPSHOTS / f"{self._steps:02}-{name}-{size}.txt"
        if os.environ.get("SSESCOPE_UPDATE_SNAPSHOTS"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(_lasting(_still(self.pane), ticking) + "\n", encoding="utf-8")
        wanted = path.read_text(encoding="utf-8").removesuffix("\n")
        try:
            self.pane.until(lambda screen: _lasting(screen, ticking) == wanted, path.name)
        except pytest.fail.Exception:
            seen = _lasting(self.pane.screen(), ticking).split("\n")
            rows = difflib.unified_diff(wanted.split("\n"), seen, path.name, "seen", lineterm="")
            pytest.fail("\n".join(rows))


def _still(pane: Pane) -> str:
    """The screen, once it stands still."""
    before, screen = "", pane.until(lambda screen: screen.strip() != "", "anything")
    while _lasting(screen, ticking=True) != before or "not read yet" in screen:
        before = _lasting(screen, ticking=True)
        time.sleep(SECONDS_UNTIL_STILL)
        screen = pane.screen()
    return screen


def _lasting(screen: str, ticking: bool) -> str:
    """The screen without what differs from run to run."""
    for pattern, words in _PRESENT + (_TICKING if ticking else ()):
        screen = pattern.sub(words, screen)
    return "\n".join(row.rstrip() for row in screen.split("\n"))


@needs_tmux
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_walk_through_the_inspector(width: int, height: int, tmp_path: Path) -> None:
    captures = tmp_path / "captures"
    captures.mkdir(mode=0o700)
    record_ended(captures)
    with in_tmux(tmp_path, "inspect", captures.name, width=width, height=height) as pane:
        walk = Walk(pane)
        walk.see("folder")
        filters(walk)
        follows(walk, record_running(captures, datetime.now(UTC)))
        scrubs(walk)
        searches(walk)
        copies(walk)
        jumps_to_findings(walk)
        compares(walk)
        replays(walk, captures)
        walk.pane.press("q", "q")
        assert walk.pane.exit_code() == 0


def filters(walk: Walk) -> None:
    """Lists the exchanges of one model, then all again."""
    walk.pane.press("/")
    walk.pane.type("model:opus")
    walk.see("filtered")
    walk.pane.press("Escape")
    walk.pane.until(lambda screen: "model:opus" not in screen, "the list without its filter")


def follows(walk: Walk, recording: Recording) -> None:
    """Opens the stream that is running, and follows it to its end."""
    walk.pane.wait_for("1 live")
    walk.pane.press("Enter")
    walk.see("live", ticking=True)
    recording.send(*(text_delta(f" token {number}") for number in range(60)))
    walk.see("followed", ticking=True)
    recording.send(*answer()[3:])
    recording.end()
    walk.see("ended")


def scrubs(walk: Walk) -> None:
    """Looks at what the client had at an earlier moment."""
    walk.pane.press("2", "t", "C-Left", "C-Left", "Left", "Left")
    walk.see("scrubbed")
    walk.pane.press("t")


def searches(walk: Walk) -> None:
    """Looks for words that came in two deltas, from the first event on."""
    walk.pane.press("1", "g", "/")
    walk.pane.type("41 token 42")
    walk.pane.press("Enter")
    walk.pane.until(lambda screen: bool(re.search(r"▌ +63 ", screen)), "the event that was found")
    walk.pane.press("G", "N")
    walk.see("found-again")


def copies(walk: Walk) -> None:
    """Copies the text of the message, the way that tmux offers."""
    walk.pane.press("y")
    walk.pane.wait_for("tmux")
    assert walk.pane.run("show-buffer").endswith(" token 58 token 59")


def jumps_to_findings(walk: Walk) -> None:
    """Goes back to the list, opens a broken stream there, and goes to what is wrong with it."""
    walk.pane.press("q")
    walk.pane.wait_for("Enter open")
    walk.pane.press("j", "j", "Enter")
    walk.pane.until(lambda screen: bool(re.search(r"Findings ?[1!]", screen)), "its findings")
    walk.pane.press("]")
    walk.see("finding")
    walk.pane.press("5")
    walk.see("findings")


def compares(walk: Walk) -> None:
    """Marks two exchanges, and compares them."""
    walk.pane.press("q")
    walk.pane.wait_for("Enter open")
    walk.pane.press("m", "j", "m", "d")
    walk.see("compared")


def replays(walk: Walk, captures: Path) -> None:
    """Replays an exchange as it was, asks for it as a client would, and ends that."""
    walk.pane.press("q")
    walk.pane.wait_for("Enter open")
    walk.pane.press("r")
    walk.see("replay-offered")
    walk.pane.press("i")
    screen = walk.pane.wait_for("Esc lets it run")
    walk.see("replaying")
    port = int(re.findall(r"127\.0\.0\.1:(\d+)", screen)[0])
    client = HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
    asked = question(OTHERS[1].question, OTHERS[1].model)
    client.request("POST", "/v1/messages", asked, {"Content-Type": "application/json"})
    answered = client.getresponse().read()
    client.close()
    (capture,) = captures.glob("*-000010.jsonl")
    recorded = load(capture)
    assert answered == recorded.body.bytes_between(0, recorded.body.size)
    walk.pane.press("s")
    walk.pane.until(lambda screen: str(port) not in screen, "the end of the replay")
    with pytest.raises(ConnectionRefusedError):
        create_connection(("127.0.0.1", port)).close()
