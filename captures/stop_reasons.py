"""Why a model stopped: the providers' words, and the one kind each of them comes to.

The words are those of Anthropic Messages (``stop_reason``), OpenAI Chat Completions and its
imitations (``finish_reason``), OpenAI Responses (``status`` and ``incomplete_details.reason``),
Gemini (``finishReason`` and ``blockReason``), Cohere, Ollama, Bedrock, watsonx, Text Generation
Inference and A2A (the ``state`` of a task).
"""

from __future__ import annotations

from enum import StrEnum


class StopKind(StrEnum):
    """A stop reason in a word that is the same for every provider."""

    END_TURN = "end_turn"
    """The model was done."""
    STOP_SEQUENCE = "stop_sequence"
    TOOL_USE = "tool_use"
    """The model waits for the result of a tool."""
    PAUSE = "pause"
    """The provider paused a long turn; sending it back goes on with it."""
    LIMIT = "limit"
    """The model would have gone on, but a limit on tokens or messages was reached."""
    REFUSAL = "refusal"
    """The model declined."""
    FILTERED = "filtered"
    """A filter stopped the answer or kept it back."""
    FAILED = "failed"
    """A failure or a cancellation ended the answer."""
    UNKNOWN = "unknown"
    """A word that is not known here."""


WORDS: dict[StopKind, tuple[str, ...]] = {
    StopKind.END_TURN: (
        "end_turn",
        "stop",
        "completed",
        "STOP",
        "COMPLETE",
        "eos",
        "eos_token",
        "stop_token",
        "success",
        "TASK_STATE_COMPLETED",
        "load",
        "unload",
        "FINISH",
        "FINISHED",
    ),
    StopKind.STOP_SEQUENCE: ("stop_sequence", "STOP_SEQUENCE", "STOP_CRITERIA_MET"),
    StopKind.TOOL_USE: (
        "tool_use",
        "tool_calls",
        "tool-calls",
        "function_call",
        "TOOL_CALL",
        "TOOL_CALLS",
    ),
    StopKind.PAUSE: (
        "pause_turn",
        "compaction",
        "requires_action",
        "requires_continuation",
        "CONTINUATION",
        "interrupt",
        "input-required",
        "auth-required",
        "TASK_STATE_INPUT_REQUIRED",
        "TASK_STATE_AUTH_REQUIRED",
    ),
    StopKind.LIMIT: (
        "max_tokens",
        "model_context_window_exceeded",
        "length",
        "model_length",
        "max_output_tokens",
        "max_completion_tokens",
        "max_prompt_tokens",
        "max_messages",
        "incomplete",
        "budget_exceeded",
        "token_limit",
        "time_limit",
        "MAX_TOKENS",
        "LENGTH",
        "ERROR_LIMIT",
    ),
    StopKind.REFUSAL: ("refusal", "rejected", "TASK_STATE_REJECTED"),
    StopKind.FILTERED: (
        "content_filter",
        "content-filter",
        "content_filtered",
        "guardrail_intervened",
        "SAFETY",
        "RECITATION",
        "LANGUAGE",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "SPII",
        "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
        "MODEL_ARMOR",
        "JAILBREAK",
        "CONTENT_FILTERED",
        "ERROR_TOXIC",
    ),
    StopKind.FAILED: (
        "insufficient_system_resource",
        "error",
        "failed",
        "steered",
        "abort",
        "cancelled",
        "canceled",
        "expired",
        "TASK_STATE_FAILED",
        "TASK_STATE_CANCELED",
        "OTHER",
        "ERROR",
        "TIMEOUT",
        "MALFORMED_FUNCTION_CALL",
        "UNEXPECTED_TOOL_CALL",
        "TOO_MANY_TOOL_CALLS",
        "MALFORMED_RESPONSE",
        "MISSING_THOUGHT_SIGNATURE",
        "IMAGE_OTHER",
        "NO_IMAGE",
        "malformed_model_output",
        "malformed_tool_use",
        "USER_CANCEL",
    ),
}
"""Every word known, by what it comes to."""

_KIND_OF_WORD = {word: kind for kind, words in WORDS.items() for word in words}

CUT_OFF_KINDS = frozenset({StopKind.LIMIT, StopKind.FILTERED, StopKind.FAILED})
"""The answer is not whole: something other than the model ended it."""


def stop_kind(reason: str | None) -> StopKind | None:
    """What a provider's word comes to; None for no word at all."""
    if reason is None:
        return None
    return _KIND_OF_WORD.get(reason, StopKind.UNKNOWN)
