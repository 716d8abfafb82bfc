from __future__ import annotations

import json
from pathlib import Path

import pytest

from inspector_tui.actions.copying import CHOICES, NothingToCopyError, What, copied_text
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import exchange_of

BAD = set("\x1b\x07\x9b\x9d\u202e\x00\x7f")


def test_every_kind_of_copy_is_in_the_menu_once() -> None:
    assert sorted(choice.value for choice in CHOICES) == sorted(What)
    assert len({choice.key for choice in CHOICES}) == len(CHOICES)


def test_what_is_copied_of_a_healthy_exchange(tmp_path: Path) -> None:
    exchange = exchange_of(given.complete(tmp_path))
    assert copied_text(What.TEXT, exchange, 0) == "".join(given.ANSWER)
    assert copied_text(What.EVENT, exchange, 0).startswith("event: message_start\ndata: {")
    data = copied_text(What.DATA, exchange, 0)
    assert data.startswith('{\n  "type": "message_start"')
    message = json.loads(copied_text(What.MESSAGE, exchange, 0))
    assert message["stop_reason"] == "end_turn"
    assert json.loads(copied_text(What.REQUEST, exchange, 0)) == given.QUESTION


def test_nothing_that_is_copied_holds_controls_and_data_means_the_same(tmp_path: Path) -> None:
    exchange = exchange_of(given.hostile(tmp_path))
    for event, each in enumerate(exchange.events):
        assert not BAD & set(copied_text(What.EVENT, exchange, event))
        if each.frame.data.startswith("{"):
            data = copied_text(What.DATA, exchange, event)
            assert not BAD & set(data)
            assert json.loads(data) == json.loads(each.frame.data)
    for what in (What.TEXT, What.MESSAGE, What.REQUEST):
        assert not BAD & set(copied_text(what, exchange, 0))


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    exchange = exchange_of(given.rate_limited(tmp_path))
    for what in (What.TEXT, What.EVENT, What.DATA):
        with pytest.raises(NothingToCopyError, match=f"There is no {what} to copy"):
            copied_text(what, exchange, 0)
    exchange = exchange_of(given.hostile(tmp_path))
    with pytest.raises(NothingToCopyError, match="no JSON; Y copies it"):
        copied_text(What.DATA, exchange, 3)


def test_a_request_body_that_is_no_json_is_copied_as_it_is(tmp_path: Path) -> None:
    script = given.CaptureScript(tmp_path, body=b"a\x1b=\xff\n")
    script.head()
    assert copied_text(What.REQUEST, exchange_of(script.finish()), 0) == "a␛=\\xff\n"
