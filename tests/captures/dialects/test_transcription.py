from __future__ import annotations

from captures.dialects.base import EventKind
from captures.dialects.transcription import TranscriptionDialect, recognises, whole_message
from captures.message import Message, OtherPart, Text, Usage
from tests.captures.answer_streams import data, typed
from tests.captures.dialects.folding import fold, frames

USAGE = {"type": "tokens", "input_tokens": 12, "output_tokens": 30}
DONE = data(type="transcript.text.done", text="Hello, you", usage=USAGE)
SEGMENT = data(type="transcript.text.segment", text=" Hello, you", speaker="A")


def test_deltas_add_up_and_the_last_event_repeats_them() -> None:
    dialect = TranscriptionDialect()
    pieces = [data(type="transcript.text.delta", delta=text) for text in ("Hello, ", "you")]
    fold(dialect, [*pieces, DONE])
    assert dialect.message() == Message(parts=(Text("Hello, you"),), usage=Usage(12, 30))


def test_segments_keep_their_speakers() -> None:
    dialect = TranscriptionDialect()
    events, _ = fold(dialect, [SEGMENT, DONE])
    assert (events[0].kind, events[0].text) == (EventKind.TEXT, " Hello, you")
    assert (events[1].kind, events[1].text) == (EventKind.TERMINAL, "30 output tokens")
    segment, text = dialect.message().parts
    assert isinstance(segment, OtherPart)
    assert '"speaker":"A"' in segment.content
    assert text == Text("Hello, you")


def test_it_is_recognised_by_its_type() -> None:
    assert recognises(frames([SEGMENT])[0])
    assert not recognises(frames([typed("text-delta")])[0])


def test_whole_transcription_is_read() -> None:
    assert whole_message({"text": "a", "usage": USAGE}) == Message(
        parts=(Text("a"),), usage=Usage(12, 30)
    )
    assert whole_message({"text": "a", "duration": 2.5}) == Message(parts=(Text("a"),))
    assert whole_message({"text": "a"}) is None
    assert whole_message({"text": ["a"], "usage": USAGE}) is None
