"""MCP: what can be wrong with a stream of the Model Context Protocol."""

from __future__ import annotations

from captures.findings.rule import Level, Rule

MCP_ERROR = Rule(
    "MCP001",
    Level.ERROR,
    "a request was answered with a JSON-RPC error",
    "The HTTP status is 200 all the same. The code tells whose mistake it was.",
)
MCP_NO_RESPONSE = Rule(
    "MCP002",
    Level.ERROR,
    "the stream ended without the response to its request",
    "No event had an id, so the client cannot resume: it waits for its own timeout.",
)
MCP_TOOL_FAILED = Rule(
    "MCP003",
    Level.WARNING,
    "a tool says that it failed",
    "The result has isError: it is meant for the model to read, and no client raises for it.",
)
MCP_EVENT_ID_TWICE = Rule(
    "MCP004",
    Level.ERROR,
    "an event id stands for two events",
    "A client that resumes with it gets events twice, or never.",
)
MCP_NOT_JSON_RPC = Rule(
    "MCP005",
    Level.ERROR,
    "an event holds no JSON-RPC message",
    "Clients log it and go on, so that a response in it is never seen.",
)
MCP_UNKNOWN_RESPONSE = Rule(
    "MCP006",
    Level.ERROR,
    "a response to a request that was not asked",
    "Its id is none of this request's, or has been answered before. Clients drop it.",
)
MCP_AFTER_RESPONSE = Rule(
    "MCP007",
    Level.ERROR,
    "a message comes after the last response",
    "Clients close the stream when they have their response and never see it.",
)
MCP_PROGRESS_BACKWARDS = Rule(
    "MCP008",
    Level.WARNING,
    "progress goes backwards",
    "The protocol wants every progress of a token to be higher than the one before.",
)
MCP_LARGE_EVENT = Rule(
    "MCP009",
    Level.WARNING,
    "an event is larger than 16 MiB",
    "Claude Code gives up on events larger than this. Return a link or a part of the result.",
)

RULES: tuple[Rule, ...] = (
    MCP_ERROR,
    MCP_NO_RESPONSE,
    MCP_TOOL_FAILED,
    MCP_EVENT_ID_TWICE,
    MCP_NOT_JSON_RPC,
    MCP_UNKNOWN_RESPONSE,
    MCP_AFTER_RESPONSE,
    MCP_PROGRESS_BACKWARDS,
    MCP_LARGE_EVENT,
)
