"""An exchange that breaks each Responses rule, and a healthy twin."""

from __future__ import annotations

from collections.abc import Callable

from captures import findings
from captures.exchange import Exchange
from captures.findings import Rule
from tests.captures.by_hand import streamed
from tests.captures.openai_responses_stream import (
    HELLO,
    TOOL_USE,
    error,
    numbered,
    stopped_by,
)


def answered(pieces: list[bytes]) -> Exchange:
    return streamed(pieces, path="/v1/responses")


def healthy() -> Exchange:
    return answered(HELLO)


NUMBERED = numbered(HELLO)
NEVER_ADDED = [*HELLO[:2], *HELLO[3:]]

EXAMPLES: dict[Rule, tuple[Callable[[], Exchange], Callable[[], Exchange]]] = {
    findings.RESPONSE_ERROR: (lambda: answered([*HELLO[:4], error()]), healthy),
    findings.RESPONSE_NO_END: (lambda: answered(HELLO[:-1]), healthy),
    findings.RESPONSE_CUT_BY_LIMIT: (lambda: answered(stopped_by("max_output_tokens")), healthy),
    findings.RESPONSE_STOPPED: (lambda: answered(stopped_by("content_filter")), healthy),
    findings.RESPONSE_ARGUMENTS_INVALID: (
        lambda: answered([*TOOL_USE[:6], *TOOL_USE[7:]]),
        lambda: answered(TOOL_USE),
    ),
    findings.RESPONSE_AFTER_END: (lambda: answered([*HELLO, *HELLO]), healthy),
    findings.RESPONSE_SEQUENCE_GAP: (
        lambda: answered([*NUMBERED[:4], *NUMBERED[5:]]),
        lambda: answered(NUMBERED),
    ),
    findings.RESPONSE_ITEM_NEVER_ADDED: (
        lambda: answered(numbered(NEVER_ADDED)),
        lambda: answered(numbered(NEVER_ADDED, start=5)),
    ),
}
