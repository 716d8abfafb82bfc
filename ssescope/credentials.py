"""The environment variables that hold the keys of providers, and whose hosts they are for. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from ssescope.shell_words import variable_name

HEADER_VARIABLES = {
    "x-api-key": "ANTHROPIC_API_KEY",
    "x-goog-api-key": "GEMINI_API_KEY",
    "api-key": "AZURE_OPENAI_API_KEY",
}
"""Header fields of one provider each."""

_HOST_VARIABLES = (
    ("anthropic.com", "ANTHROPIC_AUTH_TOKEN"),
    ("googleapis.com", "GEMINI_API_KEY"),
    ("openai.com", "OPENAI_API_KEY"),
    ("openrouter.ai", "OPENROUTER_API_KEY"),
    ("groq.com", "GROQ_API_KEY"),
    ("mistral.ai", "MISTRAL_API_KEY"),
    ("x.ai", "XAI_API_KEY"),
    ("deepseek.com", "DEEPSEEK_API_KEY"),
    ("cohere.com", "CO_API_KEY"),
)
_NAMED_BY_HOST = {"authorization": "API_KEY", "key": "API_KEY"}
"""A header field and a query parameter that every provider has, and what stands for their value
where the provider is not known."""

_OWN_HOSTS = {
    "ANTHROPIC_API_KEY": "api.anthropic.com",
    "ANTHROPIC_AUTH_TOKEN": "api.anthropic.com",
    "GEMINI_API_KEY": "generativelanguage.googleapis.com",
    "OPENAI_API_KEY": "api.openai.com",
    "OPENROUTER_API_KEY": "openrouter.ai",
    "GROQ_API_KEY": "api.groq.com",
    "MISTRAL_API_KEY": "api.mistral.ai",
    "XAI_API_KEY": "api.x.ai",
    "DEEPSEEK_API_KEY": "api.deepseek.com",
    "CO_API_KEY": "api.cohere.com",
}


def variable_for(name: str, host: str) -> str:
    """The variable that stands for a secret value.

    Args:
        name: of its header field or query parameter, in lower case.
        host: of the upstream.
    """
    variable = HEADER_VARIABLES.get(name, "")
    if not variable and name in _NAMED_BY_HOST:
        variable = next(
            (known for end, known in _HOST_VARIABLES if f".{host}".endswith(f".{end}")),
            _NAMED_BY_HOST[name],
        )
    return variable or variable_name(name)


def is_credential(name: str) -> bool:
    """Whether a header field or query parameter of this lower-case name tells who asks."""
    return name in HEADER_VARIABLES or name in _NAMED_BY_HOST


def is_own_host(variable: str, origin: str) -> bool:
    """Whether an origin is the one that a variable's key is made for, over TLS."""
    return variable in _OWN_HOSTS and urlsplit(origin)[:2] == ("https", _OWN_HOSTS[variable])
