from __future__ import annotations

from pathlib import Path

from proxy.replay_exchange import Failure, PlainStream, SavedExchange, plain


def test_plain_text_is_one_line_of_ascii() -> None:
    assert plain("a\x1b[2J\r\né\ud800\u202e") == "a\\x1b[2J\\r\\n\\xe9\\ud800\\u202e"


def test_what_was_recorded_under_a_mount_answers_without_it_too() -> None:
    def targets(target: str, mount: str) -> tuple[str, ...]:
        outcome = Failure(0.0, "upstream_refused", "")
        return SavedExchange(Path("a"), "a", "POST", target, None, outcome, mount).targets

    assert targets("/x/v1?a=1", "/x") == ("/x/v1?a=1", "/v1?a=1")
    assert targets("/v1", "") == ("/v1",)
    assert targets("/v1", "/x") == ("/v1",)
    assert targets("/xv1", "/x") == ("/xv1",)


def test_a_plain_stream_is_a_good_answer_under_its_name() -> None:
    stream = PlainStream(Path("folder/a.sse"))
    assert stream.id == "a.sse"
    assert stream.outcome.status == 200
    assert stream.outcome.whole
