"""The shapes of secrets that can be told by their looks: keys of providers, tokens, key blocks.

Only what is sure stands here: a public beginning, or a name right before the value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_BEGIN = rb"(?:(?<![A-Za-z0-9_])|(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-Fa-f]{2}))"
"""Not within a word. The letter of a JSON or percent escape belongs to no word."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What one kind of secret looks like."""

    name: str
    """A stable word such as ``anthropic-api-key``."""
    pattern: re.Pattern[bytes]
    """Group 1 is the secret; without a group the whole match is."""
    prefix: str
    """The public beginning, which stays."""
    example: str
    """A made-up one."""


def _shape(name: str, prefix: str, begin: bytes, secret: bytes, example: str) -> Shape:
    return Shape(name, re.compile(_BEGIN + begin + b"(" + secret + b")"), prefix, example)


SHAPES = (
    _shape(
        "anthropic-api-key",
        "sk-ant-",
        rb"sk-ant-(?:[a-z]{2,8}[0-9]{2}-)?",
        rb"[A-Za-z0-9_-]{16,}",
        "sk-ant-api03-" + "Ab3-" * 24,
    ),
    _shape(
        "openrouter-api-key",
        "sk-or-",
        rb"sk-or-(?:v[0-9]-)?",
        rb"[A-Za-z0-9_-]{16,}",
        "sk-or-v1-" + "0a1b" * 16,
    ),
    _shape(
        "openai-api-key",
        "sk-proj-",
        rb"sk-(?:proj|svcacct|admin|None)-",
        rb"[A-Za-z0-9_-]{16,}",
        "sk-proj-" + "Ab3_" * 30,
    ),
    _shape("langfuse-secret-key", "sk-lf-", rb"sk-lf-", rb"[0-9a-f-]{36}", "sk-lf-" + "0a1b" * 9),
    _shape("sk-api-key", "sk-", rb"sk-", rb"[A-Za-z0-9]{20,}", "sk-" + "Ab3d" * 12),
    _shape(
        "google-api-key",
        "AIza",
        rb"AIza",
        rb"[0-9A-Za-z_-]{35}(?![0-9A-Za-z_-])",
        "AIza" + "Sy_-3" * 7,
    ),
    _shape(
        "google-oauth-token", "ya29.", rb"ya29\.", rb"[A-Za-z0-9_-]{20,}", "ya29." + "a0Af" * 10
    ),
    _shape("google-oauth-secret", "GOCSPX-", rb"GOCSPX-", rb"[\w-]{28}", "GOCSPX-" + "Ab3-" * 7),
    _shape(
        "aws-access-key-id",
        "AKIA",
        rb"(?:AKIA|ASIA)",
        rb"[A-Z0-9]{16}(?![A-Za-z0-9])",
        "AKIA" + "Q3EXAMPL" * 2,
    ),
    _shape(
        "aws-secret-access-key",
        "secret_access_key",
        rb"""(?i:(?:aws_?)?secret_?access_?key)[\\"'\s:=]{1,12}""",
        rb"[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])",
        "aws_secret_access_key=" + "Ab/3+" * 8,
    ),
    _shape("github-token", "ghp_", rb"gh[opsur]_", rb"[A-Za-z0-9]{36,}", "ghp_" + "Ab3d" * 9),
    _shape("github-pat", "github_pat_", rb"github_pat_", rb"\w{40,}", "github_pat_" + "Ab3_" * 20),
    _shape("gitlab-token", "glpat-", rb"glpat-", rb"[\w-]{20,}", "glpat-" + "Ab3-" * 5),
    _shape(
        "slack-token",
        "xoxb-",
        rb"(?:xox[abeoprs]|xapp)-",
        rb"[A-Za-z0-9-]{10,}",
        "xoxb-" + "1234567890-" * 2 + "Ab3d" * 6,
    ),
    _shape(
        "slack-webhook",
        "hooks.slack.com/services/",
        rb"hooks\.slack\.com/services/",
        rb"[A-Z0-9]+/[A-Z0-9]+/[A-Za-z0-9]{16,}",
        "hooks.slack.com/services/T0AB/B0CD/" + "Ab3d" * 6,
    ),
    _shape(
        "stripe-key",
        "sk_live_",
        rb"(?:sk|rk)_(?:live|test)_",
        rb"[A-Za-z0-9]{16,}",
        "sk_live_" + "Ab3d" * 6,
    ),
    _shape(
        "stripe-webhook-secret",
        "whsec_",
        rb"whsec_",
        rb"[A-Za-z0-9+/]{24,}=*",
        "whsec_" + "Ab3d" * 8,
    ),
    _shape("hugging-face-token", "hf_", rb"hf_", rb"[A-Za-z0-9]{30,}", "hf_" + "AbCd" * 9),
    _shape("groq-api-key", "gsk_", rb"gsk_", rb"[A-Za-z0-9]{40,}", "gsk_" + "Ab3d" * 13),
    _shape("xai-api-key", "xai-", rb"xai-", rb"[A-Za-z0-9]{60,}", "xai-" + "Ab3d" * 20),
    _shape("perplexity-api-key", "pplx-", rb"pplx-", rb"[A-Za-z0-9]{40,}", "pplx-" + "Ab3d" * 12),
    _shape("replicate-token", "r8_", rb"r8_", rb"[A-Za-z0-9]{37}", "r8_" + "Ab3d" * 9 + "e"),
    _shape("nvidia-api-key", "nvapi-", rb"nvapi-", rb"[\w-]{60,}", "nvapi-" + "Ab3-" * 16),
    _shape("npm-token", "npm_", rb"npm_", rb"[A-Za-z0-9]{36}", "npm_" + "Ab3d" * 9),
    _shape("pypi-token", "pypi-", rb"pypi-AgE", rb"[\w-]{50,}", "pypi-AgE" + "Ab3-" * 20),
    _shape(
        "sendgrid-api-key",
        "SG.",
        rb"SG\.",
        rb"[\w-]{22}\.[\w-]{43}",
        "SG." + "Ab3-" * 5 + "ab." + "Ab3-" * 10 + "abc",
    ),
    _shape(
        "langsmith-api-key",
        "lsv2_",
        rb"lsv2_(?:pt|sk)_",
        rb"[0-9a-f]{32}_[0-9a-f]{10}",
        "lsv2_pt_" + "0a1b" * 8 + "_" + "0a1b2" * 2,
    ),
    _shape(
        "json-web-token",
        "eyJ",
        rb"eyJ",
        rb"[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){2,4}",
        "eyJ" + "hbGc" * 4 + ".eyJ" + "zdWI" * 4 + "." + "Ab3-" * 8,
    ),
    _shape(
        "private-key",
        "-----BEGIN PRIVATE KEY-----",
        rb"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"
        rb"(?=[A-Za-z0-9\\\s:,-]{0,200}?[A-Za-z0-9+/=]{32})",
        rb"(?:[A-Za-z0-9+/=:,\\\s]|-(?!----))+",
        "-----BEGIN PRIVATE KEY-----\n" + "MIIEvQ3/" * 8 + "\n-----END PRIVATE KEY-----",
    ),
    _shape(
        "url-password",
        "postgres://user:",
        rb"""[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s/:@"'\\<>]{0,256}:""",
        rb"""[^\s/:@"'\\<>]{1,256}(?=@[A-Za-z0-9\[])""",
        "postgres://user:Ab3d5f@db.example",
    ),
    _shape(
        "basic-credentials",
        "Authorization: Basic ",
        rb"""(?i:authorization)[\\"'\s:=]{1,12}(?i:basic)[ +]{1,4}""",
        rb"[A-Za-z0-9+/]{8,}={0,2}",
        "Authorization: Basic " + "dXNlcjpw" * 2,
    ),
    _shape(
        "bearer-token",
        "Bearer ",
        rb"(?i:bearer)(?: |%20|\+){1,4}(?=[A-Za-z._~+/-]*[0-9])",
        rb"[A-Za-z0-9._~+/-]{16,}=*",
        "Bearer " + "Ab3d" * 8,
    ),
)
"""Ordered: of shapes that match at the same place the first gives the name."""


def user_shape(number: int, pattern: str) -> Shape:
    """The shape of a pattern that a user gives; it is matched against bytes.

    Raises:
        ValueError: when it is no regular expression, or matches nothing at all.
    """
    try:
        compiled = re.compile(pattern.encode("utf-8", "surrogateescape"))
    except re.error as error:
        raise ValueError(f"the pattern {pattern!r} is no regular expression: {error}") from None
    if compiled.fullmatch(b"") is not None:
        raise ValueError(f"the pattern {pattern!r} matches the empty text too")
    return Shape(f"pattern-{number}", compiled, "", "")
