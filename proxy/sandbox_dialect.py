"""What every dialect of the sandbox offers: requests in, events and errors out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from proxy.sandbox_request import Ask
from proxy.sandbox_scenarios import Block, HttpError, Scenario, Text, Thinking
from proxy.sandbox_script import Event, words

Payload = dict[str, Any]

OVERLOADED = HttpError(529, "Overloaded")
"""The error that an answer breaks off with in its middle."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What tells one answer from another.

    Attributes:
        number: counts the answers of a sandbox, from 1; the identifiers are made of it.
        model: the model's name, given back as the client wrote it.
        input_tokens: the length of the prompt.
        stop_sequence: the sequence at which scenario `stop_sequence` stops.
        include_usage: whether a stream shall tell its usage, where that must be asked for.
    """

    number: int
    model: str
    input_tokens: int
    stop_sequence: str
    include_usage: bool = True


class SandboxDialect(Protocol):
    """One protocol, in its requests, its streams, its whole answers and its errors."""

    @property
    def identity_header(self) -> str:
        """Name of the response header that tells the request's identifier."""

    def parse(self, body: bytes, target: str) -> Ask:
        """What a request asks for.

        Raises:
            ValueError: the body is not what the protocol expects.
            LookupError: there is no such model.
        """

    def events(self, scenario: Scenario, answer: Answer) -> list[Event]:
        """The whole answer as a stream."""

    def whole(self, scenario: Scenario, answer: Answer) -> Payload:
        """The whole answer as one JSON object."""

    def error_frame(self, number: int, index: int) -> bytes:
        """What OVERLOADED looks like in place of the event of this index."""

    def error(self, status: int, message: str, number: int) -> Payload:
        """The body of an error response."""


def request_id(number: int) -> str:
    """The identifier of the request with a number."""
    return f"req_011Sandbox{number:017d}"


def pieces(block: Block) -> list[str]:
    """What is streamed of a block, delta by delta."""
    match block:
        case Text(text=text):
            return words(text)
        case Thinking(thinking=thinking):
            return words(thinking)
        case _:
            return list(block.fragments)


def token_count(blocks: Sequence[Block]) -> int:
    """The sandbox's count of tokens: one a delta."""
    return sum(len(pieces(block)) for block in blocks)
