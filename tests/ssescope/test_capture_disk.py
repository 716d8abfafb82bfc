"""The proxy as a user runs it, on a disk that fails or does not answer."""

from __future__ import annotations

import errno
import socket
import time
from http.client import IncompleteRead
from pathlib import Path

import pytest

from captures.loading import load
from captures.records import Gap, Note
from captures.store import captures_in, read
from captures.writer import CLOSE_SECONDS
from tests.ssescope.asking import ask, asked
from tests.ssescope.running import DEADLINE, running

DISK_IN_TROUBLE = """
import os, threading, time
from pathlib import Path
write, trouble = os.write, Path(os.environ["TROUBLE"])

def attempt(descriptor, data):
    while threading.current_thread().name == "captures" and trouble.exists():
        number = int(trouble.read_text())
        if number:
            raise OSError(number, os.strerror(number))
        time.sleep(0.01)
    return write(descriptor, data)

os.write = attempt
from ssescope.cli import main; main()
"""
"""Writes of the captures fail while there is a file, with the error it names; 0 hangs."""
HANGS = "0"


@pytest.fixture
def trouble(tmp_path: Path) -> Path:
    return tmp_path / "trouble"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "captures"


def proxy_of(folder: Path, *more: str) -> tuple[str, ...]:
    """The arguments of a proxy in front of the upstream that comes first."""
    return ("proxy", *more, "--port", "0", "--captures", str(folder))


def test_f79_stopped_while_the_disk_hangs_it_ends_in_time_and_counts(
    folder: Path, trouble: Path
) -> None:
    with running("sandbox", "--port", "0", "--seconds", "0") as sandbox:
        arguments = proxy_of(folder, sandbox.pasted())
        with running(*arguments, code=DISK_IN_TROUBLE, TROUBLE=str(trouble)) as proxy:
            origin = proxy.pasted()
            trouble.write_text(HANGS)
            assert ask(origin).endswith(b'data: {"type":"message_stop"}\n\n')
            proxy.wait_for("disk slow")
            stopped = time.monotonic()
            assert proxy.stop() == 6
            assert time.monotonic() - stopped < 2 * CLOSE_SECONDS
    talk = "".join(proxy.talk)
    assert "CAPTURE INCOMPLETE" in talk
    assert "were still waiting for a disk that does not answer" in talk
    assert "Traceback" not in talk


@pytest.mark.parametrize("policy", ["drop", "block"])
def test_f66_full_disk_is_told_while_it_lasts_and_streams_go_on(
    folder: Path, trouble: Path, policy: str
) -> None:
    with running("sandbox", "--port", "0", "--seconds", "0") as sandbox:
        arguments = proxy_of(folder, sandbox.pasted(), "--capture-policy", policy)
        with running(*arguments, code=DISK_IN_TROUBLE, TROUBLE=str(trouble)) as proxy:
            origin = proxy.pasted()
            trouble.write_text(str(errno.ENOSPC))
            answer = ask(origin)
            proxy.wait_for("CAPTURE INCOMPLETE")
            trouble.unlink()
            assert len(ask(origin)) == len(answer)
            assert proxy.stop() == 6
    lost, whole = (load(path) for path in captures_in(folder))
    assert [gap.why.rpartition(": ")[2] for gap in lost.gaps] == ["No space left on device"] * len(
        lost.gaps
    )
    assert lost.gaps
    assert whole.gaps == []
    assert lost.end is not None
    assert lost.end.client.size == len(answer)
    assert sum("No space left" in line for line in proxy.talk) >= 1


def test_strict_policy_cuts_the_streams_and_ends_at_the_first_loss(
    folder: Path, trouble: Path
) -> None:
    with running("sandbox", "--port", "0", "--seconds", "600") as sandbox:
        arguments = proxy_of(folder, sandbox.pasted(), "--capture-policy", "strict")
        with running(*arguments, code=DISK_IN_TROUBLE, TROUBLE=str(trouble)) as proxy:
            origin = proxy.pasted()
            with asked(origin, "sandbox-stall") as response:
                assert response.readline()
                trouble.write_text(str(errno.ENOSPC))
                with asked(origin, "sandbox-stall") as lost:
                    for cut in (response, lost):
                        with pytest.raises((IncompleteRead, ConnectionError)):
                            cut.read()
            assert proxy.process.wait(DEADLINE) == 6
            with pytest.raises(OSError, match="refused"):
                socket.create_connection(("127.0.0.1", int(origin.rpartition(":")[2])))
    assert "cut 2 running streams" in "".join(proxy.talk)


def test_f76_quota_stops_recording_and_not_the_traffic(folder: Path) -> None:
    with running("sandbox", "--port", "0", "--seconds", "0") as sandbox:
        arguments = proxy_of(folder, sandbox.pasted(), "--max-capture", "1K")
        with running(*arguments) as proxy:
            origin = proxy.pasted()
            answers = {len(ask(origin)) for _ in range(20)}
            assert len(answers) == 1
            proxy.wait_for("CAPTURE INCOMPLETE")
            assert proxy.stop() == 6
    assert 1 <= len(captures_in(folder)) < 20
    assert "the quota of 1,024 bytes for captures is reached" in "".join(proxy.talk)
    for path in captures_in(folder):
        for record in read(path):
            assert not isinstance(record, Gap | Note) or "quota" in str(record)
