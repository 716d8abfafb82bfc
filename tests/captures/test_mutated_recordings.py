"""One recording of each provider, damaged in the ways streams are: the verdict must say so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from captures.exchange import Exchange
from captures.records import Ending, Headers
from captures.verdict import Outcome, verdict_of
from tests.captures.by_hand import recorded, streamed
from tests.captures.shared_material import CONTENT_TYPES, needs_streams, recording_named


@dataclass(frozen=True, slots=True)
class Specimen:
    """A healthy recording and the marks of its ends."""

    recording: str
    path: str
    verdict: str
    stop_mark: bytes
    """Stands in the event that carries the stop reason."""
    no_stop: Callable[[bytes], bytes]
    """Takes the stop reason out of that event, or leaves nothing of it."""
    without_stop: str
    """The verdict on the stream without the stop reason."""
    stop_reason_name: str

    @property
    def pieces(self) -> list[bytes]:
        """The bytes of its events."""
        recording = recording_named(self.recording)
        whole = recorded(recording, [recording.body])
        return [whole.raw(event.frame) for event in whole.events]

    @property
    def headers(self) -> Headers:
        suffix = recording_named(self.recording).path.suffix
        return (("content-type", CONTENT_TYPES[suffix]),)

    def ended(self, pieces: list[bytes], how: Ending = Ending.COMPLETE) -> Exchange:
        """A stream of these pieces that ended so."""
        return streamed(pieces, how, headers=self.headers, path=self.path)

    @property
    def stop(self) -> int:
        """Index of the first event that says that the model has stopped."""
        return next(index for index, piece in enumerate(self.pieces) if self.stop_mark in piece)


SPECIMENS = {
    "openai.chat": Specimen(
        recording="mirascope__e2e_input_mirascope_provider_streaming_openai_gpt_5_mini_completions.00",
        path="/v1/chat/completions",
        verdict="complete · stop",
        stop_mark=b'"finish_reason":"stop"',
        no_stop=lambda piece: piece.replace(b'"finish_reason":"stop"', b'"finish_reason":null'),
        without_stop="ended after [DONE]: no finish_reason",
        stop_reason_name="finish_reason",
    ),
    "openai.responses": Specimen(
        recording="mirascope__e2e_input_mirascope_provider_streaming_openai_gpt_5_mini.00",
        path="/v1/responses",
        verdict="complete · completed",
        stop_mark=b"event: response.completed",
        no_stop=lambda piece: b"",
        without_stop="ended after the last item: no status, usage, response.completed",
        stop_reason_name="status",
    ),
    "gemini.generateContent": Specimen(
        recording="mirascope__e2e_input_mirascope_provider_streaming_google_gemini_2_5_flash.00",
        path="/v1beta/models/m:streamGenerateContent?alt=sse",
        verdict="complete · STOP",
        stop_mark=b'"finishReason": "STOP"',
        no_stop=lambda piece: piece.replace(b'"finishReason": "STOP",', b""),
        without_stop="ended in the text: no finishReason, usage",
        stop_reason_name="finishReason",
    ),
    "ollama": Specimen(
        recording="langchaingo__llms_ollama_testdata_TestWithFormat.00",
        path="/api/chat",
        verdict="complete · stop",
        stop_mark=b'"done":true',
        no_stop=lambda piece: b"",
        without_stop="ended in the text: no done_reason, usage, done",
        stop_reason_name="done_reason",
    ),
    "cohere.v1": Specimen(
        recording="agentops__recordings_cohere_provider.01",
        path="/v1/chat",
        verdict="complete · COMPLETE",
        stop_mark=b"stream-end",
        no_stop=lambda piece: b"",
        without_stop="ended in the text: no finish_reason, usage, stream-end",
        stop_reason_name="finish_reason",
    ),
}


def verdict(specimen: Specimen, pieces: list[bytes], how: Ending = Ending.COMPLETE) -> str:
    return verdict_of(specimen.ended(pieces, how)).headline


def outcome(specimen: Specimen, pieces: list[bytes], how: Ending = Ending.COMPLETE) -> Outcome:
    return verdict_of(specimen.ended(pieces, how)).outcome


@needs_streams
@pytest.mark.parametrize("name", SPECIMENS)
class TestSpecimen:
    def test_it_is_healthy(self, name: str) -> None:
        specimen = SPECIMENS[name]
        assert verdict(specimen, specimen.pieces) == specimen.verdict
        assert specimen.ended(specimen.pieces).findings == []

    def test_without_its_stop_reason_it_is_incomplete(self, name: str) -> None:
        specimen = SPECIMENS[name]
        pieces = [
            specimen.no_stop(piece) if specimen.stop_mark in piece else piece
            for piece in specimen.pieces
        ]
        assert verdict(specimen, pieces) == specimen.without_stop

    def test_a_clean_end_before_the_stop_reason_is_incomplete(self, name: str) -> None:
        specimen = SPECIMENS[name]
        for count in range(1, specimen.stop + 1):
            exchange = specimen.ended(specimen.pieces[:count])
            assert verdict_of(exchange).outcome is Outcome.INCOMPLETE
            assert exchange.findings

    def test_a_clean_end_after_the_stop_reason_is_whole(self, name: str) -> None:
        specimen = SPECIMENS[name]
        for count in range(specimen.stop + 1, len(specimen.pieces) + 1):
            assert verdict(specimen, specimen.pieces[:count]) == specimen.verdict

    def test_a_cut_before_the_stop_reason_is_broken(self, name: str) -> None:
        specimen = SPECIMENS[name]
        for count in range(1, specimen.stop + 1):
            pieces = specimen.pieces[:count]
            assert outcome(specimen, pieces, Ending.UPSTREAM_TRUNCATED) is Outcome.BROKEN
            torn = [*pieces, specimen.pieces[count][:9]]
            said = verdict(specimen, torn, Ending.UPSTREAM_TRUNCATED)
            assert said.startswith("upstream cut mid-event")

    def test_a_client_that_leaves_early_is_told_what_it_missed(self, name: str) -> None:
        specimen = SPECIMENS[name]
        for count in range(1, specimen.stop + 1):
            said = verdict(specimen, specimen.pieces[:count], Ending.CLIENT_LEFT)
            assert f", before {specimen.stop_reason_name}: missed" in said
