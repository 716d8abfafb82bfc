from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from captures.findings.openai_chat import CHAT_STOP_WITH_TOOL_CALLS
from captures.findings.rule import Finding
from captures.findings.sse import UNFINISHED_EVENT
from ssescope.lint_formats import FORMATS, Problem
from tests.ssescope.saved import HOSTILE

PLAIN = Problem("a/b.sse", Finding(UNFINISHED_EVENT, "12 bytes", 3, 400))
WHOLE = Problem("c.jsonl", Finding(CHAT_STOP_WITH_TOOL_CALLS, "f was called"))
NASTY = Problem(f"n,{HOSTILE}:%<&>\"'.sse", Finding(UNFINISHED_EVENT, f"{HOSTILE}\n%0A]]>&<\0"))


def test_text_is_a_line_a_finding_and_its_advice() -> None:
    assert FORMATS["text"]([PLAIN]).split("\n") == [
        f"a/b.sse: SSE001 error {UNFINISHED_EVENT.title} (event 3, byte 400): 12 bytes",
        f"    {UNFINISHED_EVENT.advice}",
        "",
    ]


def test_json_holds_every_field() -> None:
    (fields,) = json.loads(FORMATS["json"]([PLAIN]))
    assert fields["path"] == "a/b.sse"
    assert (fields["code"], fields["level"]) == ("SSE001", "error")
    assert (fields["event"], fields["offset"], fields["detail"]) == (3, 400, "12 bytes")


def test_sarif_points_every_result_to_its_rule() -> None:
    log = json.loads(FORMATS["sarif"]([PLAIN, WHOLE, PLAIN]))
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert log["version"] == "2.1.0"
    assert len(rules) == 2
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert [result["level"] for result in run["results"]] == ["error", "note", "error"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a/b.sse"
    assert place["region"]["byteOffset"] == 400
    assert "region" not in run["results"][1]["locations"][0]["physicalLocation"]


def test_junit_counts_failures_and_passes_without_any() -> None:
    suite = ElementTree.fromstring(FORMATS["junit"]([PLAIN, WHOLE]))  # noqa: S314
    assert (suite.get("tests"), suite.get("failures")) == ("2", "2")
    assert suite[0].get("name") == "SSE001 event 3, byte 400"
    passed = ElementTree.fromstring(FORMATS["junit"]([]))  # noqa: S314
    assert (passed.get("tests"), passed.get("failures"), len(passed)) == ("1", "0", 1)


def test_github_gets_one_command_a_finding() -> None:
    assert FORMATS["github"]([WHOLE]).startswith("::notice file=c.jsonl,title=OAI008::")
    (line,) = FORMATS["github"]([NASTY]).splitlines()
    head, _, message = line.removeprefix("::").partition("::")
    assert head.count(",") == 1
    assert "%250A" in message


@pytest.mark.parametrize("name", FORMATS)
def test_peer_text_neither_reaches_a_terminal_raw_nor_breaks_the_format(name: str) -> None:
    printed = FORMATS[name]([NASTY])
    for raw in ("\x1b", "\x07", "\u202e", "\x9b", "\0"):
        assert raw not in printed
    if name in {"json", "sarif"}:
        json.loads(printed)
    if name == "junit":
        ElementTree.fromstring(printed)  # noqa: S314
