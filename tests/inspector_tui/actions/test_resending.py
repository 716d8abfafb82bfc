from __future__ import annotations

from pathlib import Path

import pytest

from captures.loading import load
from captures.store import captures_in
from inspector_tui.actions.resending import told_plan
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import PROGRAM, inspecting
from tests.ssescope.keeping_upstream import BODY, asked, keeping_upstream

PLAN = {
    "method": "POST",
    "url": "https://api.anthropic.com/v1/\x1b]0;x\x07messages",
    "upstream": "https://api.anthropic.com",
    "bytes": 1234,
    "variables": ["ANTHROPIC_API_KEY"],
    "own_host": True,
    "left_out": ["cookie"],
}


def test_what_would_be_sent_is_told() -> None:
    assert [text for text, _ in told_plan(PLAN)] == [
        "POST https://api.anthropic.com/v1/\x1b]0;x\x07messages",
        "1,234 bytes of body as recorded, the key from $ANTHROPIC_API_KEY",
        "left out: cookie",
        "It may cost money. The answer is recorded as an exchange of its own.",
    ]
    strange = {**PLAN, "own_host": False, "upstream": "http://x.example", "left_out": []}
    assert "! This is not the provider's own host" in told_plan(strange)[2][0]
    assert "no key" in told_plan({**PLAN, "variables": []})[1][0]


async def test_a_request_is_sent_after_asking_alone_and_the_answer_is_an_exchange(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-canary-inspector")
    with keeping_upstream() as upstream:
        capture = asked(tmp_path / "captures", upstream.origin)
        async with inspecting(capture.parent, program=PROGRAM) as running:
            await running.press("R")
            await running.eventually(lambda: "Send this request again?" in running.text())
            assert "the key from $ANTHROPIC_API_KEY" in running.text()
            assert "! This is not the provider's own host" in running.text()
            await running.press("escape")
            assert upstream.requests == []
            await running.press("R")
            await running.eventually(lambda: "Enter sends it · Esc does not" in running.text())
            await running.press("enter")
            await running.eventually(lambda: "Answered: 200 complete" in running.told())
            await running.eventually(lambda: "2 exchanges" in running.rows()[0])
        (request,) = upstream.requests
        assert request.endswith(BODY)
        assert b"X-Api-Key: sk-canary-inspector" in request
    assert load(captures_in(capture.parent)[1]).request_body == BODY


async def test_without_its_key_or_its_upstream_nothing_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    async with inspecting(given.complete(tmp_path), program=PROGRAM) as running:
        await running.press("R")
        await running.eventually(lambda: "request body is incomplete" in running.told())
    capture = asked(tmp_path / "captures", "http://127.0.0.1:1")
    async with inspecting(capture, program=PROGRAM) as running:
        await running.press("R")
        await running.eventually(lambda: "set ANTHROPIC_API_KEY first" in running.told())
        assert running.app.screen is running.screen
