"""An output item of the OpenAI Responses API as it grows, is told whole, and is told once more.

What an item says comes up to four times: in deltas, in the ``.done`` of its text, in
output_item.done and in the response of the terminal event. The latest whole text stands, as in
OpenAI's own client; where it differs from what was streamed the item says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from captures.dialects.payload import json_text, mapping, mappings, parsed, string
from captures.growing_text import GrowingText
from captures.message import OtherPart, Part, Refusal, Text, Thinking, ToolCall

DONE_FIELDS = {
    "output_text": "text",
    "refusal": "refusal",
    "reasoning_text": "text",
    "reasoning_summary_text": "text",
    "function_call_arguments": "arguments",
    "mcp_call_arguments": "arguments",
    "custom_tool_call_input": "input",
    "code_interpreter_call_code": "code",
    "apply_patch_call_operation_diff": "diff",
    "shell_call_command": "command",
}
"""Each family of events that streams a text: the field of its ``.done`` that has it whole."""

_CONTENT_FAMILIES = {
    "output_text": "output_text",
    "text": "output_text",
    "refusal": "refusal",
    "reasoning_text": "reasoning_text",
    "summary_text": "reasoning_summary_text",
}
"""Type of a whole piece of content: the family that streams it."""

_CALL_FAMILIES = {
    "function_call": ("function_call_arguments", "arguments"),
    "mcp_call": ("mcp_call_arguments", "arguments"),
    "custom_tool_call": ("custom_tool_call_input", "input"),
}
"""Type of a call: the family that streams its arguments, and the field that has them whole."""

_ITEM_TYPES = {
    "output_text": "message",
    "refusal": "message",
    "reasoning_text": "reasoning",
    "reasoning_summary_text": "reasoning",
    "code_interpreter_call_code": "code_interpreter_call",
    "apply_patch_call_operation_diff": "apply_patch_call",
    "shell_call_command": "shell_call",
    "shell_call_output_content": "shell_call_output",
    **{family: type_ for type_, (family, _) in _CALL_FAMILIES.items()},
}
"""What an item is whose start was lost."""


@dataclass(slots=True)
class Item:
    """An output item under construction."""

    type: str
    id: str = ""
    call_id: str = ""
    name: str = ""
    whole: str = ""
    """The item as it was told last, as JSON text and without its images."""
    result: str = ""
    """What a tool that the server ran gave back, as JSON text."""
    texts: dict[tuple[str, int], GrowingText] = field(default_factory=dict)
    """Text by event family and index within the item, in order of appearance."""
    citations: dict[int, list[str]] = field(default_factory=dict)
    """Sources by index of the content that names them, each as JSON text."""
    added_parts: set[int] = field(default_factory=set)
    """Indexes of the content parts that were added."""
    finished: bool = False

    def add(self, family: str, index: int, text: str) -> None:
        """Adds a delta."""
        self.texts.setdefault((family, index), GrowingText()).add(text)

    def settle(self, family: str, index: int, text: str) -> str:
        """Takes a text that was told whole; says how it differs from what was streamed, if so."""
        growing = self.texts.get((family, index))
        streamed = growing.text if growing else ""
        if text and text != streamed:
            self.texts[family, index] = GrowingText(text)
        return _difference(family, streamed, text)

    def add_part(self, index: int, part: dict[str, Any]) -> None:
        """Opens a piece of content."""
        self.added_parts.add(index)
        family = _CONTENT_FAMILIES.get(string(part, "type"))
        if family is not None:
            self.add(family, index, _text_of(part))

    def take_part(self, index: int, part: dict[str, Any]) -> str:
        """Takes a whole piece of content; says how it differs from what was streamed, if so."""
        self.added_parts.add(index)
        family = _CONTENT_FAMILIES.get(string(part, "type"))
        if family is None:
            return ""
        self._cite(index, part)
        return self.settle(family, index, _text_of(part))

    def take(self, fields: dict[str, Any]) -> list[str]:
        """Takes the whole item; says what in it differs from what was streamed."""
        self.type = string(fields, "type") or self.type
        self.id = string(fields, "id") or self.id
        self.call_id = string(fields, "call_id") or self.call_id
        self.name = string(fields, "name") or self.name
        self.whole = json_text(_without_images(fields))
        if fields.get("output") or fields.get("error"):
            found = {name: fields.get(name) for name in ("output", "error") if fields.get(name)}
            self.result = json_text(found)
        if self.type in _CALL_FAMILIES:
            family, name = _CALL_FAMILIES[self.type]
            differences = [self.settle(family, 0, string(fields, name))] if name in fields else []
        elif self.type in {"message", "reasoning"}:
            differences = self._take_content(fields)
        else:
            differences = self._take_details(fields)
        return [difference for difference in differences if difference]

    def _take_content(self, fields: dict[str, Any]) -> list[str]:
        """Vendors number streamed content differently than they list it: the family decides."""
        listed: dict[str, dict[int, str]] = {}
        for name in ("summary", "content"):
            for index, entry in enumerate(mappings(fields, name)):
                family = _CONTENT_FAMILIES.get(string(entry, "type"))
                if family is not None:
                    listed.setdefault(family, {})[index] = _text_of(entry)
                    self._cite(index, entry)
        differences = []
        for family, texts in listed.items():
            known = [key for key in self.texts if key[0] == family]
            streamed = "".join(self.texts[key].text for key in known)
            whole = "".join(texts.values())
            differences.append(_difference(family, streamed, whole))
            if known and whole in {"", streamed}:
                continue
            for key in known:
                del self.texts[key]
            for index, text in texts.items():
                self.add(family, index, text)
        return differences

    def _take_details(self, fields: dict[str, Any]) -> list[str]:
        """What else is streamed of an item that has no text of its own."""
        differences = []
        if isinstance(fields.get("code"), str):
            differences.append(self.settle("code_interpreter_call_code", 0, fields["code"]))
        operation = mapping(fields, "operation")
        if isinstance(operation.get("diff"), str):
            diff = operation["diff"]
            differences.append(self.settle("apply_patch_call_operation_diff", 0, diff))
        commands = mapping(fields, "action").get("commands")
        if self.type == "shell_call" and isinstance(commands, list):
            differences += [
                self.settle("shell_call_command", index, command)
                for index, command in enumerate(commands)
                if isinstance(command, str)
            ]
        return differences

    def _cite(self, index: int, part: dict[str, Any]) -> None:
        annotations = mappings(part, "annotations")
        if annotations:
            self.citations[index] = [json_text(annotation) for annotation in annotations]

    def parts(self) -> list[Part]:
        """What the item comes to."""
        if self.type in _CALL_FAMILIES:
            call: list[Part] = [self.call()]
            if self.result and self.type == "mcp_call":
                call.append(OtherPart("mcp_call output", self.result))
            return call
        if self.type in {"message", "reasoning"}:
            found = [
                self._text_part(family, index, growing.text)
                for (family, index), growing in self.texts.items()
            ]
            sealed = self.type == "reasoning" and '"encrypted_content":"' in self.whole
            return found or ([OtherPart(self.type, self.whole)] if sealed else [])
        return [OtherPart(self.type, self.whole if self.finished else self._so_far())]

    def call(self) -> ToolCall:
        """The tool call. The free text of a custom tool stands as a JSON text."""
        arguments = "".join(growing.text for growing in self.texts.values())
        if self.type == "custom_tool_call":
            arguments = json_text(arguments) if arguments else ""
        return ToolCall(self.call_id or self.id, self.name, arguments, self.finished)

    def _text_part(self, family: str, index: int, text: str) -> Part:
        if family == "output_text":
            return Text(text, tuple(self.citations.get(index, ())))
        if family.startswith("reasoning"):
            return Thinking(text)
        return Refusal(text) if family == "refusal" else OtherPart(family, json_text(text))

    def _so_far(self) -> str:
        """An unfinished item with what was streamed of it."""
        streamed: dict[str, list[str]] = {}
        for (family, _), growing in self.texts.items():
            streamed.setdefault(DONE_FIELDS.get(family, family), []).append(growing.text)
        found = {name: texts[0] if len(texts) == 1 else texts for name, texts in streamed.items()}
        return json_text((parsed(self.whole) or {}) | found)


def item_of(family: str) -> Item:
    """An item that begins with an event of this family, because its own start never came."""
    return Item(_ITEM_TYPES.get(family, family or "unknown"))


def _text_of(part: dict[str, Any]) -> str:
    return string(part, "refusal") or string(part, "text")


def _difference(family: str, streamed: str, whole: str) -> str:
    """How a whole text differs from its deltas; a text of which none came cannot differ."""
    if streamed in {"", whole}:
        return ""
    return f"{family}: {len(streamed):,} characters were streamed, the whole has {len(whole):,}"


def _without_images(fields: dict[str, Any]) -> dict[str, Any]:
    """An image is in its event already; a second copy would cost megabytes."""
    result = fields.get("result")
    if string(fields, "type") != "image_generation_call" or not isinstance(result, str):
        return fields
    return fields | {"result": f"{len(result):,} characters of base64, see the event"}
