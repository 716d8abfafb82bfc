from __future__ import annotations

import json
from pathlib import Path

import pytest

from captures.findings.anthropic import NO_MESSAGE_STOP, NO_STOP_REASON
from captures.findings.network import HTTP_ERROR
from captures.findings.openai_chat import CHAT_STOP_WITH_TOOL_CALLS
from captures.findings.rule import Finding, Rule
from captures.findings.sse import UNFINISHED_EVENT
from ssescope.exits import Exit
from ssescope.lint import Selection, failed
from tests.ssescope.running import ssescope
from tests.ssescope.saved import answer, save

CUT = answer()[:4]


@pytest.mark.parametrize(
    ("selection", "taken"),
    [
        (Selection(), True),
        (Selection(select=("ANT",)), True),
        (Selection(select=("ANT003",)), True),
        (Selection(select=("SSE", "OAI")), False),
        (Selection(ignore=("ANT",)), False),
        (Selection(ignore=("SSE",)), True),
        (Selection(select=("ANT",), ignore=("ANT003",)), False),
        (Selection(select=("ANT003",), ignore=("ANT",)), True),
        (Selection(select=("ANT003",), ignore=("ANT003",)), False),
    ],
)
def test_the_longer_beginning_of_a_code_decides(selection: Selection, taken: bool) -> None:
    assert NO_MESSAGE_STOP.code == "ANT003"
    assert selection.takes(NO_MESSAGE_STOP) is taken


@pytest.mark.parametrize(
    ("rule", "fail_on", "code"),
    [
        (HTTP_ERROR, "error", Exit.FINDINGS),
        (HTTP_ERROR, "info", Exit.FINDINGS),
        (HTTP_ERROR, "never", Exit.FINE),
        (CHAT_STOP_WITH_TOOL_CALLS, "warning", Exit.FINE),
        (CHAT_STOP_WITH_TOOL_CALLS, "info", Exit.FINDINGS),
    ],
)
def test_a_finding_fails_at_its_level_and_below(rule: Rule, fail_on: str, code: Exit) -> None:
    assert failed([Finding(rule, "found")], fail_on) is code
    assert failed([], fail_on) is Exit.FINE


def test_many_captures_are_judged_at_once(tmp_path: Path) -> None:
    save(tmp_path)
    bad = save(tmp_path, CUT)
    done = ssescope("lint", str(tmp_path))
    assert done.returncode == 1
    assert f"{bad}: {NO_STOP_REASON.code} error" in done.stdout
    assert done.stdout.count(str(bad)) == 1
    assert done.stderr == "2 streams, 1 finding: 1 error\n"


def test_healthy_streams_are_code_0_and_print_nothing(tmp_path: Path) -> None:
    save(tmp_path)
    done = ssescope("lint", "--captures", str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "1 stream, no findings\n")


def test_rules_can_be_chosen(tmp_path: Path) -> None:
    save(tmp_path, CUT)
    ignored = ssescope("lint", str(tmp_path), "--ignore", "ANT")
    assert (ignored.returncode, ignored.stdout) == (0, "")
    selected = ssescope("lint", str(tmp_path), "--select", "ANT002", "--json")
    assert selected.returncode == 1
    assert [problem["code"] for problem in json.loads(selected.stdout)] == ["ANT002"]


def test_a_misspelt_code_is_code_2_and_names_the_families(tmp_path: Path) -> None:
    failed_ = ssescope("lint", str(tmp_path), "--ignore", "ANTX")
    assert (failed_.returncode, failed_.stdout) == (2, "")
    assert "'ANTX'" in failed_.stderr
    assert "NET, SSE, ANT" in failed_.stderr


def test_a_saved_body_is_judged_too(tmp_path: Path) -> None:
    body = tmp_path / "stream.sse"
    body.write_bytes(b"".join(answer())[:-1])
    done = ssescope("lint", str(body), "--fail-on", "never", "--select", "SSE")
    assert done.returncode == 0
    assert f"{body}: {UNFINISHED_EVENT.code} error" in done.stdout


def test_what_cannot_be_read_is_code_5_and_one_line(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text("nothing\n")
    done = ssescope("lint", str(tmp_path))
    assert done.returncode == 5
    assert done.stderr.count("\n") == 2
    assert "is not a capture" in done.stderr
