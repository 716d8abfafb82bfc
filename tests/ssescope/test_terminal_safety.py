"""F103: nothing that a peer wrote drives the terminal, whatever command prints it."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import cycle
from pathlib import Path

import pytest

from ssescope.cli import cli
from tests.ssescope.asking import ask
from tests.ssescope.hostile import ATTACKS, MARK, SHOWN, attack, error_events, short, write_all
from tests.ssescope.raw_forms import raw_forms
from tests.ssescope.running import DEADLINE, ROOT
from tests.ssescope.terminal import Terminal, in_a_terminal

EVERY_COMMAND = """
import json, sys
from ssescope.cli import main
for words in json.loads(sys.argv[1]):
    sys.argv = ["ssescope", *words]
    try:
        main()
    except SystemExit as ended:
        print("ended with", ended.code or 0, flush=True)
"""
"""Several commands one after the other in one process."""

UNSAFE = """
import inspector_tui.safe
inspector_tui.safe.safe_text = lambda text, **settings: text
"""
"""Put before the program it leaves captured text as it came."""

HOSTILE_ARGUMENTS = (
    short(17),
    attack("argument"),
    "\udc9b2J" + MARK,
    "n" * 300,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hostile captures in a folder with a hostile name."""
    folder = tmp_path_factory.mktemp("hostile") / f"captures {short(1)}{short(18)}"
    folder.mkdir(mode=0o700)
    write_all(folder)
    return folder


def printed(folder: Path, commands: Sequence[Sequence[str]], *, before: str = "") -> bytes:
    """What these commands write to one terminal; none of them fails in an unknown way."""
    arguments = json.dumps([list(words) for words in commands])
    with in_a_terminal(
        arguments,
        code=before + EVERY_COMMAND,
        columns=300,
        NO_COLOR="",
        SSESCOPE_CAPTURES=str(folder),
    ) as shown:
        assert shown.exit_code() == 0
    assert shown.text.count("ended with") == len(commands)
    assert "Traceback" not in shown.text
    return shown.output


def of_captures(command: str, *options: str) -> Callable[[Path], list[list[str]]]:
    """A command for every single file of a folder."""
    return lambda folder: [
        [command, *options, str(path)] for path in sorted(folder.iterdir()) if path.is_file()
    ]


def of_pairs(*words: str) -> Callable[[Path], list[list[str]]]:
    """A command for the first file of a folder and each of the others."""

    def made(folder: Path) -> list[list[str]]:
        first, *others = sorted(path for path in folder.iterdir() if path.is_file())
        return [[*words, str(first), str(other)] for other in others]

    return made


def everywhere(*words: str) -> Callable[[Path], list[list[str]]]:
    """A command for the folder."""
    return lambda folder: [[*words, str(folder)]]


PRINTING: dict[str, tuple[Callable[[Path], list[list[str]]], ...]] = {
    "ls": (everywhere("ls", "--all", "--captures"), everywhere("ls", "--json", "--captures")),
    "show": (of_captures("show"), of_captures("show", "--json")),
    "cat": (of_captures("cat"), of_captures("cat", "--decoded"), of_captures("cat", "--request")),
    "scrub": (
        everywhere("scrub", "--check", "--pattern", MARK),
        everywhere("scrub", "--check", "--json"),
        lambda folder: [["scrub", "--output", str(folder / f"out{short(0)}"), str(folder)]],
        lambda folder: [["scrub", "--output", str(folder / "2026-01.jsonl"), str(folder)]],
    ),
    "lint": tuple(
        everywhere("lint", "--format", name)
        for name in ("text", "json", "sarif", "junit", "github")
    ),
    "explain": (of_captures("explain"), of_captures("explain", "--json")),
    "stats": (everywhere("stats"), everywhere("stats", "--by", "none", "--json")),
    "diff": (of_pairs("diff"), of_pairs("diff", "--json")),
    "export": (
        of_captures("export"),
        of_captures("export", "--format", "curl"),
        of_captures("export", "--format", "capture"),
        lambda folder: [["export", "--output", str(folder / "2026-01.jsonl"), "2026-01"]],
    ),
    "resend": (of_captures("resend", "--dry-run"), of_captures("resend", "--dry-run", "--json")),
    "prune": (everywhere("prune", "--keep", "0", "--captures"),),
    "demo": (everywhere("demo", "--seconds", "0", "--captures"),),
}
"""The commands that print captures and end."""

