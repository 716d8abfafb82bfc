"""``ssescope run`` as a user runs it: around real programs with real SDKs."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from captures.loading import load
from captures.store import captures_in
from captures.verdict import verdict_of
from tests.ssescope.running import DEADLINE, environment, running, ssescope
from tests.ssescope.terminal import in_a_terminal

ASKS = """
import sys, anthropic
client = anthropic.Anthropic(api_key="sk-ant-api03-made-up")
with client.messages.stream(
    model="sandbox-end-turn", max_tokens=9, messages=[{"role": "user", "content": "hi"}]
) as stream:
    print(stream.get_final_message().stop_reason)
sys.exit(3)
"""


def run_around(tmp_path: Path, *command: str, **extra: str) -> subprocess.CompletedProcess[str]:
    return ssescope("run", "--captures", str(tmp_path / "captures"), "--", *command, **extra)


def test_an_unmodified_program_is_captured_and_its_exit_code_kept(tmp_path: Path) -> None:
    with running("sandbox", "--port", "0", "--seconds", "0") as sandbox:
        done = run_around(tmp_path, sys.executable, "-c", ASKS, ANTHROPIC_BASE_URL=sandbox.pasted())
    assert (done.returncode, done.stdout) == (3, "end_turn\n")
    assert "ssescope: 1 exchange in" in done.stderr
    assert "✓ sandbox-end-turn" in done.stderr
    (capture,) = captures_in(tmp_path / "captures")
    exchange = load(capture)
    assert verdict_of(exchange).headline == "complete · end_turn"
    assert "sk-ant-api03-made-up" not in capture.read_text()


def test_its_streams_are_its_own(tmp_path: Path) -> None:
    code = "import sys; print(sys.stdin.read()); print('e', file=sys.stderr)"
    around = [sys.executable, "-m", "ssescope", "run", "--captures", str(tmp_path / "c"), "--"]
    done = subprocess.run(
        [*around, sys.executable, "-c", code],
        input="given",
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        env=environment(),
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "given\n")
    assert done.stderr.startswith("e\n")
    assert "nothing went through the proxies" in done.stderr


@pytest.mark.parametrize(("command", "code"), [("/nonsense/command", 127), ("/", 126)])
def test_a_command_that_cannot_start_ends_as_in_a_shell(
    command: str, code: int, tmp_path: Path
) -> None:
    done = run_around(tmp_path, command)
    assert (done.returncode, done.stdout) == (code, "")
    assert command in done.stderr
    assert "Traceback" not in done.stderr


def test_a_command_that_dies_of_a_signal_makes_us_die_of_it(tmp_path: Path) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGINT):
        done = run_around(tmp_path, "sh", "-c", f"kill -{number} $$")
        assert done.returncode in {-number, 128 + number}
        assert "Traceback" not in done.stderr


def test_a_signal_reaches_the_command_and_its_answer_is_ours(tmp_path: Path) -> None:
    code = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))\n"
        "print('export READY=1', flush=True)\n"
        "while True: time.sleep(0.05)"
    )
    with running("run", "--captures", str(tmp_path / "c"), "--", sys.executable, "-c", code) as ran:
        assert ran.pasted() == "1"
        assert ran.stop(signal.SIGTERM) == 7


def test_ctrl_c_reaches_the_command_once_and_we_outlive_it(tmp_path: Path) -> None:
    code = (
        "import signal, sys, time\n"
        "seen = []\n"
        "signal.signal(signal.SIGINT, lambda *_: seen.append(1))\n"
        "print('ready', flush=True)\n"
        "while not seen: time.sleep(0.01)\n"
        "time.sleep(0.3)\n"
        "sys.exit(40 + len(seen))"
    )
    command = ("run", "--captures", str(tmp_path / "c"), "--", sys.executable, "-c", code)
    with in_a_terminal(*command) as terminal:
        terminal.wait_for("ready")
        terminal.type("\x03")
        assert terminal.exit_code() == 41
    assert "nothing went through the proxies" in terminal.text


def test_the_command_keeps_its_limit_on_open_files(tmp_path: Path) -> None:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    done = run_around(tmp_path, "sh", "-c", "ulimit -Sn")
    assert done.stdout.strip() == str(soft)


def test_streams_that_a_dead_command_leaves_behind_are_closed(tmp_path: Path) -> None:
    leaves = ASKS.replace("print(stream.get_final_message().stop_reason)", "next(iter(stream))")
    leaves = leaves.replace("sys.exit(3)", "").replace(
        "next(iter(stream))", "next(iter(stream)); import os; os._exit(9)"
    )
    with running("sandbox", "--port", "0", "--seconds", "600") as sandbox:
        started = time.monotonic()
        done = run_around(
            tmp_path, sys.executable, "-c", leaves, ANTHROPIC_BASE_URL=sandbox.pasted()
        )
        assert time.monotonic() - started < DEADLINE
    assert done.returncode == 9
    (capture,) = captures_in(tmp_path / "captures")
    assert "client" in verdict_of(load(capture)).headline


def test_a_variable_with_an_unusable_url_is_code_2_and_named(tmp_path: Path) -> None:
    done = run_around(tmp_path, "true", OPENAI_BASE_URL="not a url")
    assert (done.returncode, done.stdout) == (2, "")
    assert "OPENAI_BASE_URL" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_answers_can_be_harmed_on_purpose(tmp_path: Path) -> None:
    with running("sandbox", "--port", "0", "--seconds", "0") as sandbox:
        done = ssescope(
            *("run", "--captures", str(tmp_path / "c"), "--fault", "cut:event=4"),
            *("--", sys.executable, "-c", ASKS),
            ANTHROPIC_BASE_URL=sandbox.pasted(),
        )
    assert done.returncode == 1
    assert "HARMING every answer" in done.stderr
    assert "✗ sandbox-end-turn" in done.stderr
