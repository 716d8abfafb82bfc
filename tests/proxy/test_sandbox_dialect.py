"""What holds for every dialect of the sandbox: its answers are healthy by our own judgement."""

from __future__ import annotations

import json
from functools import partial

import orjson
import pytest

from captures.exchange import Exchange
from captures.records import Chunk, End, Ending, Head, Request, Tally
from captures.stop_reasons import StopKind
from proxy.sandbox import DIALECTS
from proxy.sandbox_dialect import Answer, SandboxDialect, pieces, request_id, token_count
from proxy.sandbox_scenarios import SCENARIOS, Scenario, Text, Thinking, ToolUse
from proxy.sandbox_scenarios import Ending as SandboxEnding
from proxy.sandbox_script import Pace, stream_script

ANSWER = Answer(number=7, model="sandbox-x", input_tokens=12, stop_sequence="END")
SPOKEN = [scenario for scenario in SCENARIOS if scenario.error is None]
NAMES = {
    path: path.replace("{call}", "sandbox-x:streamGenerateContent?alt=sse")
    for path, _ in DIALECTS
    if "{call}" in path
}

every_dialect = pytest.mark.parametrize(
    ("path", "dialect"), DIALECTS, ids=[path for path, _ in DIALECTS]
)
every_spoken = pytest.mark.parametrize("scenario", SPOKEN, ids=lambda scenario: scenario.name)


def recorded(path: str, pieces_: list[bytes]) -> Exchange:
    target = NAMES.get(path, path)
    exchange = Exchange(Request("x", "", "https://sandbox", "POST", target, "1.1", ()))
    exchange.feed(Head(1, 0.1, "1.1", 200, "OK", (("content-type", "text/event-stream"),)))
    for number, piece in enumerate(pieces_):
        exchange.feed(Chunk(number + 2, 0.2 + number / 100, piece))
    tally = Tally(0, "", 0)
    time = 0.2 + len(pieces_) / 100
    exchange.feed(End(9999, time, Ending.COMPLETE, "", tally, tally))
    return exchange


def streamed(path: str, dialect: SandboxDialect, scenario: Scenario) -> Exchange:
    script = stream_script(
        dialect.events(scenario, ANSWER), partial(dialect.error_frame, 7), scenario.ending, Pace()
    )
    return recorded(path, [step.chunk for step in script.steps])


@every_dialect
@every_spoken
def test_the_whole_answer_says_what_the_scenario_says(
    path: str, dialect: SandboxDialect, scenario: Scenario
) -> None:
    events = dialect.events(scenario, ANSWER)
    message = recorded(path, [event.frame for event in events]).message()
    told = "".join(block.text for block in scenario.blocks if isinstance(block, Text))
    assert message.text == told
    assert message.model == "sandbox-x"
    assert message.stop_reason is not None
    assert any(event.is_delta for event in events)
    assert not events[-1].is_delta or len(events) > 1
    if scenario.stop_reason == "max_tokens":
        assert message.stop_kind is StopKind.LIMIT


@every_dialect
@pytest.mark.parametrize("name", ["end_turn", "thinking", "tool_use"])
def test_a_healthy_answer_has_no_finding(path: str, dialect: SandboxDialect, name: str) -> None:
    (scenario,) = [scenario for scenario in SCENARIOS if scenario.name == name]
    exchange = streamed(path, dialect, scenario)
    assert [(finding.rule.code, finding.detail) for finding in exchange.findings] == []


@every_dialect
def test_an_error_in_the_stream_is_seen_as_one(path: str, dialect: SandboxDialect) -> None:
    (scenario,) = [each for each in SCENARIOS if each.ending is SandboxEnding.ERROR_EVENT]
    exchange = streamed(path, dialect, scenario)
    error = exchange.message().error
    assert error is not None
    assert error.message == "Overloaded"


@every_dialect
def test_a_whole_answer_and_an_error_are_json(path: str, dialect: SandboxDialect) -> None:
    del path
    for scenario in SPOKEN:
        assert json.loads(orjson.dumps(dialect.whole(scenario, ANSWER)))
    for status in (400, 401, 404, 429, 500, 529):
        assert dialect.error(status, "Sorry", 3)["error"]["message"] == "Sorry"


@every_dialect
@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"model": 1}', b"\xff", b'"x"'])
def test_what_is_no_request_is_refused_in_words(
    path: str, dialect: SandboxDialect, body: bytes
) -> None:
    with pytest.raises(ValueError, match=r"expected|not valid JSON"):
        dialect.parse(body, path)


def test_identifiers_tell_requests_apart() -> None:
    assert request_id(1) != request_id(2)


def test_a_block_is_counted_by_its_pieces() -> None:
    blocks = (Text("a b"), Thinking("c", "signed"), ToolUse("t", ("{", "}")))
    assert [len(pieces(block)) for block in blocks] == [2, 1, 2]
    assert token_count(blocks) == 5
