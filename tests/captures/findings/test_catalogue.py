from __future__ import annotations

import re

from captures.findings.catalogue import FAMILIES, RULES
from captures.findings.rule import Level
from tests.captures.findings.pages import RULE_PAGES

FAMILY_NAMES = (
    "NET",
    "SSE",
    "ANT",
    "OAI",
    "RSP",
    "MCP",
    "A2A",
    "AGU",
    "VUI",
    "GIN",
    "GEM",
    "NDJ",
    "AWS",
    "COH",
    "OTH",
)


def test_codes_are_stable_words_and_each_stands_once() -> None:
    codes = [rule.code for rule in RULES]
    assert len(set(codes)) == len(codes)
    for family, name in zip(FAMILIES, FAMILY_NAMES, strict=True):
        assert all(re.fullmatch(name + r"\d{3}", rule.code) for rule in family)


def test_every_rule_has_its_page_and_every_page_its_rule() -> None:
    pages = {path.stem for path in RULE_PAGES.glob("*.md")} - {"README"}
    assert pages == {rule.code for rule in RULES}


def test_the_index_names_every_rule_with_its_level_and_title() -> None:
    index = (RULE_PAGES / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[(\S+)\]\((\S+)\) \| (\S+) \| (.+) \|$", index, re.MULTILINE)
    assert rows == [(rule.code, f"{rule.code}.md", rule.level.value, rule.title) for rule in RULES]


def test_the_index_explains_every_level() -> None:
    index = (RULE_PAGES / "README.md").read_text(encoding="utf-8")
    assert all(f"**{level.value}**" in index for level in Level)


def test_sentences_are_short_enough_for_a_line_of_a_terminal() -> None:
    for rule in RULES:
        assert len(rule.title) <= 90, rule.code
        assert len(rule.advice) <= 200, rule.code


def test_a_rule_stands_for_rules_that_there_are() -> None:
    codes = {rule.code for rule in RULES}
    for rule in RULES:
        assert rule.stands_for <= codes - {rule.code}
