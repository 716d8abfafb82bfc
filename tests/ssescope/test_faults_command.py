from __future__ import annotations

import json
from pathlib import Path

import pytest

from captures.faults.catalogue import FAULTS
from captures.loading import load
from captures.store import captures_in
from captures.verdict import verdict_of
from tests.ssescope.asking import ask
from tests.ssescope.running import running, ssescope


def test_every_fault_is_listed_with_a_line_and_an_example() -> None:
    shown = ssescope("faults")
    assert (shown.returncode, shown.stderr) == (0, "")
    for fault in FAULTS:
        assert fault.does in shown.stdout
        assert f"--fault '{fault.example}'" in shown.stdout
    rows = json.loads(ssescope("faults", "--json").stdout)
    assert [row["name"] for row in rows] == [fault.name for fault in FAULTS]


@pytest.mark.parametrize(
    ("text", "said"),
    [("nonsense", "no fault is called 'nonsense'"), ("stall", "stall needs event=N")],
)
def test_a_fault_that_cannot_be_understood_is_code_2(text: str, said: str) -> None:
    for command in (("proxy", "https://api.example.com"), ("run",)):
        failed = ssescope(*command, "--fault", text, *(["--", "true"] if "run" in command else []))
        assert (failed.returncode, failed.stdout) == (2, "")
        assert said in failed.stderr


def test_a_proxy_that_harms_says_so_and_its_captures_are_judged_by_it(tmp_path: Path) -> None:
    with running("sandbox", "--port", "0", "--seconds", "0") as sandbox:
        upstream = sandbox.pasted()
        folder = tmp_path / "c"
        arguments = ("--port", "0", "--captures", str(folder), "--fault", "drop-terminal")
        with running("proxy", upstream, *arguments) as proxy:
            origin = proxy.pasted()
            proxy.wait_for("HARMING every answer: drop-terminal (seed 0)")
            assert b"message_stop" not in ask(origin).rpartition(b"event:")[2]
            assert proxy.stop() == 0
    (capture,) = captures_in(folder)
    assert "no message_stop" in verdict_of(load(capture)).headline
