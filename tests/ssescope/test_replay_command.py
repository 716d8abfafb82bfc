"""replay as a user runs it, and the mistakes a user makes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from captures.store import captures_in
from tests.proxy.wire import request_bytes
from tests.ssescope.asking import KEY, ask
from tests.ssescope.running import DEADLINE, environment, running, ssescope
from tests.ssescope.saved import answer, save


def test_a_replay_of_nothing_is_one_line_and_code_5(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text("no capture\n")
    for path in (tmp_path / "x.jsonl", tmp_path / "missing", tmp_path):
        failed = ssescope("replay", str(path), "--port", "0")
        assert (failed.returncode, failed.stdout) == (5, ""), failed.stderr
        assert "Traceback" not in failed.stderr


@pytest.mark.parametrize("speed", ["0", "-1", "fast", "nan"])
def test_a_wrong_speed_says_what_was_expected(speed: str, tmp_path: Path) -> None:
    failed = ssescope("replay", str(save(tmp_path)), "--speed", speed)
    assert failed.returncode == 2
    assert "expected a factor above 0, or max" in failed.stderr


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("--chunks", "bytes", "expected recorded, event, line, whole, code-point"),
        ("--max-gap", "soon", "expected a time such as 2s"),
        ("--first-byte", "-1", "expected a time such as 2s"),
    ],
)
def test_a_wrong_value_says_what_was_expected(
    option: str, value: str, expected: str, tmp_path: Path
) -> None:
    failed = ssescope("replay", str(save(tmp_path)), option, value)
    assert failed.returncode == 2
    assert expected in " ".join(failed.stderr.split())
    assert "Traceback" not in failed.stderr


def test_chunks_and_pace_are_those_asked_for(tmp_path: Path) -> None:
    options = (
        "--chunks",
        "1",
        "--max-gap",
        "5ms",
        "--first-byte",
        "0",
        "--speed",
        "2",
        "--on-miss",
        "closest",
    )
    with running("replay", str(save(tmp_path)), "--port", "0", *options) as replay:
        assert ask(replay.pasted()) == b"".join(answer())
        assert replay.stop() == 0


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--on-miss", "upstream"), "--on-miss upstream needs --upstream URL"),
        (("--upstream", "https://api.example"), "--upstream is asked only with --on-miss upstream"),
        (("--on-miss", "upstream", "--upstream", "api.example"), "has no scheme"),
        (("--on-miss", "upstream", "--upstream", "http://a.example"), "name one with --captures"),
        (("--ignore-field", "a..b"), "expected names with dots between them"),
        (("--pace", "0/s"), "expected a pace such as 20/s or 30ms"),
        (("--on-miss", "500"), "is not one of"),
        (("--fault", "stall"), "stall needs event=N"),
        (
            ("--on-miss", "upstream", "--upstream", "http://a.example", "--fault", "bom"),
            "--fault harms what is replayed, and --on-miss upstream records",
        ),
    ],
)
def test_options_that_do_not_fit_are_told_in_words(
    options: tuple[str, ...], expected: str, tmp_path: Path
) -> None:
    failed = ssescope("replay", str(save(tmp_path)), "--port", "0", *options)
    assert (failed.returncode, failed.stdout) == (2, "")
    assert expected in " ".join(failed.stderr.split())
    assert "Traceback" not in failed.stderr


def test_a_replay_that_harms_says_so(tmp_path: Path) -> None:
    arguments = ("--fault", "bom", "--fault", "crlf", "--seed", "3")
    (tmp_path / "plain.sse").write_bytes(b"data: 1\n\n")
    with running("replay", str(tmp_path / "plain.sse"), "--port", "0", *arguments) as replay:
        origin = replay.pasted()
        replay.wait_for("HARMING every answer: bom, crlf (seed 3)")
        assert ask(origin) == b"\xef\xbb\xbfdata: 1\r\n\r\n"
        assert replay.stop() == 0


def test_a_broken_capture_is_told_of_and_the_others_are_served(tmp_path: Path) -> None:
    save(tmp_path, path="/v1/messages?key=[redacted len=2 fp=01234567]")
    (tmp_path / "broken\x1b.jsonl").write_text("no capture\n")
    (tmp_path / "plain.sse").write_text("data: 1\n\n")
    with running("replay", str(tmp_path), "--port", "0", "--pace", "1ms") as replay:
        origin = replay.pasted()
        assert ask(origin) == b"data: 1\n\n"
        replay.wait_for("/v1/messages: plain.sse")
        assert replay.stop(signal.SIGINT) == 0
    talk = "".join(replay.talk)
    assert "left out: " in talk
    assert "\x1b" not in talk
    assert f"serving 1 saved exchange and 1 plain stream on {origin}" in talk
    assert "  POST /v1/messages?key=[redacted]: 1\n" in talk
    assert "  any other POST: 1 plain stream in turn\n" in talk


def test_what_was_not_recorded_is_asked_of_the_upstream_once(tmp_path: Path) -> None:
    with running("sandbox", "--port", "0", "--seconds", "0") as sandbox:
        upstream = ("--on-miss", "upstream", "--upstream", sandbox.pasted())
        command = ("replay", str(tmp_path / "new"), "--port", "0", "--speed", "max", *upstream)
        with running(*command) as replay:
            origin = replay.pasted()
            first = ask(origin)
            assert ask(origin) == first
            assert replay.stop() == 0
        sandbox.stop()
        talk = "".join(replay.talk)
        assert talk.count("not recorded, asking the upstream") == 1
        with running(*command) as replay:
            assert ask(replay.pasted()) == first
            assert replay.stop() == 0
    assert len(captures_in(tmp_path / "new")) == 1
    assert KEY not in talk + captures_in(tmp_path / "new")[0].read_text()


def test_captures_can_be_kept_beside_what_is_served(tmp_path: Path) -> None:
    served = save(tmp_path / "a", path="/other")
    kept = tmp_path / "b"
    with running("sandbox", "--port", "0", "--seconds", "0") as sandbox:
        options = ("--on-miss", "upstream", "--upstream", sandbox.pasted(), "--captures", str(kept))
        with running("replay", str(served), "--port", "0", *options) as replay:
            ask(replay.pasted())
            assert replay.stop() == 0
    assert len(captures_in(kept)) == 1


def test_signals_cut_what_is_under_way_and_leave_no_trace(tmp_path: Path) -> None:
    options = ("--port", "0", "--speed", "0.001", "--on-miss", "closest")
    with running("replay", str(save(tmp_path)), *options) as replay:
        origin = replay.pasted()
        port = int(origin.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(request_bytes(port))
            replay.wait_for("the closest")
            assert replay.stop(signal.SIGINT) == 0
            assert client.recv(1) == b""
    assert "Traceback" not in "".join(replay.talk)


def test_reading_much_is_told_of(tmp_path: Path) -> None:
    save(tmp_path)
    (tmp_path / "large.sse").write_bytes(b"")
    os.truncate(tmp_path / "large.sse", 100 << 20)
    with running("replay", str(tmp_path), "--port", "0") as replay:
        assert replay.pasted()
        assert replay.stop() == 0
    assert "reading 2 files with 100 MiB\n" in "".join(replay.talk)


@pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="no limits to be read here")
def test_the_limit_on_open_files_is_raised_for_many_clients(tmp_path: Path) -> None:
    save(tmp_path)
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (100, 364));"
        "from ssescope.cli import main; main()"
    )
    with running("replay", str(tmp_path), "--port", "0", code=code) as replay:
        assert replay.pasted()
        limits = Path(f"/proc/{replay.pid}/limits").read_text().split("\n")
        (files,) = [line.split() for line in limits if line.startswith("Max open files")]
        assert files[3:5] == ["364", "364"]
        assert replay.stop() == 0


def test_with_until_eof_it_ends_with_its_input(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "ssescope", "replay", str(save(tmp_path))]
    with subprocess.Popen(
        [*words, "--port", "0", "--on-miss", "closest", "--until-eof"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(),
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        origin = process.stdout.readline().decode().partition("=")[2].partition(" ")[0]
        assert ask(origin) == b"".join(answer())
        process.stdin.close()
        assert process.wait(DEADLINE) == 0
    refused = ssescope("replay", str(tmp_path), "--port", "0", "--until-eof")
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
