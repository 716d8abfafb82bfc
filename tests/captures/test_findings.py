from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from captures import findings, sse
from captures.exchange import Exchange
from captures.findings import RULES, Level, Rule
from captures.records import Chunk, Damage, Ending, Gap
from captures.sse import MAX_FRAME_SIZE
from tests.captures import openai_chat_examples, openai_responses_examples
from tests.captures.anthropic_stream import (
    HELLO,
    MESSAGE_STOP,
    TOOL_USE,
    arguments,
    block_stop,
    error,
    message_delta,
    message_start,
    stopped_by,
    text,
    tool_start,
)
from tests.captures.by_hand import EVENT_STREAM, a_head, an_end, chunks, exchange_of, streamed

DOCUMENT = Path(__file__).parents[2] / "docs" / "findings.md"
SMALL_LIMIT = 1000


def interrupted(*, really: bool) -> Exchange:
    exchange = exchange_of([a_head(), *chunks(HELLO)])
    if really:
        exchange.interrupt()
    else:
        exchange.feed(an_end())
    return exchange


def answered(status: int) -> Exchange:
    return exchange_of([a_head(status), *chunks(HELLO), an_end()])


def encoded(coding: str) -> Exchange:
    return streamed(HELLO, headers=(*EVENT_STREAM, ("content-encoding", coding)))


def call_of(*json_texts: str) -> Exchange:
    pieces = [arguments(0, json_text) for json_text in json_texts]
    return streamed(
        [message_start(), tool_start(0), *pieces, block_stop(0), message_delta(), MESSAGE_STOP]
    )


def with_record(record: Gap | Damage | Chunk) -> Exchange:
    return exchange_of([a_head(), *chunks(HELLO[:4]), record, *chunks(HELLO[5:]), an_end()])


def healthy() -> Exchange:
    return streamed(HELLO)


EXAMPLES: dict[Rule, tuple[Callable[[], Exchange], Callable[[], Exchange]]] = {
    findings.UPSTREAM_BROKE: (
        lambda: streamed(HELLO[:4], Ending.UPSTREAM_TRUNCATED),
        lambda: streamed(HELLO, Ending.UPSTREAM_TRUNCATED),
    ),
    findings.CLIENT_LEFT_EARLY: (
        lambda: streamed(HELLO[:-1], Ending.CLIENT_LEFT),
        lambda: streamed(HELLO, Ending.CLIENT_LEFT),
    ),
    findings.NOT_ANSWERED: (lambda: exchange_of([an_end(Ending.UPSTREAM_REFUSED)]), healthy),
    findings.BYTES_NOT_KEPT: (
        lambda: with_record(Gap(5, 2.0, 5, 5, len(HELLO[4]), "queue full")),
        lambda: with_record(Chunk(5, 2.0, HELLO[4])),
    ),
    findings.RECORDER_STOPPED: (
        lambda: interrupted(really=True),
        lambda: interrupted(really=False),
    ),
    findings.CAPTURE_DAMAGED: (
        lambda: with_record(Damage(6, 120, "not JSON")),
        lambda: with_record(Chunk(5, 2.0, HELLO[4])),
    ),
    findings.HTTP_ERROR: (lambda: answered(529), lambda: answered(200)),
    findings.NOT_INFLATED: (lambda: encoded("gzip"), lambda: encoded("identity")),
    findings.UNFINISHED_EVENT: (
        lambda: streamed([*HELLO, b"data: {}\n"]),
        lambda: streamed([*HELLO, b"data: {}\n\n", b": bye\n"]),
    ),
    findings.OVERSIZED_EVENT: (
        lambda: streamed([*HELLO[:4], text(0, "x" * SMALL_LIMIT), *HELLO[4:]]),
        lambda: streamed([*HELLO[:4], text(0, "x" * (SMALL_LIMIT // 2)), *HELLO[4:]]),
    ),
    findings.DATA_NOT_JSON: (
        lambda: streamed([*HELLO, b"data: done\n\n"]),
        lambda: streamed([*HELLO, b"data: [DONE]\n\n"]),
    ),
    findings.IN_BAND_ERROR: (lambda: streamed([*HELLO[:4], error()]), healthy),
    findings.NO_STOP_REASON: (lambda: streamed([*HELLO[:-2], MESSAGE_STOP]), healthy),
    findings.NO_MESSAGE_STOP: (lambda: streamed(HELLO[:-1]), healthy),
    findings.CUT_BY_LIMIT: (lambda: streamed(stopped_by("max_tokens")), healthy),
    findings.OUT_OF_ORDER: (lambda: streamed([HELLO[0], *HELLO]), healthy),
    findings.TOOL_ARGUMENTS_INVALID: (
        lambda: call_of('{"city": "Par'),
        lambda: call_of('{"city": "Par', 'is"}'),
    ),
    **openai_chat_examples.EXAMPLES,
    **openai_responses_examples.EXAMPLES,
}


@pytest.fixture(autouse=True)
def _small_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_FRAME_SIZE > SMALL_LIMIT
    monkeypatch.setattr(sse, "MAX_FRAME_SIZE", SMALL_LIMIT)


def test_every_rule_has_an_example() -> None:
    assert list(EXAMPLES) == list(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.code))
def test_rule_is_found_alone_and_not_in_its_healthy_twin(rule: Rule) -> None:
    example, twin = EXAMPLES[rule]

    found = {finding.rule for finding in example().findings}
    allowed = {findings.NO_STOP_REASON, findings.NO_MESSAGE_STOP}
    assert rule in found
    assert found - {rule} <= (allowed if rule is findings.UPSTREAM_BROKE else set())
    assert twin().findings == []


@pytest.mark.parametrize("pieces", [HELLO, TOOL_USE, stopped_by("refusal")])
def test_healthy_stream_gets_no_finding(pieces: list[bytes]) -> None:
    assert streamed(pieces).findings == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.code))
def test_rule_says_what_it_found(rule: Rule) -> None:
    example, _ = EXAMPLES[rule]

    for finding in example().findings:
        assert finding.detail
        assert "\n" not in finding.detail


def test_codes_are_stable_words_and_each_stands_once() -> None:
    codes = [rule.code for rule in RULES]

    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"(NET|SSE|ANT|OAI|RSP)\d{3}", code) for code in codes)


class TestDocument:
    def test_it_names_every_rule_with_its_level_and_title_and_nothing_else(self) -> None:
        document = DOCUMENT.read_text(encoding="utf-8")

        sections = re.findall(r"^## (\S+) · (\S+) · (.+)$", document, re.MULTILINE)

        assert sections == [(rule.code, rule.level.value, rule.title) for rule in RULES]
        assert document.count("\n## ") == len(RULES)

    def test_every_section_explains_itself_with_an_example(self) -> None:
        _, *sections = DOCUMENT.read_text(encoding="utf-8").split("\n## ")

        for section in sections:
            explanation, example, *_ = section.partition("\n")[2].split("```")
            assert len(explanation.split()) > 15
            assert len(example.strip()) > 20

    def test_it_explains_every_level(self) -> None:
        introduction = DOCUMENT.read_text(encoding="utf-8").partition("\n## ")[0]

        assert all(f"**{level.value}**" in introduction for level in Level)
