"""What to paste so that a client talks to the proxy: base-URL variables of the known SDKs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Client:
    """A family of clients that one environment variable points at a base URL."""

    names: str
    variable: str
    suffix: str
    """Path the clients expect at the end of the base URL."""
    hosts: tuple[str, ...]
    """Ends of the upstream host names these clients usually talk to."""


CLIENTS: tuple[Client, ...] = (
    Client("Anthropic SDKs, Claude Code", "ANTHROPIC_BASE_URL", "", ("anthropic.com",)),
    Client("OpenAI SDKs", "OPENAI_BASE_URL", "/v1", ("openai.com",)),
    Client("Google GenAI SDKs", "GOOGLE_GEMINI_BASE_URL", "", ("googleapis.com",)),
)


@dataclass(frozen=True, slots=True)
class Paste:
    """One line to paste into a shell."""

    line: str
    names: str
    """Whom it serves."""


def lines_to_paste(host: str, prefix: str, origin: str) -> tuple[Paste, ...]:
    """The lines for the clients of this upstream; those of every known client if it is unknown.

    Args:
        host: the upstream's host name.
        prefix: the upstream's path prefix; a suffix it already holds is not repeated.
        origin: where the proxy listens.
    """
    known = tuple(
        client
        for client in CLIENTS
        if any(host == end or host.endswith(f".{end}") for end in client.hosts)
    )
    return tuple(
        Paste(
            f"export {client.variable}={origin}{_suffix(client.suffix, prefix)}",
            client.names,
        )
        for client in known or CLIENTS
    )


def _suffix(suffix: str, prefix: str) -> str:
    return "" if suffix and prefix.endswith(suffix) else suffix
