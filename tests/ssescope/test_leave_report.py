from __future__ import annotations

from captures.leave_point import Leave, Sent
from captures.stream_point import StreamPoint
from ssescope.leave_report import leave_line

MISSED = ("stop_reason", "usage")


def test_it_tells_how_much_the_client_had_been_sent() -> None:
    sent = Sent(4210, 4310, 31, 33)
    leave = Leave(StreamPoint.AFTER_LAST_DELTA, "after the last delta", MISSED, sent, 0.4)

    assert leave_line(leave) == (
        "the client went after the last delta · had been sent 4,210 of 4,310 bytes, "
        "31 of 33 events · missed stop_reason, usage · "
        "the stop reason came 0.40 s after its last event"
    )


def test_it_tells_that_the_client_had_been_sent_all_that_came() -> None:
    leave = Leave(StreamPoint.IN_TEXT, "in the text", (), Sent(4310, 4310, 33, 33), None)

    assert leave_line(leave) == (
        "the client went in the text · had been sent all of the 4,310 bytes, 33 events"
    )


def test_it_tells_no_counts_where_there_are_none() -> None:
    leave = Leave(StreamPoint.BEFORE_HEAD, "before the response head", (), None, None)

    assert leave_line(leave) == "the client went before the response head"
