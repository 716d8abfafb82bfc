from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.dialects.a2a import A2ADialect, recognises, state_name, whole_message
from captures.dialects.base import EventKind
from captures.findings.a2a import (
    A2A_AFTER_END,
    A2A_APPENDED_TO_NOTHING,
    A2A_ERROR,
    A2A_FINAL_AT_WORK,
    A2A_NO_END,
    A2A_OTHER_TASK,
    A2A_STOPPED,
    A2A_WAITS,
)
from captures.findings.rule import Rule
from captures.message import Message, OtherPart, StreamError, Text
from tests.captures.a2a_stream import (
    ANSWER,
    ANSWER_1_0,
    chunk,
    error,
    event,
    message,
    reply,
    status,
    status_1_0,
    task,
    text,
)
from tests.captures.dialects.folding import fold, frames, rules
from tests.captures.mcp_stream import CALL
from tests.captures.strategies import payloads


def folded(pieces: list[bytes]) -> A2ADialect:
    dialect = A2ADialect()
    fold(dialect, pieces)
    return dialect


def all_rules(pieces: list[bytes]) -> list[Rule]:
    dialect = A2ADialect()
    _, complaints = fold(dialect, pieces)
    return rules([*complaints, *dialect.finish()])


def bare(found: list[dict[str, Any]]) -> list[bytes]:
    return [event(payload) for payload in found]


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(ANSWER, id="0.3"),
        pytest.param([reply(**payload) for payload in ANSWER_1_0], id="1.0 over JSON-RPC"),
        pytest.param(bare(ANSWER_1_0), id="1.0 over HTTP+JSON"),
        pytest.param([*ANSWER[:-1], status("completed")], id="completed without final"),
        pytest.param([task("completed")], id="a task that is done at once"),
        pytest.param([reply(**message(text("Hello")))], id="a message alone"),
        pytest.param([*ANSWER[1:]], id="resubscribed after the task"),
    ],
)
def test_healthy_stream_raises_no_complaint(pieces: list[bytes]) -> None:
    assert all_rules(pieces) == []
    assert folded(pieces).may_end
    assert folded(pieces).missing == ()


@pytest.mark.parametrize(
    ("rule", "pieces"),
    [
        (A2A_ERROR, [*ANSWER[:2], error()]),
        (A2A_NO_END, ANSWER[:-1]),
        (A2A_NO_END, bare(ANSWER_1_0[:-1])),
        (A2A_STOPPED, [*ANSWER[:2], status("failed", final=True)]),
        (A2A_STOPPED, [*ANSWER[:2], status("canceled"), status("canceled", final=True)]),
        (A2A_STOPPED, [*ANSWER[:2], status("rejected", final=True)]),
        (A2A_STOPPED, bare([*ANSWER_1_0[:2], status_1_0("FAILED")])),
        (A2A_STOPPED, bare([*ANSWER_1_0[:2], status_1_0("REJECTED")])),
        (A2A_AFTER_END, [*ANSWER, ANSWER[1]]),
        (A2A_AFTER_END, bare([*ANSWER_1_0, ANSWER_1_0[3]])),
        (A2A_AFTER_END, [reply(**message(text("Hello")))] * 3),
        (A2A_APPENDED_TO_NOTHING, [*ANSWER[:2], *ANSWER[3:]]),
        (A2A_OTHER_TASK, [*ANSWER[:2], status("working", taskId="task_2"), *ANSWER[2:]]),
        (A2A_WAITS, [*ANSWER[:2], status("input-required", final=True)]),
        (A2A_WAITS, bare([*ANSWER_1_0[:2], status_1_0("AUTH_REQUIRED")])),
        (A2A_FINAL_AT_WORK, [*ANSWER[:2], status("working", final=True)]),
    ],
)
def test_rule_is_broken_once(rule: Rule, pieces: list[bytes]) -> None:
    assert all_rules(pieces) == [rule]


def test_events_say_what_they_are() -> None:
    events, _ = fold(A2ADialect(), [*ANSWER[:4], status("completed", final=True, words="Done.")])
    assert [(event.kind, event.type, event.text, event.stop_reason) for event in events] == [
        (EventKind.STRUCTURE, "task", "submitted", None),
        (EventKind.STRUCTURE, "status-update", "working", None),
        (EventKind.TEXT, "artifact-update", "Hello, ", None),
        (EventKind.TEXT, "artifact-update", "wörld 👋", None),
        (EventKind.TEXT, "status-update", "Done.", "completed"),
    ]
    last, _ = fold(A2ADialect(), ANSWER[-1:])
    assert (last[0].kind, last[0].text) == (EventKind.TERMINAL, "completed")


