from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures import aws_event_stream
from captures.aws_event_stream import MAX_MESSAGE_SIZE, MessageDecoder
from captures.findings.aws import CHECKSUM_WRONG, MESSAGE_CUT, MESSAGE_IMPOSSIBLE
from captures.findings.rule import Rule
from captures.sse import Frame, FrameKind
from tests.captures.aws_messages import encoded, exception, header, message, u32
from tests.captures.cuts import any_cuts, byte_by_byte
from tests.captures.framings import assert_sound, assert_sound_at_random, assert_tiled, decoded

EVENT, CUT, DAMAGED = FrameKind.EVENT, FrameKind.UNFINISHED, FrameKind.DAMAGED

FIRST = message("messageStart", {"role": "assistant"})
SECOND = message("messageStop", {"stopReason": "end_turn"})


def kinds(frames: list[Frame]) -> list[tuple[FrameKind, str]]:
    return [(frame.kind, frame.event) for frame in frames]


def rules(frames: list[Frame]) -> list[Rule]:
    found = [(*frame.complaints, *[frame.cut for _ in [0] if frame.cut]) for frame in frames]
    return [complaint.rule for complaints in found for complaint in complaints]


def with_lengths(total: int, headers_size: int) -> bytes:
    """A prelude whose checksum holds, whatever it says."""
    lengths = u32(total) + u32(headers_size)
    return lengths + u32(zlib.crc32(lengths))


def test_a_message_is_an_event() -> None:
    frames = decoded(MessageDecoder(), [FIRST + SECOND])
    assert [(frame.event, frame.data, frame.is_error) for frame in frames] == [
        ("messageStart", '{"role": "assistant"}', False),
        ("messageStop", '{"stopReason": "end_turn"}', False),
    ]
    assert rules(frames) == []
    assert_sound_at_random(MessageDecoder, FIRST + SECOND)


def test_an_exception_is_an_error_of_its_type() -> None:
    [frame] = decoded(MessageDecoder(), [exception("throttlingException", "Too many")])
    assert (frame.event, frame.data, frame.is_error) == (
        "throttlingException",
        '{"message": "Too many"}',
        True,
    )


def test_a_message_is_complete_with_its_last_byte() -> None:
    framing = MessageDecoder()
    frames = framing.feed(FIRST[:5], 1.0) + framing.feed(FIRST[5:-1], 2.0)
    frames += framing.feed(FIRST[-1:] + SECOND[:3], 3.0) + framing.feed(SECOND[3:], 4.0)
    assert [(frame.first_time, frame.last_time) for frame in frames] == [(1.0, 3.0), (3.0, 4.0)]


@pytest.mark.parametrize("size", [1, 11, 12, 13, len(FIRST) - 1])
def test_a_message_that_was_cut_is_unfinished(size: int) -> None:
    frames = decoded(MessageDecoder(), [FIRST + FIRST[:size]])
    assert kinds(frames) == [(EVENT, "messageStart"), (CUT, "")]
    assert rules(frames) == [MESSAGE_CUT]


@pytest.mark.parametrize("place", range(len(FIRST)))
@pytest.mark.parametrize("bit", [1, 128])
def test_every_flipped_bit_is_found_and_the_next_message_is_read(place: int, bit: int) -> None:
    flipped = bytearray(FIRST)
    flipped[place] ^= bit
    frames = decoded(MessageDecoder(), [bytes(flipped) + SECOND])
    assert kinds(frames) == [(DAMAGED, ""), (EVENT, "messageStop")]
    assert rules(frames) == [CHECKSUM_WRONG]
    assert frames[0].size == len(FIRST)


def test_lost_bytes_damage_one_message() -> None:
    body = FIRST + SECOND[:20] + SECOND[25:] + FIRST + SECOND
    frames = decoded(MessageDecoder(), [body])
    starts, stops = (EVENT, "messageStart"), (EVENT, "messageStop")
    assert kinds(frames) == [starts, (DAMAGED, ""), starts, stops]
    assert rules(frames) == [CHECKSUM_WRONG]
    assert_sound_at_random(MessageDecoder, body)


