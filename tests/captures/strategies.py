"""Hypothesis strategies for every record of a capture."""

from __future__ import annotations

from hypothesis import strategies as st

from captures.records import (
    Boundary,
    Chunk,
    Damage,
    End,
    Ending,
    Gap,
    Head,
    Latency,
    Note,
    Record,
    Request,
    RequestChunk,
    Tally,
    Unknown,
)

KNOWN_CODES = {"request", "request64", "head", "chunk", "chunk64", "note", "gap", "end"}

counts = st.integers(0, 2**53)
times = st.floats(0, 1e7).map(lambda time: round(time, 6))
texts = st.text(max_size=20)
latin_texts = st.text(st.characters(max_codepoint=255), max_size=20)
headers = st.lists(st.tuples(latin_texts, latin_texts), max_size=4).map(tuple)
bodies = st.binary(max_size=60) | st.text(max_size=30).map(str.encode)
payloads = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(-1e9, 1e9) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
tallies = st.builds(Tally, counts, texts, counts)

requests = st.builds(Request, *[texts] * 6, headers, st.just("") | texts)
request_chunks = st.builds(RequestChunk, counts, times, bodies)
response_chunks = st.builds(Chunk, counts, times, bodies, st.sampled_from(Boundary))
heads = st.builds(Head, counts, times, texts, counts, texts, headers)
notes = st.builds(Note, counts, times, texts, texts)
gaps = st.builds(Gap, counts, times, counts, counts, counts, texts)
latencies = st.none() | st.builds(Latency, times, times, times, times)
ends = st.builds(End, counts, times, st.sampled_from(Ending), texts, tallies, tallies, latencies)
unknowns = st.builds(
    Unknown, counts, times, texts.filter(lambda code: code not in KNOWN_CODES), payloads
)
records: st.SearchStrategy[Record] = st.one_of(
    request_chunks, response_chunks, heads, notes, gaps, ends, unknowns
)
damages = st.builds(Damage, counts, counts, texts)
