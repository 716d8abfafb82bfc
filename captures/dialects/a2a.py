"""The dialect of the Agent2Agent protocol, https://a2a-protocol.org/latest/specification/.

Events about one task: the task itself, its status, its artifacts in chunks; or a single message.
Up to 0.3 each is a JSON-RPC response whose result names its ``kind``, and the last one is
``final``. Since 1.0 the name of the member tells the kind, states are written in capitals, and
the stream ends when the task comes to rest; over HTTP+JSON there is no envelope around it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from captures.dialects.answer import Answer
from captures.dialects.answer_dialect import AnswerDialect
from captures.dialects.base import Event, EventKind
from captures.dialects.payload import error_from, json_text, mapping, mappings, parsed, string
from captures.findings.a2a import (
    A2A_APPENDED_TO_NOTHING,
    A2A_FINAL_AT_WORK,
    A2A_OTHER_TASK,
    A2A_RULES,
    A2A_STOPPED,
    A2A_WAITS,
)
from captures.growing_text import GrowingText
from captures.message import Message, OtherPart
from captures.sse import Frame

KIND_OF_MEMBER = {
    "task": "task",
    "message": "message",
    "statusUpdate": "status-update",
    "artifactUpdate": "artifact-update",
}
"""What the members of 1.0 are called in the ``kind`` of 0.3."""

REQUIRED_FIELDS = {
    "task": "status",
    "message": "parts",
    "status-update": "status",
    "artifact-update": "artifact",
}
"""A field that tells each from whatever else has a member of that name."""

TERMINAL_STATES = frozenset({"completed", "failed", "canceled", "rejected"})
WAITING_STATES = frozenset({"input-required", "auth-required"})


def recognises(frame: Frame) -> bool:
    """Whether an event has the shape of this dialect: a task, a message or news of a task."""
    payload = parsed(frame.data)
    return payload is not None and _content(payload) is not None


class A2ADialect(AnswerDialect):
    """Folds the events of one task."""

    name = "a2a"
    rules = A2A_RULES
    stop_reason_name = "final state"
    due = ("final state",)

    def __init__(self) -> None:
        super().__init__()
        self._state = ""
        self._artifacts: set[str] = set()

    @property
    def complete(self) -> bool:
        """Whether the task has come to rest, or a message stands in its place."""
        return bool(self.ended) or state_name(self._state) in TERMINAL_STATES | WAITING_STATES

    @property
    def missing(self) -> tuple[str, ...]:
        """The final state, while the task is going on."""
        return () if self.may_end else self.due

    def handle(self, frame: Frame, payload: dict[str, Any]) -> Event:
        """Takes an event by its kind."""
        if payload.get("error"):
            return self.fail(frame, payload["error"])
        found = _content(payload)
        if found is None:
            return self.other(frame, frame.event)
        kind, content = found
        self._check_task(kind, content)
        match kind:
            case "message":
                if not self._state:
                    # "If the agent returns a Message, the stream MUST contain exactly one."
                    self.ended = kind
                return _shown(frame, kind, _take_message(self.answer, content))
            case "artifact-update":
                return self._artifact(frame, kind, content)
            case "task":
                for artifact in mappings(content, "artifacts"):
                    self._artifacts.add(string(artifact, "artifactId"))
                    _take_artifact(self.answer, artifact, append=False)
        return self._status(frame, kind, content)

    def _check_task(self, kind: str, content: dict[str, Any]) -> None:
        id_ = string(content, "id" if kind == "task" else "taskId")
        if self.answer.id and id_ and id_ != self.answer.id:
            detail = f"{kind} of {id_} among those of {self.answer.id}"
            self.complaints.once(A2A_OTHER_TASK, detail)
        self.answer.id = self.answer.id or id_

    def _artifact(self, frame: Frame, kind: str, content: dict[str, Any]) -> Event:
        artifact = mapping(content, "artifact")
        id_, append = string(artifact, "artifactId"), content.get("append") is True
        if append and id_ not in self._artifacts:
            self.complaints.add(A2A_APPENDED_TO_NOTHING, f"artifact {id_}")
        self._artifacts.add(id_)
        return _shown(frame, kind, _take_artifact(self.answer, artifact, append))

    def _status(self, frame: Frame, kind: str, content: dict[str, Any]) -> Event:
        status = mapping(content, "status")
        self._state = string(status, "state")
        state = state_name(self._state)
        text = _take_message(self.answer, mapping(status, "message"))
        event = _shown(frame, kind, text) if text else self.structure(frame, kind, self._state)
        final = content.get("final")
        if state in TERMINAL_STATES | WAITING_STATES:
            event = replace(event, stop_reason=self._state)
            self._rest(state)
        elif final is True:
            self.complaints.once(A2A_FINAL_AT_WORK, f"its state is {self._state}")
        if final is True or (final is None and state in TERMINAL_STATES):
            ended = self.end(frame, kind, event.stop_reason)
            return event if text else replace(ended, text=self._state)
        return event

    def _rest(self, state: str) -> None:
        self.stop(self._state)
        if state == "rejected":
            self.complaints.once(A2A_STOPPED, f"{self.stop_reason_name} is {self._state}")
        if state in WAITING_STATES:
            self.complaints.once(A2A_WAITS, f"its state is {self._state}")


def state_name(word: str) -> str:
    """A state in the words of 0.3."""
    return word.removeprefix("TASK_STATE_").replace("_", "-").lower()


def whole_message(payload: Any) -> Message | None:
    """The message of an answer that was not streamed, or None if it is none."""
    found = _content(payload) if isinstance(payload, dict) else None
    if found is None or found[0] not in {"task", "message"}:
        return None
    kind, content = found
    answer = Answer()
    answer.id = string(content, "id") or string(content, "taskId")
    if kind == "message":
        _take_message(answer, content)
    for artifact in mappings(content, "artifacts"):
        _take_artifact(answer, artifact, append=False)
    status = mapping(content, "status")
    _take_message(answer, mapping(status, "message"))
    answer.stop_reason = string(status, "state") or None
    if isinstance(payload, dict) and payload.get("error"):
        answer.error = error_from(payload["error"])
    return answer.message()


def _content(payload: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """What an event tells of, and its kind; None if it is no event of this protocol."""
    result = mapping(payload, "result") if "jsonrpc" in payload else payload
    kind = string(result, "kind")
    if "jsonrpc" in payload and REQUIRED_FIELDS.get(kind) in result:
        return kind, result
    for member, kind in KIND_OF_MEMBER.items():
        content = mapping(result, member)
        if REQUIRED_FIELDS[kind] in content:
            return kind, content
    return None


def _take_message(answer: Answer, message: dict[str, Any]) -> str:
    """Takes the agent's words; those of the user stand in the history alone."""
    if not message:
        return ""
    key = ("message", string(message, "messageId"))
    answer.text(*key).text = GrowingText()
    return _take_parts(answer, key, message)


def _take_artifact(answer: Answer, artifact: dict[str, Any], append: bool) -> str:
    key = ("artifact", string(artifact, "artifactId"))
    if not append:
        answer.text(*key).text = GrowingText()
    return _take_parts(answer, key, artifact)


def _take_parts(answer: Answer, key: tuple[str, ...], holder: dict[str, Any]) -> str:
    pieces = []
    for part in mappings(holder, "parts"):
        if isinstance(part.get("text"), str):
            pieces.append(string(part, "text"))
            answer.text(*key).text.add(pieces[-1])
        else:
            names = ("data", "raw", "url", "file")
            type_ = string(part, "kind") or next((name for name in names if name in part), "part")
            answer.put(OtherPart(type_, json_text(part)))
    return "".join(pieces)


def _shown(frame: Frame, kind: str, text: str) -> Event:
    return Event(frame, EventKind.TEXT if text else EventKind.STRUCTURE, kind, text)
