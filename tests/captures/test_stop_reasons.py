from __future__ import annotations

import pytest

from captures.stop_reasons import CUT_OFF_KINDS, WORDS, StopKind, stop_kind


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("end_turn", StopKind.END_TURN),
        ("stop", StopKind.END_TURN),
        ("STOP", StopKind.END_TURN),
        ("completed", StopKind.END_TURN),
        ("tool_use", StopKind.TOOL_USE),
        ("tool_calls", StopKind.TOOL_USE),
        ("max_tokens", StopKind.LIMIT),
        ("length", StopKind.LIMIT),
        ("MAX_TOKENS", StopKind.LIMIT),
        ("max_output_tokens", StopKind.LIMIT),
        ("content_filter", StopKind.FILTERED),
        ("SAFETY", StopKind.FILTERED),
        ("refusal", StopKind.REFUSAL),
        ("pause_turn", StopKind.PAUSE),
        ("a word of tomorrow", StopKind.UNKNOWN),
        ("", StopKind.UNKNOWN),
        (None, None),
    ],
)
def test_every_provider_comes_to_the_same_kinds(word: str | None, kind: StopKind | None) -> None:
    assert stop_kind(word) is kind


def test_no_word_means_two_things() -> None:
    words = [word for group in WORDS.values() for word in group]
    assert len(set(words)) == len(words)


def test_an_unknown_word_does_not_count_as_cut_off() -> None:
    assert StopKind.UNKNOWN not in CUT_OFF_KINDS
    assert StopKind.LIMIT in CUT_OFF_KINDS
