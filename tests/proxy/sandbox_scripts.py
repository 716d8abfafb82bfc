"""Whole scenarios of the sandbox laid out in time, in one dialect of it."""

from __future__ import annotations

from functools import partial

import orjson

from proxy import sandbox_script
from proxy.sandbox_anthropic import AnthropicSandbox
from proxy.sandbox_dialect import Answer
from proxy.sandbox_scenarios import Scenario
from proxy.sandbox_script import Pace, Script

_ANTHROPIC = AnthropicSandbox()


def stream_script(scenario: Scenario, answer: Answer, pace: Pace) -> Script:
    """What is sent of a scenario that is streamed."""
    return sandbox_script.stream_script(
        _ANTHROPIC.events(scenario, answer),
        partial(_ANTHROPIC.error_frame, answer.number),
        scenario.ending,
        pace,
    )


def message_script(scenario: Scenario, answer: Answer, pace: Pace) -> Script:
    """What is sent of a scenario that is not streamed."""
    body = orjson.dumps(_ANTHROPIC.whole(scenario, answer))
    return sandbox_script.message_script(body, scenario.ending, pace)
