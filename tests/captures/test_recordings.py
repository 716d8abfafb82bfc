"""The fold over what providers really sent."""

from __future__ import annotations

import pytest

from captures.findings.rule import Level
from tests.captures.by_hand import recorded, seen
from tests.captures.cuts import at_random, byte_by_byte
from tests.captures.shared_material import needs_streams, recording_named, recordings

NO_BLANK_LINE = {"SSE001", "ANT003"}
"""A fixture of the provider's client ends without the blank line behind message_stop."""

FOUND: dict[str, set[str]] = {
    "adk-go__plugin_functioncallmodifier_testdata_TestPluginCallbackIntegration_agent_tool_default"
    "_schema.01": {"GEM006"},
    # Its only event has no blank line behind it, and with it goes the blockReason.
    "firebase-gemini__mock-responses_googleai_streaming-failure-prompt-blocked-safety.00": {
        "SSE001",
        "GEM002",
    },
    # An object that is no response.
    "firebase-gemini__mock-responses_vertexai_streaming-failure-invalid-json.00": {"GEM002"},
    "firebase-gemini__mock-responses_vertexai_streaming-failure-prompt-blocked-safety.00": {
        "GEM004"
    },
    "firebase-gemini__mock-responses_vertexai_streaming-failure-recitation-no-content.00": {
        "GEM005"
    },
    "generative-ai-js__test-utils_mock-responses_streaming-failure-finish-reason-safety.00": {
        "GEM005"
    },
    "js-genai__system_recordings_Chats_Tests_sendMessage_Send_message_stream_with_error.00": {
        "GEM001"
    },
    "mirascope__e2e_output_max_tokens_google_gemini_2_5_flash_stream.00": {"GEM003"},
    "otel-python-contrib__opentelemetry-instrumentation-botocore_converse_stream_with_content.00": {
        "AWS006"
    },
    # Three responses that came over one WebSocket, in one file.
    "claude-tap__codex_ws_multi_response_trace.jsonl.00": {"RSP006", "RSP008"},
    "req-llm__azure_codex_mini_object_streaming.00": {"RSP003"},
    "vercel-ai__openai_responses_openai-error.1.chunks.00": {"RSP001"},
    "anthropic-sdk-python__lib_streaming_compaction_response.00": NO_BLANK_LINE,
    "anthropic-sdk-python__lib_streaming_fallback_response.00": NO_BLANK_LINE,
    "anthropic-sdk-python__lib_streaming_refusal_response.00": NO_BLANK_LINE,
    "anthropic-sdk-sdist__anthropic-2.12.0_lib_streaming_server_tool_use_response.00": (
        NO_BLANK_LINE
    ),
    # Most of the deltas of its text were taken out.
    "vercel-ai__openai_responses_openai-shell-container.1.chunks.00": {"RSP009"},
    # Trimmed by hand: a block stops that never started.
    "anthropic-sdk-sdist__anthropic-2.12.0_lib_streaming_unknown_events_response.00": {
        "ANT005",
        "SSE001",
    },
    "cody__recordings_rewrite-query_2689977722_recording.har.09": {"OTH001"},
    # Plain JSON, said to be an event stream.
    "crewai__lib_crewai_llms_google_google_streaming_returns_usage_metrics.00": {"SSE007"},
    "mirascope__e2e_input_model_not_found_stream_google_gemini_2_5_flash.00": {"SSE007"},
    "openllmetry__opentelemetry-instrumentation-langchain_llms_trace_propagation_stream_async"
    "_OpenAI.00": {"OTH003"},
    "openinference__openinference-instrumentation-google-genai_interactions_generate_interactions"
    "_multi_model_messages_True.00": {"GIN003"},
    "pydantic-ai__groq_tool_use_failed_error_streaming_with_text.00": {"OAI001"},
    "pydantic-ai__openrouter_openrouter_stream_error.00": {"OAI004", "OAI001"},
    # The vendor sends no finish_reason at all.
    "pydantic-ai__snowflake_snowflake_model_streaming.00": {"OAI002"},
    "req-llm__azure_gpt_5_nano_object_streaming.00": {"OAI004"},
    "rig__anthropic_streaming_gateway_message_delta_metadata.00": {"ANT004"},
    "rig__doubleword_finish_reason_matrix_streaming_token_limit.00": {"OAI004"},
    "rig__mistral_terminal_metadata_matrix_streaming_mistral_small_tiny_plain_two.00": {"OAI004"},
}
"""Codes found in recordings of known protocols: what was limited, failed, or damaged later."""


@needs_streams
@pytest.mark.parametrize("name", [recording.name for recording in recordings()])
def test_recording_folds_the_same_whole_and_cut_at_random(name: str) -> None:
    recording = recording_named(name)
    body = recording.body
    whole = recorded(recording, [body])

    pieces = at_random(body, seed=len(body), pieces=len(body) // 50)
    assert seen(recorded(recording, pieces)) == seen(whole)
    if recording.path.suffix != ".sse" or recording.protocol == "gemini.generateContent":
        assert seen(recorded(recording, byte_by_byte(body))) == seen(whole)
    frames = [event.frame for event in whole.events]
    edges = [0, *(frame.stop for frame in frames)]
    assert [frame.start for frame in frames] == edges[:-1]
    assert b"".join(whole.raw(frame) for frame in frames) == body


@needs_streams
@pytest.mark.parametrize("name", [recording.name for recording in recordings()])
def test_healthy_recording_gets_no_finding(name: str) -> None:
    recording = recording_named(name)

    found = recorded(recording, [recording.body]).findings

    codes = {finding.rule.code for finding in found if finding.rule.level is not Level.INFO}
    assert codes == FOUND.get(name, set())


@needs_streams
def test_every_recording_in_the_table_exists() -> None:
    assert set(FOUND) <= {recording.name for recording in recordings()}
