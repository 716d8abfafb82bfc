"""Every recording is taken for the protocol it was recorded as."""

from __future__ import annotations

import pytest

from captures.dialects.recognise import DIALECTS
from tests.captures.by_hand import streamed
from tests.captures.shared_material import needs_streams, recordings

DIALECT_OF_PROTOCOL = {
    "a2a": "a2a",
    "anthropic.messages": "anthropic.messages",
    "bedrock.converse": "bedrock.converse",
    "cohere.v1": "cohere.v1",
    "cohere.v2": "cohere.v2",
    "gemini.generateContent": "gemini.generateContent",
    "gemini.interactions": "gemini.interactions",
    "mcp": "mcp",
    "ollama.chat": "ollama",
    "ollama.generate": "ollama",
    "openai.assistants": "openai.assistants",
    "openai.chat": "openai.chat",
    "openai.completions": "openai.completions",
    "openai.responses": "openai.responses",
}
"""The word of a recording's side file: the name of the dialect that reads it."""

NO_EVENT = None

READ_OTHERWISE: dict[str, str | None] = {
    # A damaged fixture: every event is a JSON text that holds the JSON.
    "vercel-ai__openai_responses_parallel-tool-call-wrapper.1.chunks.00": "sse",
    # The side files keep these under common words: legacy-completion, error-only and other.
    "cody__agent_recordings_defaultClient_631904893_recording.har.12": "sourcegraph.completions",
    "cody__recordings_rewrite-query_2689977722_recording.har.09": "sourcegraph.completions",
    "openinference__openinference-instrumentation-anthropic_openinference_anthropic_instrumentor"
    "_anthropic_completions_streaming.00": "anthropic.complete",
    "openllmetry__opentelemetry-instrumentation-replicate_llama_replicate_llama_stream_legacy.01": (
        "replicate"
    ),
    "openllmetry__opentelemetry-instrumentation-watsonx_metrics_watsonx_metrics_generate_stream"
    "_metrics.06": "watsonx.generation",
    "openllmetry__opentelemetry-instrumentation-writer_completions_writer_async_streaming"
    "_completions_legacy.00": "writer.completions",
    "ruby-llm__transcription_basic_functionality_openai_gpt-4o-transcribe-diarize_streams_segments"
    "_labelled_with_speakers.00": "openai.transcription",
    # Streams of an application of its own.
    "braintrust-py__py_braintrust_devserver_eval_sse_streaming.06": "sse",
    # By their path: another object, and an error.
    "firebase-gemini__mock-responses_vertexai_streaming-failure-invalid-json.00": (
        "gemini.generateContent"
    ),
    "js-genai__system_recordings_Chats_Tests_sendMessage_Send_message_stream_with_error.00": (
        "gemini.generateContent"
    ),
    # Agents, whose chunks are text.
    "openinference__js_openinference-instrumentation-bedrock-agent-runtime_recordings_bedrock-agent"
    "-custom-trace-provider-unnamed-test_3593248847_recording.00": "bedrock.agent",
    "openinference__openinference-instrumentation-bedrock_openinference_bedrock_invoke_inline_agent"
    ".00": "bedrock.agent",
    # Plain JSON under the media type of an event stream: it dispatches no event.
    "crewai__lib_crewai_llms_google_google_streaming_returns_usage_metrics.00": NO_EVENT,
    "mirascope__e2e_input_model_not_found_stream_google_gemini_2_5_flash.00": NO_EVENT,
    # Lists of records that are no answer of a model.
    "langchaingo__llms_ollama_testdata_TestWithPullModel.00": "ndjson",
    "ruby-llm__batch_with_anthropic_claude-haiku-4-5_reloads_a_batch_by_id_and_collects_messages"
    "_without_the_chats.12": "ndjson",
}
"""Recordings that are not read as their side file's word says, and as what they are read."""


@needs_streams
@pytest.mark.parametrize("name", [recording.name for recording in recordings()])
def test_recording_is_read_as_its_protocol(name: str) -> None:
    [recording] = [entry for entry in recordings() if entry.name == name]
    headers = (("content-type", recording.content_type),)

    dialect = streamed([recording.body], headers=headers, path=recording.target).dialect

    found = None if dialect is None else dialect.name
    assert found == READ_OTHERWISE.get(name, DIALECT_OF_PROTOCOL.get(recording.protocol, "unknown"))


@needs_streams
def test_the_table_names_real_recordings() -> None:
    assert set(READ_OTHERWISE) <= {recording.name for recording in recordings()}


def test_every_dialect_has_a_name_of_its_own() -> None:
    names = [entry.make().name for entry in DIALECTS]
    assert len(set(names)) == len(names)
    assert set(DIALECT_OF_PROTOCOL.values()) <= set(names)
