from __future__ import annotations

import json

from captures.message import Message, Refusal, Text, ToolCall, Usage
from captures.message_fields import message_fields


def test_a_message_is_told_with_its_parts_and_its_further_choices() -> None:
    call = ToolCall("toolu_1", "weather", '{"city": 1}', True)
    other = Message(parts=(Refusal("No."),))
    message = Message(
        id="msg_1",
        model="m",
        parts=(Text("Hi"), call),
        stop_reason="tool_use",
        usage=Usage(input_tokens=3),
        alternatives=(other,),
    )
    fields = json.loads(json.dumps(message_fields(message)))
    assert [part["part"] for part in fields["parts"]] == ["text", "toolcall"]
    assert fields["parts"][1]["arguments"] == '{"city": 1}'
    assert fields["usage"]["input_tokens"] == 3
    assert fields["error"] is None
    assert fields["alternatives"][0]["parts"] == [{"part": "refusal", "text": "No."}]
