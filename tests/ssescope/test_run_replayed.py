"""``ssescope run --replay`` around real programs with real SDKs, without a network."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from captures.loading import load
from captures.store import captures_in
from captures.verdict import verdict_of
from proxy.replay_exchange import AnsweredBy, Told
from ssescope.run_replayed import MOST_LINES, Asked
from tests.proxy.recorded import Recorded, write_captures
from tests.ssescope.running import running, ssescope
from tests.ssescope.saved import answer, save

ASKS_TWO_PROVIDERS = """
import sys, anthropic, openai
question = [{"role": "user", "content": sys.argv[1]}]
with anthropic.Anthropic(api_key="sk-ant-api03-made-up").messages.stream(
    model="sandbox-end-turn", max_tokens=9, messages=question
) as stream:
    print(stream.get_final_message().model_dump_json(include={"content", "stop_reason"}))
with openai.OpenAI(api_key="sk-made-up").chat.completions.create(
    model="sandbox-tool-use", messages=question, stream=True
) as chunks:
    print([chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1])
sys.exit(3)
"""


def asked(*options: str, question: str = "hi", **extra: str) -> subprocess.CompletedProcess[str]:
    program = (sys.executable, "-c", ASKS_TWO_PROVIDERS, question)
    return ssescope("run", *options, "--", *program, **extra)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Captures of a program that asks two providers, and what it printed."""
    folder = tmp_path_factory.mktemp("recorded") / "captures"
    with running("sandbox", "--port", "0", "--seconds", "0") as sandbox:
        origin = sandbox.pasted()
        variables = {"ANTHROPIC_BASE_URL": origin, "OPENAI_BASE_URL": f"{origin}/v1"}
        done = asked("--captures", str(folder), **variables)
    assert done.returncode == 3, done.stderr
    return folder, done.stdout


def test_two_providers_in_one_process_are_two_exchanges_with_their_verdicts(
    recorded: tuple[Path, str],
) -> None:
    folder, _ = recorded
    told = [(load(c).request.path, verdict_of(load(c)).headline) for c in captures_in(folder)]
    assert told == [
        ("/v1/messages", "complete · end_turn"),
        ("/v1/chat/completions", "complete · tool_calls"),
    ]


def test_an_unmodified_program_runs_offline_and_prints_the_same(
    recorded: tuple[Path, str],
) -> None:
    folder, printed = recorded
    done = asked("--replay", str(folder), "--speed", "max")
    assert (done.returncode, done.stdout) == (3, printed)
    summary = done.stderr.splitlines()
    assert summary[0] == "ssescope: 2 requests answered from captures"
    assert summary[1].startswith("  ✓ POST /v1/messages: ")
    assert summary[2].startswith("  ✓ POST /v1/chat/completions: ")
    assert len(captures_in(folder)) == 2


ASKS = """
import os, sys, urllib.error, urllib.request
question = urllib.request.Request(
    os.environ["ANTHROPIC_BASE_URL"] + sys.argv[1], b"{}", {"content-type": "application/json"}
)
try:
    print(urllib.request.urlopen(question).read().decode())
except urllib.error.HTTPError as error:
    sys.exit(error.code % 256)
"""


def test_its_answers_can_be_harmed_and_a_miss_is_told(tmp_path: Path) -> None:
    body = b"".join(answer()).decode()
    write_captures(tmp_path, Recorded(answer(), target="/v1/messages"))
    around = ("run", "--replay", str(tmp_path), "--speed", "max")
    program = ("--", sys.executable, "-c", ASKS)
    harmed = ssescope(*around, "--fault", "comments", *program, "/v1/messages")
    assert harmed.stdout == body.replace("\n\n", "\n\n: keep-alive\n\n") + "\n"
    assert "HARMING every answer: comments (seed 0)" in harmed.stderr
    missed = ssescope(*around, *program, "/v1/messages?beta=true")
    assert missed.returncode == 404 % 256
    assert "ssescope: 0 requests answered from captures, 1 not recorded" in missed.stderr
    assert "  - POST /v1/messages?beta=true: not recorded; " in missed.stderr
    closest = ssescope(*around, "--on-miss", "closest", *program, "/v1/messages?beta=true")
    assert (closest.returncode, closest.stdout) == (0, body + "\n")


def test_captures_of_no_use_and_options_that_do_not_fit_are_one_line(tmp_path: Path) -> None:
    for options, code, said in (
        (("--replay", str(tmp_path / "missing")), 5, "no such file or folder"),
        (("--replay", str(save(tmp_path)), "--tui"), 2, "--replay records nothing"),
        (("--replay", str(save(tmp_path)), "--captures", "c"), 2, "--replay records nothing"),
        (("--speed", "max"), 2, "name its captures with --replay PATH"),
        (("--replay", str(save(tmp_path)), "--env-var", "X"), 2, "expected NAME=URL"),
    ):
        done = ssescope("run", *options, "--", "true")
        assert (done.returncode, done.stdout) == (code, ""), done.stderr
        assert said in done.stderr
        assert "Traceback" not in done.stderr


def test_a_stream_without_a_request_answers_too_and_nothing_asked_is_told(tmp_path: Path) -> None:
    (tmp_path / "answer.sse").write_bytes(b"".join(answer()))
    done = ssescope("run", "--replay", str(tmp_path / "answer.sse"), "--", "true")
    assert done.returncode == 0
    assert "nothing was asked of the replay" in done.stderr


def test_of_many_requests_the_newest_are_told_and_all_counted() -> None:
    told = Asked()
    told.add(Told("a file was left out"))
    for number in range(MOST_LINES + 5):
        told.add(Told(f"POST /{number}", AnsweredBy.CAPTURE))
    told.add(Told("POST /missed", AnsweredBy.NOBODY))
    head, more, *lines = told.summary_lines()
    assert head == f"ssescope: {MOST_LINES + 5} requests answered from captures, 1 not recorded"
    assert more == f"  … the last {MOST_LINES} of them:"
    assert (len(lines), lines[-1]) == (MOST_LINES, "  - POST /missed")
