from __future__ import annotations

import json

import pytest

from proxy.sandbox_scenarios import (
    DEFAULT_SCENARIO,
    SCENARIOS,
    Ending,
    Scenario,
    Text,
    ToolUse,
    choose_scenario,
    model_name,
)


def test_names_are_unique_and_descriptions_are_one_line() -> None:
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS)
    for scenario in SCENARIOS:
        assert scenario.description
        assert scenario.description.isprintable()


def test_every_ending_has_a_scenario() -> None:
    assert {scenario.ending for scenario in SCENARIOS} == set(Ending)


def test_an_error_says_nothing_and_everything_else_says_something() -> None:
    for scenario in SCENARIOS:
        assert bool(scenario.blocks) == (scenario.error is None), scenario.name


def test_the_default_text_is_a_short_paragraph_that_is_not_all_ascii() -> None:
    (block,) = DEFAULT_SCENARIO.blocks
    assert isinstance(block, Text)
    assert 60 <= len(block.text.split()) <= 90
    assert {"—", "é", "🌊"} <= set(block.text)
    assert "content_block_delta" in block.text
    assert "stop_reason comes in message_delta" in block.text


def test_tool_input_begins_with_an_empty_fragment_and_adds_up_to_an_object() -> None:
    calls = [b for scenario in SCENARIOS for b in scenario.blocks if isinstance(b, ToolUse)]
    assert len(calls) == 2
    for call in calls:
        assert call.fragments[0] == ""
        assert isinstance(json.loads("".join(call.fragments)), dict)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
@pytest.mark.parametrize(
    ("model", "prompt"),
    [
        ("{model}", ""),
        ("{name}", ""),
        ("claude-{MODEL}-20261021", "hello"),
        ("claude", "please: scenario: {name}."),
        ("claude", "SCENARIO:{MODEL}"),
        ("sandbox-refusal", "scenario: refusal\nscenario: {name}\nscenario: of another kind"),
    ],
)
def test_a_model_or_a_prompt_names_a_scenario(scenario: Scenario, model: str, prompt: str) -> None:
    names = {
        "name": scenario.name,
        "model": model_name(scenario),
        "MODEL": scenario.name.replace("_", "-").upper(),
    }
    assert choose_scenario(model.format(**names), prompt.format(**names)) is scenario


@pytest.mark.parametrize("model", ["claude-executor-4", "precut", "sandbox", "sandboxed", "x"])
def test_a_name_within_a_word_or_no_name_is_the_default(model: str) -> None:
    assert choose_scenario(model, "cut, refusal, scenario: unheard-of") is DEFAULT_SCENARIO


def test_a_sandbox_model_that_names_nothing_is_an_error_that_lists_the_models() -> None:
    with pytest.raises(LookupError, match=r"sandbox-mistyped .*sandbox-end-turn.*sandbox-cut,"):
        choose_scenario("sandbox-mistyped", "")