@pytest.mark.parametrize(
    "prelude",
    [
        pytest.param((15, 0), id="shorter than its own frame"),
        pytest.param((0, 0), id="no length"),
        pytest.param((MAX_MESSAGE_SIZE + 1, 0), id="longer than any"),
        pytest.param((0xFFFFFFFF, 0), id="the longest that can be said"),
        pytest.param((100, 85), id="headers longer than the message"),
        pytest.param((1_000_000, 200_000), id="headers longer than any"),
    ],
)
def test_impossible_lengths_are_damage_up_to_the_next_message(prelude: tuple[int, int]) -> None:
    body = with_lengths(*prelude) + b"some bytes" + SECOND
    frames = decoded(MessageDecoder(), [body])
    assert kinds(frames) == [(DAMAGED, ""), (EVENT, "messageStop")]
    assert rules(frames) == [MESSAGE_IMPOSSIBLE]
    assert_sound_at_random(MessageDecoder, body)


def test_headers_that_cannot_be_read_are_damage_of_one_message() -> None:
    frames = decoded(MessageDecoder(), [encoded(b"\x02ab", b"{}") + SECOND])
    assert kinds(frames) == [(DAMAGED, ""), (EVENT, "messageStop")]
    assert rules(frames) == [MESSAGE_IMPOSSIBLE]


def test_another_body_under_this_type_is_one_damaged_frame() -> None:
    body = b'{"message": "The security token included in the request is invalid."}'
    frames = decoded(MessageDecoder(), byte_by_byte(body))
    assert kinds(frames) == [(DAMAGED, "")]
    assert rules(frames) == [CHECKSUM_WRONG]


def test_the_rest_of_a_body_is_damaged_up_to_its_next_message() -> None:
    frames = decoded(MessageDecoder(50), [FIRST[50:] + SECOND])
    assert kinds(frames) == [(DAMAGED, ""), (EVENT, "messageStop")]
    assert_tiled(frames, len(FIRST[50:] + SECOND), 50)


def test_damage_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    framing = MessageDecoder()
    for _ in range(100):
        framing.feed(b"x" * 1000, 0.0)
    assert len(framing._buffer) < 12
    [frame] = framing.finish()
    assert frame.size == 100_000


def test_damage_is_searched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = 0
    wrong = aws_event_stream._wrong_with_prelude

    def counting(prelude: bytes | bytearray) -> object:
        nonlocal looked_at
        looked_at += 1
        return wrong(prelude)

    monkeypatch.setattr(aws_event_stream, "_wrong_with_prelude", counting)
    body = b"\x00\x01\x02\x03\x00\x01" * 2000
    decoded(MessageDecoder(), [body[start : start + 100] for start in range(0, len(body), 100)])
    assert looked_at <= len(body)


HEADERS = st.lists(
    st.builds(header, st.sampled_from([":event-type", ":message-type", "a"]), st.text(max_size=5))
).map(b"".join)
MESSAGES = st.builds(encoded, HEADERS | st.binary(max_size=12), st.binary(max_size=30))
BODIES = st.lists(MESSAGES | st.binary(max_size=20), max_size=4).map(b"".join)


@given(st.data(), st.binary(max_size=200) | BODIES)
def test_any_bytes_are_tiled_however_they_are_cut(data: st.DataObject, body: bytes) -> None:
    assert_sound(MessageDecoder, body, data.draw(any_cuts(body)))


@given(st.lists(st.tuples(st.text(min_size=1, max_size=9), st.binary(max_size=40)), max_size=4))
def test_any_messages_come_out_as_they_went_in(messages: list[tuple[str, bytes]]) -> None:
    body = b"".join(message(event, payload or b"{}") for event, payload in messages)
    frames = decoded(MessageDecoder(), [body])
    assert [frame.event for frame in frames] == [event for event, _ in messages]
    assert {frame.kind for frame in frames} <= {EVENT}
