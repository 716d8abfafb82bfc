from __future__ import annotations

from dataclasses import replace

from captures.findings.rule import (
    Complaint,
    Finding,
    Level,
    Rule,
    explained_by,
    root_causes,
)

RULE = Rule("SSE999", Level.INFO, "something", "Do something.")


def test_a_rule_holds_its_own_behind_a_gap_unless_it_says_otherwise() -> None:
    assert not RULE.may_be_a_gap


def test_a_finding_may_speak_of_the_whole_exchange() -> None:
    finding = Finding(RULE, "it happened")
    assert (finding.event, finding.offset) == (None, None)


def test_a_cause_is_told_and_what_it_stands_for_is_not() -> None:
    cause = Complaint(replace(RULE, code="SSE998", stands_for=frozenset({"SSE999"})), "why")
    effect = Complaint(RULE, "what")

    assert explained_by((effect,)) == frozenset()
    assert explained_by((effect, cause)) == {"SSE999"}
    assert root_causes((effect, cause)) == (cause,)
    assert root_causes((effect,)) == (effect,)
