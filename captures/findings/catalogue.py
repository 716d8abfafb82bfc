"""Every rule, in the order of the documentation."""

from __future__ import annotations

from captures.findings import (
    a2a,
    ag_ui,
    anthropic,
    aws,
    cohere,
    gemini,
    gemini_interactions,
    mcp,
    ndjson,
    network,
    openai_chat,
    openai_responses,
    other_protocols,
    sse,
    vercel_ui,
)
from captures.findings.rule import Rule

FAMILIES: tuple[tuple[Rule, ...], ...] = (
    network.RULES,
    sse.RULES,
    anthropic.RULES,
    openai_chat.RULES,
    openai_responses.RULES,
    mcp.RULES,
    a2a.RULES,
    ag_ui.RULES,
    vercel_ui.RULES,
    gemini_interactions.RULES,
    gemini.RULES,
    ndjson.RULES,
    aws.RULES,
    cohere.RULES,
    other_protocols.RULES,
)

RULES: tuple[Rule, ...] = tuple(rule for family in FAMILIES for rule in family)
