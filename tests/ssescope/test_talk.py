"""What a running server says on stderr."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from captures.loading import load
from captures.store import captures_in
from captures.verdict import verdict_of
from ssescope.talk import say
from tests.ssescope.asking import ask
from tests.ssescope.running import DEADLINE, environment, running


def test_a_line_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    say("words")
    assert capsys.readouterr() == ("", "words\n")


def test_a_proxy_whose_stderr_is_gone_forwards_and_records_as_before(tmp_path: Path) -> None:
    with running("sandbox", "--port", "0", "--seconds", "0") as sandbox:
        command = ["proxy", sandbox.pasted(), "--port", "0", "--captures", str(tmp_path)]
        with subprocess.Popen(
            [sys.executable, "-m", "ssescope", *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        ) as proxy:
            assert proxy.stdout is not None
            assert proxy.stderr is not None
            origin = proxy.stdout.readline().partition("=")[2].partition(" ")[0]
            proxy.stderr.close()
            for _ in range(3):
                assert ask(origin).endswith(b'data: {"type":"message_stop"}\n\n')
            proxy.terminate()
            assert proxy.wait(DEADLINE) == 0
    verdicts = {verdict_of(load(capture)).headline for capture in captures_in(tmp_path)}
    assert verdicts == {"complete · end_turn"}
