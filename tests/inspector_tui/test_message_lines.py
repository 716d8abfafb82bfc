from __future__ import annotations

from pathlib import Path

import pytest

from captures.exchange import Exchange
from inspector_tui import flow
from inspector_tui.message_lines import MessageLines
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import (
    exchange_of,
    library_of,
    lines_text,
    read_all,
)


def test_parts_come_in_order_under_their_names(tmp_path: Path) -> None:
    text = lines_text(MessageLines(exchange_of(given.tool_use(tmp_path))), 60)
    titles = [line.strip(" ─") for line in text if "─" in line]
    assert titles == ["thinking", "text", "tool call weather · toolu_01T1x1fJ34qAmk2tNTrN7Up6"]
    assert '    "city": "Zürich",' in text
    assert " stop_reason: tool_use" in [line[1:] for line in text]
    assert text[-1] == " 25 input tokens · 89 output tokens · 20 characters"


def test_a_stream_without_stop_reason_says_so(tmp_path: Path) -> None:
    text = lines_text(MessageLines(exchange_of(given.upstream_cut(tmp_path))), 60)
    assert " no stop reason arrived" in text


def test_an_error_answer_shows_its_error(tmp_path: Path) -> None:
    text = lines_text(MessageLines(exchange_of(given.rate_limited(tmp_path))), 80)
    assert text[0].startswith(" error: rate_limit_error: Number of requests")


def test_a_growing_message_keeps_its_finished_rows(tmp_path: Path) -> None:
    script = given.live(tmp_path)
    library = library_of(tmp_path)
    read_all(library)
    exchange = library.exchange(script.file.path)
    assert isinstance(exchange, Exchange)
    lines = MessageLines(exchange)
    before = lines_text(lines, 24)
    keys = [lines.key(index) for index in range(2)]
    for data in given.text_deltas([" and", " more", " and more"]):
        script.send(data)
    read_all(library)
    after = lines_text(lines, 24)
    assert before[3] == "  them"
    assert after[3] == "  them and more and more"
    assert lines.key(1) == keys[1]
    assert lines_text(lines, 40) != after
    library.close()
    script.abandon()


def test_broken_tool_arguments_are_named(tmp_path: Path) -> None:
    events = [
        given.start(),
        given.block_start(0, type="tool_use", id="t", name="weather"),
        given.delta(0, "input_json_delta", partial_json='{"city": "Zü'),
        given.block_stop(),
        *given.ending("max_tokens"),
    ]
    text = lines_text(MessageLines(exchange_of(given.stream(tmp_path, 1, events).finish())), 80)
    assert "arguments are not valid JSON" in text[0]
    assert text[1] == '  {"city": "Zü'


def test_spliced_messages_stand_under_each_other(tmp_path: Path) -> None:
    answer = given.answer()
    events = [*answer[:6], answer[0].replace(b"msg_01", b"msg_02"), *answer[1:]]
    text = lines_text(MessageLines(exchange_of(given.stream(tmp_path, 1, events).finish())), 60)

    first, second = text.index(" message 1 of 2"), text.index(" message 2 of 2")
    assert first < text.index(" no stop reason arrived") < second
    assert any("stop_reason: end_turn" in line for line in text[second:])


def test_a_long_message_is_wrapped_a_part_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = exchange_of(given.complete(tmp_path))
    whole = lines_text(MessageLines(exchange), 30)
    monkeypatch.setattr(flow, "CHARACTERS_AT_ONCE", 20)
    lines = MessageLines(exchange)
    counts: list[int] = []
    while not counts or lines.is_behind:
        lines.update(30)
        counts.append(len(lines))
    assert counts[0] < counts[-1] == len(whole)
    assert lines_text(lines, 30) == whole
