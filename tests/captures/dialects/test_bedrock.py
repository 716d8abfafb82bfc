from __future__ import annotations

from captures.aws_event_stream import MessageDecoder
from captures.dialects.bedrock import failure, metrics_in, usage_in
from captures.dialects.bedrock_converse import ConverseDialect
from captures.findings.aws import PAYLOAD_NOT_JSON
from captures.message import Usage
from tests.captures.aws_messages import error, exception, message
from tests.captures.bedrock_stream import LAST, USAGE
from tests.captures.dialects.folding import fold, frames, rules


def test_a_failure_is_named_by_its_headers() -> None:
    pieces = [
        exception("throttlingException", "Too many requests"),
        error("InternalFailure", "Oh no"),
    ]
    assert [failure(frame) for frame in frames(pieces, MessageDecoder)] == [
        {"type": "throttlingException", "message": "Too many requests"},
        {"type": "InternalFailure", "message": "Oh no"},
    ]


def test_counts_are_read() -> None:
    assert usage_in(USAGE) == Usage(12, 30, cache_read_tokens=4)
    assert metrics_in(LAST) == Usage(12, 30)
    assert metrics_in({}) == Usage()


def test_a_payload_that_is_no_json_is_told() -> None:
    _, complaints = fold(
        ConverseDialect(),
        [message("contentBlockDelta", b"oops"), message("x", b"[]")],
        MessageDecoder,
    )
    assert rules(complaints) == [PAYLOAD_NOT_JSON, PAYLOAD_NOT_JSON]
