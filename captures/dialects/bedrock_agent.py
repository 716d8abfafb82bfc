"""The dialect of an agent on Amazon Bedrock: chunks of text, and traces of how it came to them.

InvokeAgent and InvokeInlineAgent. Nothing in the stream says that it is whole.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from captures.dialects.base import Event
from captures.dialects.bedrock import BedrockDialect, failure
from captures.dialects.payload import json_text, mapping, mappings, parsed, string
from captures.findings.rule import Complaint
from captures.message import OtherPart
from captures.sse import Frame

EVENTS = frozenset({"trace", "returnControl", "files"})


def recognises(frame: Frame) -> bool:
    """Whether a message is one of an agent: a trace, or a chunk that is no model's JSON."""
    payload = parsed(frame.data)
    if frame.event in EVENTS:
        return payload is not None
    return frame.event == "chunk" and (payload is None or "attribution" in payload)


class AgentDialect(BedrockDialect):
    """Folds the events of one answer."""

    name = "bedrock.agent"
    stop_reason_name = "stop_reason"
    due = ()

    def handle(self, frame: Frame, payload: dict[str, Any]) -> Event:
        """Takes an event by its type."""
        if frame.is_error:
            return self.fail(frame, failure(frame), frame.event)
        if frame.event == "chunk":
            return self._chunk(frame, payload)
        if frame.event in {"returnControl", "files"}:
            self.answer.put(OtherPart(frame.event, json_text(payload)))
        return self.other(frame, frame.event)

    def handle_text(self, frame: Frame) -> Event:
        """A chunk of text."""
        if frame.event == "chunk" and not frame.is_error:
            return self.text(frame, frame.event, frame.data)
        return super().handle_text(frame)

    def finish(self) -> tuple[Complaint, ...]:
        """Nothing says that an answer is whole, so nothing can be missing."""
        return ()

    @property
    def may_end(self) -> bool:
        """A clean end is all that the stream can tell."""
        return True

    def _chunk(self, frame: Frame, payload: dict[str, Any]) -> Event:
        if "attribution" not in payload:
            return self.text(frame, frame.event, frame.data)
        try:
            text = base64.b64decode(string(payload, "bytes"), validate=True).decode(
                "utf-8", "replace"
            )
        except (ValueError, binascii.Error):
            return self.other(frame, frame.event)
        citations = mappings(mapping(payload, "attribution"), "citations")
        self.answer.text().citations.extend(map(json_text, citations))
        return self.text(frame, frame.event, text)