WITH_TESTS_OF_THEIR_OWN = {
    "faults": "tests/ssescope/test_faults_command.py",
    "proxy": "test_the_lines_of_the_proxy_are_safe",
    "replay": "test_the_lines_of_the_replay_are_safe",
    "run": "test_the_summary_of_a_run_is_safe",
    "sandbox": "test_the_sandbox_prints_nothing_of_its_clients",
    "doctor": "test_the_table_of_the_doctor_is_safe",
    "inspect": "tests/ssescope/test_terminal_safety_inspector.py",
    "watch": "tests/ssescope/test_terminal_safety_inspector.py",
}


def test_every_command_of_the_program_is_looked_at() -> None:
    assert set(cli.commands) == PRINTING.keys() | WITH_TESTS_OF_THEIR_OWN.keys()
    for place in WITH_TESTS_OF_THEIR_OWN.values():
        assert place in globals() or (ROOT / place).is_file(), place


@pytest.mark.parametrize("command", PRINTING)
def test_f103_what_a_command_prints_of_captures_is_safe(command: str, folder: Path) -> None:
    commands = [words for make in PRINTING[command] for words in make(folder)]
    output = printed(folder, commands)
    assert raw_forms(output) == []
    assert MARK.encode() in output
    if command in {"show", "cat"}:
        for words in (SHOWN, "[DONE]", "[/x]", f"[bold]{MARK}[/bold]", "[link=http", "[@click="):
            assert words.encode() in output, words


@pytest.mark.parametrize("command", ["ls", "show", "cat"])
def test_without_the_escaping_every_form_would_come_through(command: str, folder: Path) -> None:
    make = PRINTING[command][0]
    found = raw_forms(printed(folder, make(folder), before=UNSAFE))
    expected = set(ATTACKS[:2] if command == "ls" else ATTACKS)
    assert expected - set(found) == set()


def hostile_commands(hostile: str, folder: Path) -> list[list[str]]:
    """Commands that get a hostile argument in every place."""
    return [
        [hostile],
        [f"--{hostile}"],
        ["ls", hostile],
        ["ls", f"--{hostile}"],
        ["ls", f"-{hostile}"],
        ["ls", "-n", hostile],
        ["ls", "--captures", hostile],
        ["show", "--captures", hostile],
        ["show", "--captures", str(folder), hostile],
        ["show", hostile],
        ["cat", hostile],
        ["inspect", hostile],
        ["watch", hostile],
        ["lint", hostile],
        ["lint", "--select", hostile, str(folder)],
        ["explain", hostile],
        ["stats", hostile],
        ["export", hostile],
        ["export", "--output", str(folder / "missing" / hostile), "2026-01"],
        ["prune", "--older-than", hostile],
        ["prune", "--keep", "1", "--captures", hostile],
        ["run", "--", hostile],
        ["run", "--replay", hostile, "--", "true"],
        ["run", "--replay", str(folder), "--", hostile],
        ["run", "--replay", str(folder), "--fault", hostile, "--", "true"],
        ["run", "--env-var", hostile, "--", "true"],
        ["run", "--env-var", f"X=http://{hostile}", "--", "true"],
        ["proxy", hostile],
        ["proxy", f"http:// {hostile}"],
        ["proxy", f"/ {hostile}=http://x"],
        ["proxy", "http://127.0.0.1:9", "--ca-file", hostile],
        ["proxy", "http://127.0.0.1:9", "--capture-policy", hostile],
        ["proxy", "http://127.0.0.1:9", "--max-capture", hostile],
        ["proxy", "http://127.0.0.1:9", "--captures", str(folder / "2026-01.jsonl")],
        ["replay", hostile],
        ["resend", hostile],
        ["resend", "--upstream", hostile, str(folder / "2026-01.jsonl")],
        ["replay", str(folder), "--speed", hostile],
        ["scrub", "--check", hostile],
        ["scrub", "--check", "--pattern", f"({hostile}", str(folder)],
        ["demo", "--scenario", hostile],
        ["doctor", "--upstream", hostile],
    ]


def test_f103_arguments_in_error_messages_are_safe(folder: Path) -> None:
    commands = []
    for hostile in HOSTILE_ARGUMENTS:
        commands += hostile_commands(hostile, folder)
    # No name of a file holds a NUL, and neither does an argument of a process.
    allowed = [[word.replace("\x00", "") for word in words] for words in commands]
    output = printed(folder, allowed)
    assert raw_forms(output) == []
    assert SHOWN.encode() in output


