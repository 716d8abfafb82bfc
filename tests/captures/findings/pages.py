"""The pages of docs/rules/: a rule each, with an example that fires it and a mended twin.

An example is a block of one of these kinds. ``sse PATH``, ``ndjson PATH`` and ``json PATH`` hold
a body that ended well; PATH is the request path. ``escaped PATH`` holds that of an event stream
too, with line ends and all that is invisible written out, such as ``\\r`` and ``\\ufeff``: the line
breaks of the block itself are not part of it. ``eventstream PATH`` holds the messages of an AWS
event stream, a line each: the event type and its payload, behind ``!`` that of an exception, behind
``chunk`` the model's native payload. ``capture`` holds the lines of a capture file, for what a body
alone does not show: times, chunks, how it ended.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from captures import grammar, grammar_checks, sse
from captures.dialects import mcp
from captures.exchange import Exchange
from captures.findings.rule import Rule
from captures.loading import load
from tests.captures import aws_messages
from tests.captures.by_hand import streamed

RULE_PAGES = Path(__file__).parents[3] / "docs" / "rules"
SMALL_EVENT_SIZE = 1000
"""Stands for the real limit of an event, which would make an example of 32 MiB."""
SMALL_LINE_SIZE = 900
"""Stands for the real limit of a line, 64 KiB."""
SMALL_MCP_EVENT_SIZE = 600
"""Stands for the limit of an event that clients of MCP have, 16 MiB."""

_HEADING = re.compile(r"# (\S+) · (\S+) · (.+)")
_BLOCK = re.compile(
    r"^```(sse|ndjson|json|escaped|eventstream|capture)(?: (\S+))?\n(.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_CONTENT_TYPES = {
    "sse": "text/event-stream",
    "ndjson": "application/x-ndjson",
    "json": "application/json",
    "eventstream": "application/vnd.amazon.eventstream",
}
_ESCAPE = re.compile(rb"\\(\\|n|r|x[0-9a-f]{2}|u[0-9a-f]{4})")


@dataclass(frozen=True)
class Page:
    """One page of docs/rules/."""

    heading: tuple[str, str, str]
    """Code, level and title."""
    explanation: str
    fires: str
    does_not: str


def page_of(rule: Rule) -> Page:
    """The page of a rule."""
    text = (RULE_PAGES / f"{rule.code}.md").read_text(encoding="utf-8")
    heading = _HEADING.match(text)
    assert heading is not None, "the page begins with: # CODE · level · title"
    before, found, rest = text.partition("\n## Fires\n")
    assert found, "the page has no section: Fires"
    fires, found, does_not = rest.partition("\n## Does not\n")
    assert found, "the page has no section: Does not"
    return Page((heading[1], heading[2], heading[3]), before, fires, does_not)


def example_in(section: str, folder: Path) -> Exchange:
    """The exchange that a section of a page shows."""
    block = _BLOCK.search(section)
    assert block is not None, "the section has no block that is an example"
    kind, path, text = block.groups()
    if kind in _CONTENT_TYPES:
        body = _messages(text) if kind == "eventstream" else text.encode()
        return streamed([body], path=path, headers=(("content-type", _CONTENT_TYPES[kind]),))
    if kind == "escaped":
        return streamed([unescaped(text)], path=path)
    file = folder / "example.jsonl"
    file.write_text(text, encoding="utf-8")
    return load(file)


def unescaped(text: str) -> bytes:
    """The body that an ``escaped`` block stands for."""

    def meant(found: re.Match[bytes]) -> bytes:
        kind, digits = found[1][:1], found[1][1:]
        if kind == b"u":
            return chr(int(digits, 16)).encode()
        return (
            bytes([int(digits, 16)]) if kind == b"x" else {b"n": b"\n", b"r": b"\r"}.get(kind, kind)
        )

    return _ESCAPE.sub(meant, text.replace("\n", "").encode())


def _messages(text: str) -> bytes:
    """The messages of an AWS event stream."""
    body = b""
    for line in text.splitlines():
        event, _, payload = line.partition(" ")
        if event.startswith("!"):
            body += aws_messages.exception(event[1:], json.loads(payload)["message"])
        elif event == "chunk":
            body += aws_messages.wrapped(payload)
        else:
            body += aws_messages.message(event, payload.encode())
    return body


def check_page(
    rule: Rule, folder: Path, monkeypatch: pytest.MonkeyPatch, also: frozenset[Rule] = frozenset()
) -> None:
    """A page says what its rule says, its first example fires it alone, its second nothing.

    Args:
        rule: the rule.
        folder: an empty folder.
        monkeypatch: makes events and lines too long that are over the small sizes above.
        also: what else the first example cannot help to fire.
    """
    monkeypatch.setattr(sse, "MAX_FRAME_SIZE", SMALL_EVENT_SIZE)
    for module in (grammar, grammar_checks):
        monkeypatch.setattr(module, "MAX_LINE_SIZE", SMALL_LINE_SIZE)
    monkeypatch.setattr(mcp, "MAX_CLIENT_EVENT_SIZE", SMALL_MCP_EVENT_SIZE)
    page = page_of(rule)
    assert page.heading == (rule.code, rule.level.value, rule.title)
    assert rule.advice in page.explanation
    assert len(page.explanation.split()) > 25
    found = example_in(page.fires, folder).findings
    assert rule in {finding.rule for finding in found}
    assert {finding.rule for finding in found} <= {rule, *also}
    assert all(finding.detail and "\n" not in finding.detail for finding in found)
    assert example_in(page.does_not, folder).findings == []
