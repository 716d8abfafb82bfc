from __future__ import annotations

from pathlib import Path

import pytest

from captures.findings.network import RULES
from captures.findings.rule import Rule
from tests.captures.findings.pages import check_page


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.code))
def test_the_example_fires_it_and_the_twin_does_not(
    rule: Rule, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_page(rule, tmp_path, monkeypatch)
