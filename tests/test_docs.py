"""What the documents say is so: their commands run, their links lead somewhere."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ssescope.cli import cli
from tests.ssescope.keeping_upstream import asked
from tests.ssescope.running import running, ssescope
from tests.ssescope.saved import answer, save

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
SHELL_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?://)([^)#]+)\)")


def commands_in(document: Path) -> list[str]:
    """The command lines of a document's shell blocks."""
    return [
        line
        for block in SHELL_BLOCK.findall(document.read_text())
        for line in block.splitlines()
        if line
    ]


def serves(*arguments: str, folder: Path) -> None:
    """A server command comes up, prints what to paste, and stops when it is told to."""
    save(folder / "captures")
    (folder / "answer.sse").write_text("data: 1\n\n")
    files = ("captures/", "answer.sse")
    replaced = [str(folder / word) if word in files else word for word in arguments]
    with running(*replaced, "--port", "0", SSESCOPE_CAPTURES=str(folder / "new")) as command:
        assert command.pasted().startswith("http://127.0.0.1:")
        assert command.stop() == 0


def prints(*arguments: str, folder: Path) -> None:
    """A command prints something and ends well."""
    save(folder)
    done = ssescope(*arguments, SSESCOPE_CAPTURES=str(folder))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def judges(*arguments: str, folder: Path) -> None:
    """A command reads the folder it is given and finds nothing wrong with a healthy stream."""
    save(folder / "captures")
    done = ssescope(*(str(folder / word) if word.endswith("/") else word for word in arguments))
    assert done.returncode == 0, done.stderr
    assert done.stdout or "1 stream, no findings" in done.stderr


def lists(*arguments: str, folder: Path) -> None:
    """A listing is printed, and what it comes to is said beside it."""
    save(folder)
    done = ssescope(*arguments, SSESCOPE_CAPTURES=str(folder))
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr.startswith("1 capture, ")


def exports(*arguments: str, folder: Path) -> None:
    """The newest capture is printed in another form, and what was replaced is said."""
    save(folder)
    done = ssescope(*arguments, SSESCOPE_CAPTURES=str(folder))
    assert done.returncode == 0
    assert done.stdout.startswith("curl ")
    assert "replaced nothing" in done.stderr


