"""NDJ: what can be wrong with a stream of JSON lines, as Ollama and Cohere v1 send them."""

from __future__ import annotations

from captures.findings.rule import Level, Rule

LINE_CUT = Rule(
    "NDJ001",
    Level.ERROR,
    "the stream ends in the middle of a JSON line",
    "Clients that parse each line raise on this one, or drop it with what it holds.",
)
LINE_OVERSIZED = Rule(
    "NDJ003",
    Level.WARNING,
    "a line is too long to be shown",
    "Its raw bytes are kept. Many clients limit the length of a line.",
)

RULES: tuple[Rule, ...] = (
    LINE_CUT,
    LINE_OVERSIZED,
)