def test_message_is_what_the_agent_said_and_made() -> None:
    pieces = [
        ANSWER[0],
        status("working", words="Searching"),
        *ANSWER[2:4],
        status("completed", final=True, words="Done."),
    ]
    assert folded(pieces).message() == Message(
        id="task_1",
        parts=(Text("Searching"), Text("Hello, wörld 👋"), Text("Done.")),
        stop_reason="completed",
    )


def test_an_artifact_that_comes_anew_takes_the_place_of_the_last_one() -> None:
    pieces = [chunk("draft", append=False), chunk("whole", append=False), chunk("!", append=True)]
    assert folded(pieces).message().parts == (Text("whole!"),)


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ({"kind": "data", "data": {"a": 1}}, OtherPart("data", '{"kind":"data","data":{"a":1}}')),
        ({"url": "u", "mediaType": "m"}, OtherPart("url", '{"url":"u","mediaType":"m"}')),
        ({"kind": "text", "text": 1}, OtherPart("text", '{"kind":"text","text":1}')),
        ({}, OtherPart("part", "{}")),
    ],
)
def test_files_and_data_are_other_parts(part: dict[str, Any], found: OtherPart) -> None:
    assert folded([reply(**message(part))]).message().parts == (found,)


def test_a_task_brings_its_artifacts() -> None:
    artifacts = [{"artifactId": "a1", "parts": [text("Hello, ")]}]
    pieces = [task("working", artifacts=artifacts), *ANSWER[3:]]
    assert all_rules(pieces) == []
    assert folded(pieces).message().parts == (Text("Hello, wörld 👋"),)


def test_a_waiting_task_may_go_on_or_end() -> None:
    dialect = folded([*ANSWER[:2], status("input-required")])
    assert dialect.may_end
    assert not dialect.finished
    assert all_rules([*ANSWER[:2], status("input-required"), *ANSWER[1:]]) == [A2A_WAITS]


def test_error_has_its_code() -> None:
    assert folded([*ANSWER[:2], error()]).message().error == StreamError("-32001", "Task not found")


@pytest.mark.parametrize(
    ("pieces", "position", "missing"),
    [
        ([], "before the first event", ("final state",)),
        (ANSWER[:2], "before the first token", ("final state",)),
        (ANSWER[:4], "in the text", ("final state",)),
        (ANSWER, "after status-update", ()),
        ([error()], "after the error", ()),
    ],
)
def test_it_knows_where_it_stands(
    pieces: list[bytes], position: str, missing: tuple[str, ...]
) -> None:
    dialect = folded(pieces)
    assert (dialect.position, dialect.missing) == (position, missing)


@pytest.mark.parametrize(
    ("piece", "recognised"),
    [
        (ANSWER[0], True),
        (ANSWER[1], True),
        (reply(**message(text("a"))), True),
        (event(ANSWER_1_0[0]), True),
        (event(ANSWER_1_0[1]), True),
        (reply(**ANSWER_1_0[2]), True),
        (CALL[0], False),
        (CALL[3], False),
        (event({"task": "a"}), False),
        (event({"kind": "task", "status": {}}), False),
        (event({"message": {"role": "assistant"}}), False),
        (reply(kind=["task"], status={}), False),
        (error(), False),
    ],
)
def test_it_is_recognised_by_its_shape(piece: bytes, recognised: bool) -> None:
    assert recognises(frames([piece])[0]) is recognised


def test_states_of_both_versions_are_the_same() -> None:
    assert state_name("TASK_STATE_INPUT_REQUIRED") == state_name("input-required")


def test_whole_answers_are_read() -> None:
    done = {"state": "completed", "message": message(text("Done."))}
    of_task = {
        "kind": "task",
        "id": "task_1",
        "status": done,
        "artifacts": [{"artifactId": "a", "parts": [text("b")]}],
    }
    assert whole_message({"jsonrpc": "2.0", "id": 1, "result": of_task}) == Message(
        id="task_1", parts=(Text("b"), Text("Done.")), stop_reason="completed"
    )
    assert whole_message({"message": {"messageId": "m", "parts": [{"text": "a"}]}}) == Message(
        parts=(Text("a"),)
    )
    assert whole_message(ANSWER_1_0[1]) is None
    assert whole_message({"jsonrpc": "2.0", "id": 1, "result": {"tools": []}}) is None


NAMES = st.sampled_from(["kind", "status", "artifact", "parts", "task", "message", "append"])


@given(
    st.lists(st.dictionaries(NAMES, payloads, max_size=4), max_size=4),
    st.sampled_from(["task", "message", "status-update", "artifact-update"]),
)
def test_any_payloads_fold(found: list[dict[str, object]], kind: str) -> None:
    pieces = [reply(**{**payload, "kind": kind}) for payload in found]
    dialect = folded([*pieces, *bare(found)])
    dialect.finish()
    assert dialect.position
    assert dialect.message().parts is not None
