"""Writes docs/rules/README.md, the index of the rules, from the catalogue."""

from __future__ import annotations

from pathlib import Path

from captures.findings.catalogue import RULES

INDEX = Path(__file__).parents[1] / "docs" / "rules" / "README.md"

HEAD = """# Findings

What ssescope may say about an exchange. Codes are stable: a code never changes its meaning and is
never used again. **error** means that the answer is not what the client takes it for; **warning**
that something deserves a look; **info** that something is worth knowing. A healthy stream gets no
error and no warning.

Every page holds an example that fires its rule and one that does not; a test runs both. An
example is the body of a stream and the path it came from, or the lines of a
[capture file](../format.md) where times, chunks or the ending matter. The binary messages of an AWS
event stream stand as their event types and payloads.

| code | level | what was found |
|---|---|---|
"""


def main() -> None:
    """Writes the index."""
    rows = (
        f"| [{rule.code}]({rule.code}.md) | {rule.level.value} | {rule.title} |\n" for rule in RULES
    )
    INDEX.write_text(HEAD + "".join(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
