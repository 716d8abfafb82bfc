from __future__ import annotations

from captures.findings.rule import Finding, Level, Rule

RULE = Rule("SSE999", Level.INFO, "something", "Do something.")


def test_a_rule_holds_its_own_behind_a_gap_unless_it_says_otherwise() -> None:
    assert not RULE.may_be_a_gap


def test_a_finding_may_speak_of_the_whole_exchange() -> None:
    finding = Finding(RULE, "it happened")
    assert (finding.event, finding.offset) == (None, None)
