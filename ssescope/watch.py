"""``ssescope watch``: the proxy as a child process, and the inspector in this terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from inspector_tui.safe import safe_text
from inspector_tui.serving import is_served
from ssescope.exits import Exit, fail
from ssescope.inspector_options import InspectorOptions, show
from ssescope.places import is_folder, is_there, usable_folder

PROGRAM = (sys.executable, "-P", "-m", "ssescope")
"""What starts a command of ours in a process of its own."""

USUAL_OPTIONS = InspectorOptions()
STANDARD_INPUT = "-"
STOP_SECONDS = 10
_TERMINALS_WITHOUT_A_SCREEN = frozenset({"dumb", "unknown"})
_PLAIN = "ssescope ls and show print plain text"


def run_watch(upstream_url: str, port: int, folder: Path, options: InspectorOptions) -> int:
    """Starts the proxy, shows its captures, and stops it when the inspector is left."""
    # What the proxy needs would take a third of the time in which inspect starts.
    from ssescope.proxy_command import mounts_by_port  # noqa: PLC0415

    ((mount,),) = mounts_by_port([upstream_url])
    options.check()
    _require_terminal()
    usable_folder(folder)
    with proxy_process(upstream_url, port, folder) as pasted:
        origin = pasted.partition("=")[2].partition("  #")[0]
        title = f"{origin.removeprefix('http://')} → {mount.upstream.authority}"
        return show(folder, options, PROGRAM, title)


@contextmanager
def proxy_process(upstream_url: str, port: int, folder: Path) -> Iterator[str]:
    """A proxy in a process of its own; gives the first line it prints to be pasted.

    Ends with the proxy's exit code and words if it does not come up.
    """
    command = [*PROGRAM, "proxy", upstream_url]
    command += ["--port", str(port), "--captures", str(folder)]
    with tempfile.TemporaryFile() as talk:
        process = subprocess.Popen(  # noqa: S603 - our own command
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=talk, text=True
        )
        assert process.stdout is not None  # noqa: S101 - it was asked for
        try:
            first_line = process.stdout.readline().strip()
            if not first_line:
                _fail_as(process, talk.fileno())
            yield first_line
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            process.stdout.close()


def _fail_as(process: subprocess.Popen[str], talk: int) -> None:
    code = process.wait()
    with open(talk, closefd=False, encoding="utf-8", errors="replace") as words:
        words.seek(0)
        said = words.read().strip().removeprefix("ssescope: ")
    fail(Exit(code) if code in set(Exit) else Exit.CANNOT_BIND, said or "the proxy did not start")


def run_inspect(
    argument: str | None, folder: Path, options: InspectorOptions = USUAL_OPTIONS
) -> int:
    """Opens the inspector on a folder or on one capture."""
    options.check()
    if argument == STANDARD_INPUT:
        return _inspect_piped(folder, options)
    path = _existing(argument, folder)
    _require_terminal()
    return show(path, options, PROGRAM) if is_folder(path) else _inspect_file(path, options)


def _inspect_piped(folder: Path, options: InspectorOptions) -> int:
    """Shows what comes from standard input; as plain text where no keys can come."""
    from ssescope.piped import recorded, take_terminal  # noqa: PLC0415 - few need it
    from ssescope.views import show_capture  # noqa: PLC0415

    if sys.stdin.isatty():
        fail(Exit.USAGE, "- takes a stream from a pipe: curl -N URL | ssescope inspect -")
    data = take_terminal()
    if data is None:
        return show_capture(STANDARD_INPUT, folder, as_json=False, fail_on="never")
    _require_terminal()
    with recorded(data, "standard input") as capture:
        return show(capture, options, PROGRAM, "standard input")


def _inspect_file(path: Path, options: InspectorOptions) -> int:
    """Shows a capture, or a body that was saved without one."""
    from ssescope.piped import recorded  # noqa: PLC0415 - a folder does not need it
    from ssescope.sources import is_saved_body  # noqa: PLC0415

    if not is_saved_body(path):
        return show(path, options, PROGRAM)
    data = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    saved = datetime.fromtimestamp(os.fstat(data).st_mtime, UTC)
    with recorded(data, path.name, saved) as capture:
        return show(capture, options, PROGRAM, str(path))


def run_inspect_web(
    argument: str | None, folder: Path, port: int, options: InspectorOptions
) -> int:
    """Serves the inspector on a folder or on one capture to browsers of this machine."""
    from ssescope.web.server import run_web  # noqa: PLC0415 - no terminal needs it

    options.check()
    if argument == STANDARD_INPUT:
        fail(Exit.USAGE, "--web takes a folder or a file, and no stream from a pipe")
    path = _existing(argument, folder).absolute()
    command = [*PROGRAM, "inspect", *options.words(), "--", str(path)]
    title = f"ssescope: {safe_text(path.name)}"
    return run_web(command, title, port, options.known_theme())


def _existing(argument: str | None, folder: Path) -> Path:
    path = Path(argument) if argument else folder
    if not is_there(path):
        hint = "record some with ssescope proxy" if argument is None else "give a folder or a file"
        fail(Exit.CAPTURE_INVALID, f"{path} does not exist; {hint}")
    return path


def _require_terminal() -> None:
    """The inspector reads keys from stdin and draws on stderr, unless a browser shows it."""
    if is_served(os.environ):
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        fail(Exit.USAGE, f"the inspector needs a terminal; {_PLAIN}")
    if os.environ.get("TERM") in _TERMINALS_WITHOUT_A_SCREEN:
        kind = os.environ["TERM"]
        fail(Exit.USAGE, f"the inspector cannot draw on a terminal of the kind {kind!r}; {_PLAIN}")
