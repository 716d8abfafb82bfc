"""An exchange that breaks each Chat Completions rule, and a healthy twin."""

from __future__ import annotations

from collections.abc import Callable

from captures import findings
from captures.exchange import Exchange
from captures.findings import Rule
from tests.captures.by_hand import streamed
from tests.captures.openai_chat_stream import (
    DONE,
    HELLO,
    TOOL_USE,
    call,
    error,
    finish,
    stopped_by,
    usage,
)

PATH = "/v1/chat/completions"


def chat(pieces: list[bytes]) -> Exchange:
    return streamed(pieces, path=PATH)


def two_calls(second_index: int) -> Exchange:
    fragments = [call("{}", "a", id="1"), call("{}", "b", id="2", index=second_index)]
    return chat([*fragments, *TOOL_USE[-3:]])


EXAMPLES: dict[Rule, tuple[Callable[[], Exchange], Callable[[], Exchange]]] = {
    findings.CHAT_ERROR: (lambda: chat([*HELLO[:3], error(), DONE]), lambda: chat(HELLO)),
    findings.CHAT_NO_FINISH_REASON: (lambda: chat([*HELLO[:3], DONE]), lambda: chat(HELLO)),
    findings.CHAT_NO_END: (lambda: chat(HELLO[:3]), lambda: chat(HELLO[:4])),
    findings.CHAT_CUT_BY_LIMIT: (lambda: chat(stopped_by("length")), lambda: chat(HELLO)),
    findings.CHAT_STOPPED: (lambda: chat(stopped_by("content_filter")), lambda: chat(HELLO)),
    findings.CHAT_ARGUMENTS_INVALID: (
        lambda: chat([*TOOL_USE[:4], *TOOL_USE[5:]]),
        lambda: chat(TOOL_USE),
    ),
    findings.CHAT_AFTER_DONE: (lambda: chat([*HELLO, usage()]), lambda: chat(HELLO)),
    findings.CHAT_STOP_WITH_TOOL_CALLS: (
        lambda: chat([*TOOL_USE[:5], finish("stop"), DONE]),
        lambda: chat(TOOL_USE),
    ),
    findings.CHAT_EMPTY_FINISH_REASON: (
        lambda: chat([finish("", content="x"), *HELLO]),
        lambda: chat([finish(None, content="x"), *HELLO]),
    ),
    findings.CHAT_SECOND_CALL_ON_INDEX: (lambda: two_calls(0), lambda: two_calls(1)),
}
