from __future__ import annotations

import json
from pathlib import Path

from captures.plain_body import exchange_of_body
from captures.records import Ending
from ssescope.explain import explained
from tests.captures.anthropic_stream import HELLO, TOOL_USE
from tests.captures.by_hand import streamed
from tests.ssescope.running import ssescope
from tests.ssescope.saved import HOSTILE, answer, save


def told(lines: list[str], topic: str) -> str:
    (line,) = [line for line in lines if line.startswith(topic)]
    return line


def test_it_tells_what_happened_in_about_ten_lines() -> None:
    lines = list(explained(streamed(TOOL_USE)))
    assert 8 <= len(lines) <= 12
    assert not [line for line in lines if line.startswith("Client")]
    assert "complete · tool_use" in told(lines, "Verdict")
    assert "POST /v1/messages at https://api.example.com" in told(lines, "Request")
    assert "HTTP 200 OK, anthropic.messages" in told(lines, "Answer")
    assert "the head after 0.500 s" in told(lines, "Times")
    assert f"{len(TOOL_USE)} events in {len(TOOL_USE)} chunks" in told(lines, "Chunks")
    assert "arguments that are valid JSON" in told(lines, "Message")
    assert "tool_use" in told(lines, "Stop")
    assert told(lines, "Findings") == "Findings: none"


def test_it_names_the_findings_and_counts_the_rest() -> None:
    broken = [*HELLO, *[b"data: not JSON\n\n"] * 5]
    lines = list(explained(streamed(broken)))
    assert sum(line.startswith("Finding ") for line in lines) == 3
    assert lines[-1].startswith("And ")


def test_it_says_that_a_saved_body_has_no_times() -> None:
    lines = list(explained(exchange_of_body("a.sse", "text/event-stream", [b"".join(HELLO[:3])])))
    assert told(lines, "Times") == "Times: none were recorded"
    assert "saved without its request" in told(lines, "Source")
    assert not [line for line in lines if line.startswith(("Pace", "Connection"))]


def test_it_tells_where_the_client_went() -> None:
    lines = list(explained(streamed(HELLO[:4], Ending.CLIENT_LEFT)))
    assert "missed stop_reason" in told(lines, "Client")


def test_it_tells_of_an_exchange_without_an_answer() -> None:
    lines = list(explained(streamed([], Ending.UPSTREAM_RESET, "reset by peer")))
    assert "upstream reset (reset by peer)" in told(lines, "Connection")
    assert told(lines, "Message") == "Message: nothing"


def test_the_command_ends_its_sentences_and_obeys_fail_on(tmp_path: Path) -> None:
    save(tmp_path, answer(HOSTILE)[:3])
    done = ssescope("explain", "--captures", str(tmp_path))
    assert done.returncode == 0
    assert all(line.endswith(".") for line in done.stdout.strip().split("\n"))
    assert not {"\x1b", "\x07", "\u202e"} & set(done.stdout)
    done = ssescope("explain", "--json", "--fail-on", "error", "--captures", str(tmp_path))
    assert done.returncode == 1
    assert json.loads(done.stdout)["findings"]
