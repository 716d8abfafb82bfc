"""GEM: what can be wrong with a stream of Gemini's generateContent."""

from __future__ import annotations

from captures.findings.rule import Level, Rule

ARRAY_CUT = Rule(
    "GEM011",
    Level.ERROR,
    "the JSON array of a Gemini stream is not closed",
    "Clients that parse the whole body raise; those that read it by element lose the last one.",
)
ARRAY_DAMAGED = Rule(
    "GEM012",
    Level.ERROR,
    "the body of a Gemini stream is no JSON array of responses",
    "Without alt=sse Gemini sends an array. Look at what answers in its place, or changes it.",
    may_be_a_gap=True,
)
ELEMENT_OVERSIZED = Rule(
    "GEM014",
    Level.WARNING,
    "an element of the array is too long to be shown",
    "Its raw bytes are kept. Inline images are the usual reason.",
)

RULES: tuple[Rule, ...] = (
    ARRAY_CUT,
    ARRAY_DAMAGED,
    ELEMENT_OVERSIZED,
)