def resends(*arguments: str, folder: Path) -> None:
    """What would be sent again is printed, and nothing is sent."""
    asked(folder, "https://api.anthropic.com")
    done = ssescope(*arguments, SSESCOPE_CAPTURES=str(folder), ANTHROPIC_API_KEY="sk-ant-1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("POST https://api.anthropic.com/v1/messages")


def prunes(*arguments: str, folder: Path) -> None:
    """Old captures are shown, and nothing is removed yet."""
    capture = save(folder)
    os.utime(capture, (0, 0))
    done = ssescope(*arguments, SSESCOPE_CAPTURES=str(folder))
    assert done.returncode == 0
    assert capture.stem in done.stdout
    assert "with --yes" in done.stderr
    assert capture.exists()


def compares(*arguments: str, folder: Path) -> None:
    """Two saved bodies are compared."""
    for word in arguments[1:]:
        (folder / word).write_bytes(b"".join(answer(word)))
    done = ssescope(arguments[0], *(str(folder / word) for word in arguments[1:]))
    assert done.returncode == 1
    assert "first.sse" in done.stdout


def runs_around(*arguments: str, folder: Path) -> None:
    """The command runs with its base-URL variables set."""
    program = folder / "your_program.py"
    program.write_text("import os; print(os.environ['ANTHROPIC_BASE_URL'])")
    replaced = {"python": sys.executable, "your_program.py": str(program)}
    done = ssescope(
        *(replaced.get(word, word) for word in arguments), SSESCOPE_CAPTURES=str(folder / "new")
    )
    assert done.returncode == 0
    assert done.stdout.startswith("http://127.0.0.1:")


def runs_offline(*arguments: str, folder: Path) -> None:
    """The command runs with its base-URL variables leading to what was recorded."""
    save(folder / "captures")
    replaced = [str(folder / word) if word == "captures/" else word for word in arguments]
    runs_around(*replaced, folder=folder)


def needs_a_terminal(*arguments: str, folder: Path) -> None:
    """The inspector is known, and says what it needs; what it shows is tested beside it."""
    save(folder)
    done = ssescope(*arguments, SSESCOPE_CAPTURES=str(folder))
    assert done.returncode == 2
    assert "needs a terminal" in done.stderr


def serves_a_browser(*arguments: str, folder: Path) -> None:
    """The address is printed, and the command stops when it is told to."""
    save(folder)
    with running(*arguments, SSESCOPE_CAPTURES=str(folder)) as command:
        token = command.pasted()  # what stands behind the "=" of the address
        assert len(token) >= 32
        assert command.stop() == 0


def scrubs(*arguments: str, folder: Path) -> None:
    """Captures are copied into a folder of their own."""
    save(folder / "captures")
    done = ssescope(*(str(folder / word) if word.endswith("/") else word for word in arguments))
    assert (done.returncode, done.stderr) == (0, "")
    assert len(list((folder / "shared").iterdir())) == 1


def run_by_ci(*arguments: str, folder: Path) -> None:
    """The continuous integration takes this line out of the README and runs it."""
    del arguments, folder
    assert "readme_command" in (ROOT / ".ci/run").read_text()


SET_UP = "python3 -m venv .venv && .venv/bin/pip install -q"

HOW_COMMANDS_ARE_RUN: dict[str, Callable[..., None]] = {
    "ssescope proxy https://api.anthropic.com": serves,
    "ssescope watch https://api.anthropic.com": needs_a_terminal,
    "ssescope run -- python your_program.py": runs_around,
    "ssescope run --replay captures/ -- python your_program.py": runs_offline,
    "ssescope diff first.sse second.sse": compares,
    "ssescope inspect": needs_a_terminal,
    "ssescope inspect --keys": prints,
    "ssescope inspect --web": serves_a_browser,
    "ssescope ls": lists,
    "ssescope show": prints,
    "ssescope cat": prints,
    "ssescope explain": prints,
    "ssescope lint captures/": judges,
    "ssescope stats captures/": judges,
    "ssescope doctor": prints,
    "ssescope replay answer.sse --pace 30ms": serves,
    "ssescope replay captures/": serves,
    "ssescope replay captures/ --chunks code-point": serves,
    "ssescope replay captures/ --fault cut:event=5:reset --seed 1": serves,
    "ssescope replay captures/ --ignore-field 'messages.*.id' --ignore-field system": serves,
    "ssescope replay captures/ --max-gap 2s --first-byte 1.5s": serves,
    "ssescope replay captures/ --on-miss closest": serves,
    "ssescope replay captures/ --on-miss upstream --upstream https://api.anthropic.com": serves,
    "ssescope replay captures/ --speed 4": serves,
    "ssescope resend --dry-run": resends,
    "ssescope sandbox": serves,
    "ssescope faults": prints,
    "ssescope export --format curl --redact": exports,
    "ssescope prune --older-than 30d": prunes,
    "ssescope scrub captures/ --output shared/": scrubs,
    f"{SET_UP} . && .venv/bin/ssescope demo": run_by_ci,
    f"{SET_UP} -e '.[test]' && .venv/bin/pytest -n 4": run_by_ci,
}


@pytest.mark.parametrize(
    "command", sorted({line for document in DOCUMENTS for line in commands_in(document)})
)
def test_every_command_in_the_documents_runs(command: str, tmp_path: Path) -> None:
    words = shlex.split(command)
    HOW_COMMANDS_ARE_RUN[command](*words[1:], folder=tmp_path)


def test_every_command_of_the_program_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    for name in cli.commands:
        assert f"ssescope {name}" in readme, name


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_and_picture_leads_somewhere(document: Path) -> None:
    for target in LINK.findall(document.read_text()):
        assert (document.parent / target).exists(), target


def test_every_test_named_in_the_security_promises_exists() -> None:
    promises = (ROOT / "docs/security.md").read_text()
    named = re.findall(r"`(tests/[^`]+)`", promises)
    assert named
    for path in named:
        assert (ROOT / path).is_file(), path


def test_decisions_are_short() -> None:
    for decision in (ROOT / "docs/decisions").glob("*.md"):
        lines = [line for line in decision.read_text().splitlines() if line]
        assert len(lines) <= 12, decision.name
