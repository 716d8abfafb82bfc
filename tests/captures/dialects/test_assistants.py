from __future__ import annotations

import pytest

from captures.dialects.assistants import AssistantsDialect, recognises, whole_message
from captures.dialects.base import EventKind
from captures.findings.other_protocols import OTHER_CUT_BY_LIMIT, OTHER_ERROR, OTHER_STOPPED
from captures.findings.rule import Rule
from captures.message import Message, OtherPart, StreamError, Text, ToolCall, Usage
from tests.captures.answer_streams import RUN, named, run, typed
from tests.captures.dialects.folding import fold, frames, rules


def step_delta(**tool: object) -> bytes:
    details = {"type": "tool_calls", "tool_calls": [{"index": 0, **tool}]}
    return named("thread.run.step.delta", id="step_1", delta={"step_details": details})


CALL = [
    step_delta(type="function", id="call_1", function={"name": "weather", "arguments": '{"city":'}),
    step_delta(type="function", function={"arguments": '"Bern"}'}),
    run("requires_action"),
]


def test_events_say_what_they_are() -> None:
    events, complaints = fold(AssistantsDialect(), [*RUN[:5], *CALL])
    assert [(event.kind, event.type, event.text) for event in events] == [
        (EventKind.START, "thread.run.created", "made-up"),
        (EventKind.STRUCTURE, "thread.run.in_progress", "in_progress"),
        (EventKind.STRUCTURE, "thread.message.created", "in_progress"),
        (EventKind.TEXT, "thread.message.delta", "Hello, "),
        (EventKind.TEXT, "thread.message.delta", "wörld 👋"),
        (EventKind.TOOL, "thread.run.step.delta", '{"city":'),
        (EventKind.TOOL, "thread.run.step.delta", '"Bern"}'),
        (EventKind.TERMINAL, "thread.run.requires_action", ""),
    ]
    assert complaints == []


def test_message_adds_up() -> None:
    dialect = AssistantsDialect()
    fold(dialect, [*RUN[:5], *CALL[:2], *RUN[5:]])
    assert dialect.message() == Message(
        id="run_1",
        model="made-up",
        parts=(
            Text("Hello, wörld 👋"),
            ToolCall("call_1", "weather", '{"city":"Bern"}', finished=True),
        ),
        stop_reason="completed",
        usage=Usage(12, 30),
    )


def test_code_is_shown_as_it_comes_and_kept_with_its_results() -> None:
    code = {"input": "1 + 1", "outputs": []}
    tool = {"id": "call_1", "type": "code_interpreter", "code_interpreter": code}
    done = named("thread.run.step.completed", id="step_1", step_details={"tool_calls": [tool]})
    dialect = AssistantsDialect()
    events, complaints = fold(dialect, [step_delta(**tool), done, *RUN[-2:]])
    assert (events[0].kind, events[0].text) == (EventKind.TOOL, "1 + 1")
    [part] = dialect.message().parts
    assert isinstance(part, OtherPart)
    assert (part.type, complaints) == ("code_interpreter", [])


def test_an_image_is_another_part() -> None:
    image = {"index": 1, "type": "image_file", "image_file": {"file_id": "f"}}
    dialect = AssistantsDialect()
    fold(dialect, [named("thread.message.delta", id="msg_1", delta={"content": [image]})])
    [part] = dialect.message().parts
    assert isinstance(part, OtherPart)
    assert part.type == "image_file"


@pytest.mark.parametrize(
    ("last", "rule", "reason"),
    [
        (
            run("incomplete", incomplete_details={"reason": "max_completion_tokens"}),
            OTHER_CUT_BY_LIMIT,
            "max_completion_tokens",
        ),
        (run("cancelled"), OTHER_STOPPED, "cancelled"),
        (run("expired"), OTHER_STOPPED, "expired"),
        (run("failed", last_error={"code": "rate_limit", "message": "m"}), OTHER_ERROR, "failed"),
    ],
)
def test_a_run_that_did_not_complete_says_why(last: bytes, rule: Rule, reason: str) -> None:
    dialect = AssistantsDialect()
    _, complaints = fold(dialect, [*RUN[:5], last, RUN[-1]])
    assert rules([*complaints, *dialect.finish()]) == [rule]
    assert dialect.message().stop_reason == reason


def test_the_error_of_a_failed_run_is_the_error_of_the_stream() -> None:
    dialect = AssistantsDialect()
    fold(dialect, [run("failed", last_error={"code": "rate_limit", "message": "m"})])
    assert dialect.message().error == StreamError("rate_limit", "m")


def test_it_is_recognised_by_the_name_of_its_events() -> None:
    assert recognises(frames(RUN)[0])
    assert not recognises(frames([typed("message_start")])[0])


def test_whole_message_of_a_thread_is_read() -> None:
    content = [{"type": "text", "text": {"value": "a"}}, {"type": "image_url", "image_url": {}}]
    payload = {"object": "thread.message", "id": "msg_1", "status": "completed", "content": content}
    assert whole_message(payload) == Message(
        id="msg_1",
        parts=(Text("a"), OtherPart("image_url", '{"type":"image_url","image_url":{}}')),
        stop_reason="completed",
    )
    assert whole_message({"object": "thread.run"}) is None