EMPTY = "Content-Length: 0\r\n\r\n"
CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
UPSTREAM_ANSWERS = (
    f"HTTP/1.1 200 {short(0)}\r\nX-A: {short(17)}\r\n{EMPTY}",
    f"HTTP/1.1 200 OK{short(13)}\r\n{EMPTY}",
    f"HTTP/1.1 {short(0)} OK\r\n\r\n",
    f"{short(0)} 200 OK\r\n{EMPTY}",
    f"HTTP/1.1 200 OK\r\n{short(0)}: {short(1)}\r\n\r\n",
    f"HTTP/1.1 200 OK\r\nTransfer-Encoding: {short(0)}\r\n\r\n",
    f"HTTP/1.1 200 OK\r\nContent-Length: {short(0)}\r\n\r\n",
    f"{CHUNKED}1\r\nx\r\n{short(0)}\r\n",
    f"{CHUNKED}1;{short(0)}\r\nx\r\n0\r\n{short(0)}\r\n\r\n",
    f"HTTP/1.1 103 {short(0)}\r\nLink: {short(0)}\r\n\r\nHTTP/1.1 200 OK\r\n{EMPTY}",
    f"HTTP/1.1 101 {short(0)}\r\nUpgrade: {short(0)}\r\n\r\n",
    f"HTTP/1.1 200 OK\r\nContent-Encoding: {short(0)}\r\nLocation: {short(0)}\r\n{EMPTY}",
)
PLAIN_HEAD = "GET /plain HTTP/1.1\r\nHost: HERE\r\nConnection: close\r\n\r\n"
CLIENT_HEADS = (
    f"GET /{short(0)} HTTP/1.1\r\nHost: HERE\r\n\r\n",
    f"GET /x HTTP/1.1\r\nHost: HERE\r\n{short(0)}: {short(1)}\r\n\r\n",
    f"GET /x HTTP/1.1\r\nHost: {short(0)}\r\n\r\n",
    f"GET /x HTTP/1.1\r\nHost: HERE\r\nX-A: {short(17)}{short(0)}\r\n\r\n",
    f"GET /x HTTP/1.1\r\nHost: HERE\r\nOrigin: {short(0)}\r\n\r\n",
    f"{short(0)} /x HTTP/1.1\r\nHost: HERE\r\n\r\n",
    f"GET /%1b]52;c;{MARK}%07%9b2J%e2%80%ae HTTP/1.1\r\nHost: HERE\r\n\r\n",
    "GET /\x9b2J" + MARK + "\xff HTTP/1.1\r\nHost: HERE\r\n\r\n",
    f"POST /x HTTP/1.1\r\nHost: HERE\r\nTransfer-Encoding: {short(0)}\r\n\r\n",
    f"POST /x HTTP/1.1\r\nHost: HERE\r\nTransfer-Encoding: chunked\r\n\r\n{short(0)}\r\n",
    f"POST /x HTTP/1.1\r\nHost: HERE\r\nContent-Length: 9\r\n\r\n{short(0)}",
    f"{short(0)}\r\n\r\n",
    "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
)


def send(port: int, head: str, *, leaves: bool = True) -> None:
    """Sends one head and reads what comes back, as one who will send no more or who waits."""
    with socket.create_connection(("127.0.0.1", port), DEADLINE) as client:
        client.sendall(head.replace("HERE", f"127.0.0.1:{port}").encode("latin-1", "replace"))
        if leaves:
            client.shutdown(socket.SHUT_WR)
        with suppress(ConnectionError):
            while client.recv(65536):
                pass


@contextmanager
def answering(answers: Sequence[str]) -> Iterator[int]:
    """An upstream that gives one answer a connection, in turn."""

    def serve() -> None:
        for answer in cycle(answers):
            with suppress(OSError):
                if listener.fileno() < 0:
                    return
                connection, _ = listener.accept()
                with connection:
                    connection.settimeout(DEADLINE)
                    data = b""
                    while b"\r\n\r\n" not in data and (more := connection.recv(65536)):
                        data += more
                    connection.sendall(answer.encode("latin-1", "replace"))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def serving(terminal: Terminal) -> int:
    """The port that a server prints."""
    terminal.wait_for("http://127.0.0.1:")
    terminal.wait_for("top with Ctrl-C")
    return int(terminal.found(r"(?<=http://127\.0\.0\.1:)\d+"))


