"""F101, F102: whatever becomes of the inspector and its terminal, no stream notices."""

from __future__ import annotations

import hashlib
import os
import signal
import sys
from pathlib import Path

from captures.loading import load
from captures.records import Ending
from captures.store import captures_in
from tests.captures.waiting import wait_until
from tests.ssescope.feeding import feeding_upstream
from tests.ssescope.running import running
from tests.ssescope.saved import answer, save, text_delta
from tests.ssescope.terminal import in_a_terminal

QUIT, SUSPEND = "\x11", "\x1a"
LEAVES_SCREEN, ENTERS_SCREEN = b"\x1b[?1049l", b"\x1b[?1049h"
SHELL = 'import os; os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])'
MUCH = [text_delta("x" * 60_000)] * 40
"""More than all buffers on the way to a terminal hold."""


def threads_of(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def test_f101_f102_a_stream_does_not_notice_what_becomes_of_inspectors(tmp_path: Path) -> None:
    start, rest = answer()[:3], answer()[3:]
    options = ("--port", "0", "--captures", str(tmp_path))
    inspecting = in_a_terminal("inspect", str(tmp_path))
    with feeding_upstream() as upstream, running("proxy", upstream.origin, *options) as proxy:
        with upstream.stream_through(proxy.pasted()) as feed, inspecting as stalled:
            feed.send(*start)
            with in_a_terminal("inspect", str(tmp_path)) as killed:
                killed.wait_for("Hello")
                os.kill(killed.pid, signal.SIGKILL)
                stalled.wait_for("Hello")
                threads = threads_of(stalled.pid)
                os.kill(stalled.pid, signal.SIGSTOP)
                assert killed.exit_code() == -signal.SIGKILL
            feed.send(*MUCH, *rest)
            feed.finish()
            assert feed.received == feed.sent == b"".join((*start, *MUCH, *rest))
            (capture,) = captures_in(tmp_path)
            wait_until(lambda: b',"end",{' in capture.read_bytes()[-2000:])
            os.kill(stalled.pid, signal.SIGCONT)
            stalled.wait_for("complete · end_turn")
            assert threads_of(stalled.pid) == threads
            stalled.type(QUIT)
            assert stalled.exit_code() == 0
        assert proxy.stop() == 0
    exchange = load(capture)
    assert exchange.end is not None
    assert exchange.end.how is Ending.COMPLETE
    whole = hashlib.sha256(feed.sent).hexdigest()
    assert exchange.end.client.sha256 == exchange.end.upstream.sha256 == whole
    assert exchange.body.size == len(feed.sent)


def test_f101_ctrl_z_leads_to_the_shell_and_fg_back(tmp_path: Path) -> None:
    save(tmp_path)
    with in_a_terminal(code=SHELL, columns=120) as terminal:
        command = f"{sys.executable} -m ssescope inspect {tmp_path}\n"
        terminal.type_until(command, "complete · end_turn")
        terminal.type_until(SUSPEND, "Stopped")
        left = terminal.output.rindex(LEAVES_SCREEN)
        assert left < terminal.output.rindex(b"Stopped")
        save(tmp_path, answer(stop_reason="max_tokens"))
        terminal.type_until("fg\n", "CUT OFF")
        assert terminal.output.rindex(ENTERS_SCREEN) > left
        terminal.type_until(QUIT, r"bash-[\d.]+[$#] ")
        terminal.type("exit\n")
        assert terminal.exit_code() == 0


def test_f101_any_size_of_the_terminal_is_survived(tmp_path: Path) -> None:
    save(tmp_path, (*answer()[:2], *[text_delta("words ")] * 50, *answer()[3:]))
    with in_a_terminal("inspect", str(captures_in(tmp_path)[0]), columns=1, rows=1) as terminal:
        terminal.resize(120, 40)
        terminal.wait_for("complete · end_turn")
        for keys in "123456?":
            for columns, rows in ((1, 1), (2, 1), (1, 3), (3, 200), (400, 2)):
                terminal.resize(columns, rows)
                terminal.type("jk")
            for number in range(20):
                terminal.resize(1 + 73 * number % 200, 1 + 37 * number % 60)
            terminal.type(keys)
        terminal.type("q")
        terminal.resize(100, 30)
        terminal.type_until("2", "words words")
        terminal.type(QUIT)
        assert terminal.exit_code() == 0
    assert "Traceback" not in terminal.text


def test_f101_a_terminal_without_a_screen_is_code_2_and_told_what_to_do(tmp_path: Path) -> None:
    with in_a_terminal("inspect", "--captures", str(tmp_path), TERM="dumb") as terminal:
        assert terminal.exit_code() == 2
    assert "terminal of the kind 'dumb'; ssescope ls and show print plain text" in terminal.text
    assert b"\x1b" not in terminal.output
