"""How an Anthropic message ended: whether the stop reason fits it, and what to do about it."""

from __future__ import annotations

from typing import Any

from captures.dialects.anthropic_message import MessageBuilder
from captures.dialects.complaints import Complaints
from captures.dialects.payload import string
from captures.findings.anthropic import (
    CUT_BY_LIMIT,
    PAUSED,
    REFUSED,
    STOP_REASON_DOES_NOT_FIT,
    THINKING_NOT_SIGNED,
)
from captures.stop_reasons import StopKind, stop_kind

RETRYABLE_ERRORS = frozenset(
    {"overloaded_error", "rate_limit_error", "api_error", "timeout_error", "conflict_error"}
)
"""Errors that the provider's clients ask again after, by the status they stand for."""

FINAL_ERRORS = frozenset(
    {
        "invalid_request_error",
        "authentication_error",
        "billing_error",
        "permission_error",
        "not_found_error",
        "request_too_large",
    }
)
"""Errors that the same request meets again."""


def retry_advice(error_type: str) -> str:
    """What asking again would bring, to stand behind an error; empty where that is not known."""
    if error_type in RETRYABLE_ERRORS:
        return " · the same request may succeed later"
    return " · the same request will fail again" if error_type in FINAL_ERRORS else ""


def judge_ending(
    builder: MessageBuilder, stop_details: dict[str, Any], complaints: Complaints
) -> None:
    """Complains of a message whose stop reason has just come."""
    reason = builder.stop_reason
    kind = stop_kind(reason)
    calls = builder.client_calls
    if kind is StopKind.LIMIT:
        complaints.once(CUT_BY_LIMIT, f"stop_reason is {reason}")
        # A thinking block that the limit cuts off has no signature.
        return
    if builder.unsigned_thinking:
        complaints.once(THINKING_NOT_SIGNED, "no signature_delta came for it")
    if kind is StopKind.REFUSAL:
        category = string(stop_details, "category") or "no category given"
        words = (category, string(stop_details, "explanation"))
        complaints.once(REFUSED, ": ".join(word for word in words if word))
    elif reason == "pause_turn":
        complaints.once(PAUSED, "stop_reason is pause_turn")
    elif kind is StopKind.TOOL_USE and not calls:
        complaints.once(STOP_REASON_DOES_NOT_FIT, f"{reason}, and no tool was called")
    elif kind is StopKind.END_TURN and calls:
        complaints.once(STOP_REASON_DOES_NOT_FIT, f"{reason}, although {calls[0]} was called")
