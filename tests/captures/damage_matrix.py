"""Which findings tell of which damage, and which damage nothing can tell. Literal tables.

Run ``python -m scripts.mutation_matrix`` for the counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from captures.findings.rule import Level
from tests.captures.by_hand import recorded
from tests.captures.stream_damage import Mutant, Specimen, mutants_of

ENDS: dict[str, str] = {
    "a2a": "A2A002",
    "ag-ui": "AGU002",
    "anthropic.complete": "OTH002",
    "anthropic.messages": "ANT002 ANT003",
    "bedrock.agent": "AWS003",
    "bedrock.converse": "AWS003 AWS004 AWS005",
    "cohere.v1": "COH002 NDJ001",
    "cohere.v2": "COH002",
    "gemini.generateContent": "GEM002 GEM007 GEM011 GEM012",
    "gemini.interactions": "GIN002",
    "ndjson": "NDJ001",
    "ollama": "NDJ001 NDJ005",
    "openai.assistants": "OTH002",
    "openai.chat": "OAI002 OAI003 OAI009",
    "openai.completions": "OTH002",
    "openai.responses": "RSP002",
    "openai.transcription": "OTH002",
    "replicate": "OTH002",
    "sourcegraph.completions": "OTH002",
    "watsonx.generation": "OTH002",
    "writer.completions": "OTH002",
}
"""What tells that the end of a stream is missing, beside SSE001 where an event was torn."""

ORDER: dict[str, str] = {
    "a2a": "A2A002 A2A004",
    "anthropic.complete": "OTH002 OTH005",
    "anthropic.messages": (
        "ANT002 ANT003 ANT005 ANT006 ANT007 ANT008 ANT009 ANT010 ANT011 ANT012 ANT013 ANT014 ANT024"
    ),
    "cohere.v1": "COH002 COH005",
    "cohere.v2": "COH002 COH005 COH006",
    "gemini.generateContent": "GEM002 GEM007 GEM008 GEM009 GEM011 GEM012 SSE007 SSE011",
    "gemini.interactions": "GIN002 GIN005 GIN007",
    "ollama": "NDJ005 NDJ008",
    "openai.assistants": "OTH002 OTH005",
    "openai.chat": (
        "OAI002 OAI003 OAI006 OAI007 OAI010 OAI011 OAI012 OAI013 OAI017 OAI018 OAI021 SSE011"
    ),
    "openai.completions": "OTH002 OTH005",
    "openai.responses": (
        "RSP002 RSP005 RSP006 RSP007 RSP008 RSP013 RSP014 RSP015 RSP016 RSP017 RSP021"
    ),
    "openai.transcription": "OTH002 OTH005",
    "sourcegraph.completions": "OTH002 OTH005",
    "watsonx.generation": "OTH002 OTH005",
}
"""What tells that events are lost, doubled, swapped or of two answers, beside SSE024."""

GRAMMAR: dict[str, str] = {
    "run_events_together": "SSE017",
    "misspell_data": "SSE005",
    "error_in_a_field": "SSE004",
    "line_end_in_data": "SSE007 SSE006 SSE003",
    "invalid_utf8": "SSE014",
    "byte_order_mark_in_event": "SSE009",
    "insert_byte_order_mark": "SSE008",
    "line_separator_in_data": "SSE012",
    "lone_cr": "SSE010",
    "mixed_line_ends": "SSE011",
}
"""The one rule for each, in every dialect."""

ENDINGS = frozenset(
    {
        "drop_terminal",
        "drop_stop_reason",
        "blank_stop_reason",
        "empty_stop_reason",
        "cut_after_event",
        "cut_in_event",
    }
)

OF_ONE_CLIENT: dict[str, dict[str, str]] = {
    "insert_retry": {"openai.": "SSE020", "gemini.generateContent": "SSE021"},
    "insert_comment": {"gemini.generateContent": "SSE021"},
    "strip_event_fields": {"anthropic.messages": "ANT023"},
}
"""Damage to streams of these dialects alone, by the beginning of their names."""


@dataclass(frozen=True, slots=True)
class Untold:
    """Damage that leaves a stream that may just as well be healthy, or that is not yet judged."""

    mutations: str
    dialects: str
    """Their names, or a star for all."""
    kinds: str
    """Kinds of the damaged events: all of them, or with a leading + one of them, is enough."""
    why: str

    def covers(self, mutation: str, dialect: str, mutant: Mutant) -> bool:
        """Whether this is such damage."""
        if mutation not in self.mutations.split():
            return False
        if self.dialects != "*" and dialect not in self.dialects.split():
            return False
        touched = {place.kind.value for place in mutant.touched}
        if self.kinds.startswith("+"):
            return not touched.isdisjoint(self.kinds[1:].split())
        return self.kinds == "*" or touched <= set(self.kinds.split())


ONE_EVENT = "drop_event duplicate_event swap_events"
ANSWERS = "splice_another append_another"
NO_PROTOCOL = "bedrock.agent mcp ndjson sse"

UNTOLD: tuple[Untold, ...] = (
    Untold(
        ONE_EVENT,
        "*",
        "text thinking tool other",
        "without numbers a text is as good without one of its pieces, or with one twice",
    ),
    Untold(
        ONE_EVENT,
        "*",
        "+ping comment nothing",
        "pings, comments and blank lines may stand anywhere",
    ),
    Untold(
        f"{ONE_EVENT} {ANSWERS} cut_after_event blank_stop_reason empty_stop_reason",
        NO_PROTOCOL,
        "*",
        "what holds no single answer, or is of no known protocol, has no order and no end",
    ),
    Untold(
        "cut_after_event cut_in_event",
        "mcp replicate",
        "+comment",
        "behind a comment everything else may come or not",
    ),
    Untold(
        "cut_after_event drop_event",
        "*",
        "terminal other",
        "the stop reason has come, and vendors leave out usage and [DONE]",
    ),
    Untold(
        "drop_event swap_events",
        "openai.chat",
        "start structure tool text thinking other stop_reason",
        "every chunk says all that it needs, so that role, usage and calls may come in any order",
    ),
    Untold(
        "splice_another",
        "openai.chat",
        "*",
        "some vendors change the id from chunk to chunk or repeat the role",
    ),
    Untold(
        f"{ONE_EVENT} cut_after_event",
        "gemini.generateContent",
        "text tool structure other thinking",
        "every response is whole in itself, and some models repeat STOP in each",
    ),
    Untold(
        "drop_event swap_events",
        "openai.responses",
        "start structure other terminal",
        "older servers number nothing, [DONE] may follow, and a stream may be joined later",
    ),
    Untold(
        "drop_event swap_events",
        "a2a cohere.v1 cohere.v2 gemini.interactions openai.assistants",
        "start structure text thinking tool terminal",
        "only the end of these streams is judged, not what opens and closes within",
    ),
    Untold(
        ANSWERS,
        "cohere.v2 gemini.interactions ollama",
        "*",
        "only the end of these streams is judged, not to which answer an event belongs",
    ),
    Untold(
        "blank_stop_reason empty_stop_reason",
        "cohere.v1 cohere.v2 ollama",
        "*",
        "the terminal event came; older servers send it without a reason",
    ),
    Untold("cut_after_event", "writer.completions", "text", "its answers end without any sign"),
    Untold("run_events_together", "sse", "other", "lines of plain text may be one event or two"),
)
"""Each with its reason. Whoever adds a rule that tells one of these takes its row away."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of one mutant."""

    mutation: str
    mutant: Mutant
    expected: frozenset[str]
    found: frozenset[str]
    """Codes of its errors and warnings."""
    excuse: Untold | None
    """Why nothing may tell it."""

    @property
    def told(self) -> bool:
        """Whether the right finding tells of the damage."""
        return not self.expected.isdisjoint(self.found)


def expected(mutation: str, dialect: str) -> frozenset[str]:
    """Codes of which one must come; none where the mutation does no harm to the dialect."""
    if mutation in GRAMMAR:
        return frozenset(GRAMMAR[mutation].split())
    if mutation in OF_ONE_CLIENT:
        rows = OF_ONE_CLIENT[mutation].items()
        return frozenset(code for begin, code in rows if dialect.startswith(begin))
    if mutation in ENDINGS:
        return frozenset(["SSE001", *ENDS.get(dialect, "").split()])
    return frozenset(["SSE024", *ORDER.get(dialect, "").split()])


def trials_of(specimen: Specimen) -> Iterator[Trial]:
    """Every mutant of a recording that is damaged, and what is found in it."""
    for mutation, mutant in mutants_of(specimen):
        codes = expected(mutation, specimen.dialect)
        if not codes:
            continue
        exchange = recorded(specimen.recording, mutant.pieces)
        found = frozenset(
            finding.rule.code
            for finding in exchange.findings
            if finding.rule.level is not Level.INFO
        )
        excuses = (row for row in UNTOLD if row.covers(mutation, specimen.dialect, mutant))
        yield Trial(mutation, mutant, codes, found, next(excuses, None))