def test_the_lines_of_the_proxy_are_safe(tmp_path: Path) -> None:
    captures = str(tmp_path / f"captures{short(0)}{short(18)}")
    with answering(UPSTREAM_ANSWERS) as upstream:
        options = ("--port", "0", "--captures", captures)
        url = f"http://127.0.0.1:{upstream}"
        with in_a_terminal("proxy", url, *options, NO_COLOR="") as terminal:
            port = serving(terminal)
            for _ in UPSTREAM_ANSWERS:
                send(port, PLAIN_HEAD, leaves=False)
            for head in CLIENT_HEADS:
                send(port, head)
            terminal.type("\x03")
            assert terminal.exit_code() == 0
    assert terminal.text.count("upstream_protocol") >= 5
    assert raw_forms(terminal.output) == []
    assert "Traceback" not in terminal.text


ASKING = """
import os, urllib.request
urllib.request.urlopen(os.environ["MY_URL"] + "/v1/messages").read()
"""


def test_the_summary_of_a_run_is_safe(folder: Path) -> None:
    body = b"".join(error_events())
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: {len(body)}"
    with answering([f"{head}\r\n\r\n{body.decode('latin-1')}"]) as upstream:
        variable = f"MY_URL=http://127.0.0.1:{upstream}"
        words = ("--captures", str(folder), "--env-var", variable, "--", sys.executable)
        with in_a_terminal("run", *words, "-c", ASKING, columns=900, NO_COLOR="") as terminal:
            assert terminal.exit_code() == 0
    assert raw_forms(terminal.output) == []
    for shown in ("␛]0;PWN␇", "error-type [DONE][/x]"):
        assert shown in terminal.text


def test_the_lines_of_the_replay_are_safe(folder: Path) -> None:
    with in_a_terminal("replay", str(folder), "--port", "0", NO_COLOR="") as terminal:
        port = serving(terminal)
        for head in CLIENT_HEADS:
            send(port, head)
        terminal.wait_for("not recorded")
        terminal.type("\x03")
        assert terminal.exit_code() == 0
    assert raw_forms(terminal.output) == []
    assert MARK in terminal.text
    assert "Traceback" not in terminal.text


def test_what_a_run_asked_of_a_replay_is_told_safely(folder: Path) -> None:
    asks = (
        "import os, socket, sys\n"
        "port = int(os.environ['ANTHROPIC_BASE_URL'].rpartition(':')[2])\n"
        "for head in sys.argv[1:]:\n"
        "    with socket.create_connection(('127.0.0.1', port)) as connection:\n"
        "        connection.sendall(head.replace('PORT', str(port)).encode())\n"
        "        connection.settimeout(5)\n"
        "        connection.recv(65536)\n"
    )
    heads = [
        f"GET /{path} HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n"
        for path in (f"{MARK}%1b]0;x%07", f"{MARK}?a=%9b2J")
    ]
    words = ("--replay", str(folder), "--", sys.executable, "-c", asks, *heads)
    with in_a_terminal("run", *words, columns=900, NO_COLOR="") as terminal:
        assert terminal.exit_code() == 0
    assert raw_forms(terminal.output) == []
    assert f"- GET /{MARK}" in terminal.text
    assert "0 requests answered from captures, 2 not recorded" in terminal.text


def test_the_sandbox_prints_nothing_of_its_clients() -> None:
    with in_a_terminal("sandbox", "--port", "0", "--seconds", "0", NO_COLOR="") as terminal:
        port = serving(terminal)
        for head in CLIENT_HEADS:
            send(port, head)
        with suppress(OSError):
            ask(f"http://127.0.0.1:{port}", attack("model"))
        terminal.type("\x03")
        assert terminal.exit_code() == 0
    assert raw_forms(terminal.output) == []
    assert MARK not in terminal.text


@pytest.mark.parametrize("answer", UPSTREAM_ANSWERS[:2])
def test_the_table_of_the_doctor_is_safe(answer: str) -> None:
    with answering([answer]) as gateway:
        options = ("--upstream", f"http://127.0.0.1:{gateway}", "--port", "0", "--patience", "0.1")
        with in_a_terminal("doctor", *options, NO_COLOR="") as terminal:
            assert terminal.exit_code() != 0
    assert raw_forms(terminal.output) == []
