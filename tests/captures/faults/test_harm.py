from __future__ import annotations

from captures.faults.harm import (
    AnswerHead,
    Ending,
    Expiry,
    Harm,
    Send,
    Stop,
    in_a_row,
    on_blocks,
)


def doubled() -> Harm:
    return on_blocks(lambda block: [block.raw, block.raw])


def test_a_harm_without_functions_changes_nothing() -> None:
    harm = Harm()
    assert [*harm.feed(b"x"), *harm.finish()] == [Send(b"x")]
    head = AnswerHead(200, (("a", "b"),))
    assert harm.head(head) is head


def test_blocks_are_changed_one_by_one_whatever_the_cuts() -> None:
    harm = doubled()
    assert list(harm.feed(b"data: a\n\ndata")) == [Send(b"data: a\n\n")] * 2
    assert list(harm.feed(b": b\n")) == []
    assert list(harm.finish()) == [Send(b"data: b\n")] * 2


def test_several_work_one_on_what_the_other_made() -> None:
    marks = Harm(feed=lambda data: [Send(b"<" + data + b">")], finish=lambda: [Send(b"end")])
    row = in_a_row([doubled(), marks])
    assert list(row.feed(b"data: a\n\n")) == [Send(b"<data: a\n\n>")] * 2
    assert list(row.finish()) == [Send(b"end")]


def test_the_end_of_one_runs_through_those_behind_it() -> None:
    tail = Harm(finish=lambda: [Send(b"data: t\n\n")])
    assert list(in_a_row([tail, doubled()]).finish()) == [Send(b"data: t\n\n")] * 2


def test_a_wait_survives_the_faults_behind_it() -> None:
    slow = Harm(feed=lambda data: [Send(data, 1.5)])
    made = list(in_a_row([slow, doubled()]).feed(b"data: a\n\n"))
    assert made == [Send(b"data: a\n\n", 1.5), Send(b"data: a\n\n")]
    assert list(in_a_row([slow, doubled()]).feed(b"data")) == [Send(b"", 1.5)]


def test_an_end_passes_through_unchanged_and_the_first_expiry_counts() -> None:
    stops = Harm(feed=lambda _data: [Stop(Ending.RESET)])
    assert list(in_a_row([stops, doubled()]).feed(b"x")) == [Stop(Ending.RESET)]
    late, early = Expiry(5.0, Ending.CLOSE), Expiry(1.0, Ending.RESET)
    assert in_a_row([Harm(expires=late), Harm(expires=early)]).expires == early
    assert in_a_row([Harm()]).expires is None


def test_a_field_is_set_and_removed_whatever_its_case() -> None:
    head = AnswerHead(200, (("Content-Type", "a"), ("x", "y"), ("content-type", "b")))
    assert head.with_header("content-type", "c").headers == (("x", "y"), ("content-type", "c"))
    assert head.without_header("content-type").headers == (("x", "y"),)
