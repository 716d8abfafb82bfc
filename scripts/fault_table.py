"""Writes docs/faults.md: every fault, and what the installed Python clients make of it."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from captures.faults.blocks import BlockSplitter
from captures.faults.catalogue import FAULTS, parse_faults
from captures.faults.grammar import LINE_SEPARATOR
from captures.faults.harm import AnswerHead, Send
from captures.pace import MAX_SPEED, Pace
from proxy.replay import Manner, serve_replay
from proxy.replay_library import Library
from proxy.sandbox import DIALECTS
from proxy.sandbox_dialect import Answer
from proxy.sandbox_scenarios import Scenario, Text, ToolUse
from scripts.fault_clients import CLIENTS, Client, Heard, close_clients

TABLE = Path(__file__).parents[1] / "docs" / "faults.md"

FINE, TRUNCATED, DIFFERENT, NOTHING = "fine", "**truncated**", "**different**", "–"

_SAID = "Streaming doesn’t make a model faster — it lets you read while it is still writing. 🌊"
TEXT_ANSWER = Scenario("text", "Text alone.", (Text(_SAID),))
TOOL_ANSWER = Scenario(
    "tools",
    "Two tool calls.",
    (
        Text("I’ll look."),
        ToolUse("get_weather", ("", '{"city', '": "Zür', 'ich"', ', "days', '": 3}')),
        ToolUse("get_time", ("", '{"city', '": "Zür', 'ich"}')),
    ),
    stop_reason="tool_use",
)
ANSWERS = (("text", TEXT_ANSWER), ("tool calls", TOOL_ANSWER))
_DELTA_MARKS = {
    "text": (b"text_delta", b'"delta":{"content"', b"output_text.delta", b'"text":'),
    "tool calls": (b"input_json_delta", b'"tool_calls":[', b"arguments.delta", b"functionCall"),
}
"""What a delta shows in each protocol."""

CASES: dict[str, tuple[str, ...]] = {
    "cut": ("cut:event=N", "cut:event=N:reset", "cut:event=N:clean"),
    "stall": ("stall:event=N:seconds=0.1", "stall:event=N"),
    "slow": ("slow:seconds=0.001",),
    "jitter": ("jitter:seconds=0.002",),
    "error": ("error:deltas=3",),
    "drop": ("drop:event=N", "drop:event=0"),
    "duplicate": ("duplicate:event=N",),
    "swap": ("swap:event=N",),
    "insert": ('insert:event=N:type=future:data={"type":"future"}',),
    "ids": ("ids", "ids + comments"),
    "status": ("status:code=429", "status:code=529"),
}
"""What is measured of a fault, where that is not its example. N is a delta with others
behind it."""


def measured_faults() -> tuple[str, ...]:
    """Every line of the second table."""
    return tuple(case for fault in FAULTS for case in CASES.get(fault.name, (fault.example,)))


@dataclass(frozen=True, slots=True)
class Body:
    """A whole answer of one protocol."""

    kind: str
    data: bytes

    def faults(self, case: str) -> list[str]:
        """The faults of a line of the table, with a number for N."""
        marks = _DELTA_MARKS[self.kind]
        blocks = BlockSplitter().feed(self.data)
        deltas = [block.index for block in blocks if any(mark in block.raw for mark in marks)]
        number = deltas[len(deltas) // 4]
        return [each.replace("event=N", f"event={number}") for each in case.split(" + ")]

    def is_changed_by(self, faults: list[str]) -> bool:
        """Whether these faults do anything to it."""
        harm = parse_faults(faults).begin(1)
        head = AnswerHead(200, ())
        steps = [*harm.feed(self.data), *harm.finish()]
        sent = b"".join(step.data for step in steps if isinstance(step, Send))
        waits = any(step.delay or not isinstance(step, Send) for step in steps)
        return sent != self.data or waits or harm.head(head) != head


def bodies_of(client: Client) -> tuple[Body, ...]:
    """What the sandbox answers in the client's protocol: a text, and tool calls."""
    path = client.path.partition(":")[0].replace("MODEL", "{call}")
    dialect = dict(DIALECTS)[path]
    answer = Answer(1, "model", 7, "END")
    return tuple(
        Body(kind, b"".join(event.frame for event in dialect.events(scenario, answer)))
        for kind, scenario in ANSWERS
    )


async def hear(client: Client, body: Body, faults: list[str]) -> Heard:
    """What a client makes of an answer with these faults, served over loopback."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "answer.sse").write_bytes(body.data)
        library = Library((folder / "answer.sse",))
        library.load()
        manner = Manner(Pace(MAX_SPEED), interval=0.0, faults=parse_faults(faults))
        server = await stack.enter_async_context(serve_replay(library, manner=manner))
        return await asyncio.to_thread(client.hear, server.origin)


def outcome_of(heard: Heard, whole: Heard) -> str:
    """What became of an answer, in the words of the table."""
    if heard.raised:
        return f"`{heard.raised}`"
    # One of the faults adds it to the text.
    heard = replace(heard, text=heard.text.replace(LINE_SEPARATOR, ""))
    if heard == whole:
        return FINE
    is_shorter = len(heard.text) < len(whole.text) or len(heard.calls) < len(whole.calls)
    return TRUNCATED if is_shorter or not heard.stop else DIFFERENT


async def measure(client: Client, case: str) -> str:
    """A cell of the table."""
    outcomes: dict[str, str] = {}
    for body in bodies_of(client):
        faults = body.faults(case)
        if not body.is_changed_by(faults):
            outcomes[body.kind] = NOTHING
            continue
        whole = await hear(client, body, [])
        outcomes[body.kind] = outcome_of(await hear(client, body, faults), whole)
    if len(set(outcomes.values())) == 1:
        return next(iter(outcomes.values()))
    return ", ".join(f"{kind}: {outcome}" for kind, outcome in outcomes.items())


Cells = Mapping[str, tuple[str, ...]]
"""Each line of the second table with a cell a client."""


async def measured_cells() -> Cells:
    """All cells, measured now. Takes some seconds."""
    cells = {}
    for case in measured_faults():
        cells[case] = tuple(await asyncio.gather(*(measure(client, case) for client in CLIENTS)))
    return cells


HEAD = """# Faults

`--fault NAME` on `ssescope proxy`, `run` and `replay` harms every answer on purpose, so that you
see what your program does when a stream goes wrong. Several faults work one on what the other
made, in the order given; the same `--seed` gives the same bytes. `x-ssescope-fault` in the head of
an answer says what was done to it.

```sh
ssescope faults
```

N counts the events that have data, from 0. What a fault does not fit, it leaves as it is.

| fault | does |
|---|---|
"""

MEASURED = """
## What Python clients do with them

Measured by `python -m scripts.fault_table` with {versions}.

The sandbox gives one answer of text and one with two tool calls; a replay harms them. Each client
asks with `stream=True`, google-genai with `generate_content_stream`, without retries, with a
timeout of a second, and adds up delta by delta. N is a delta with others behind it.

- **fine**: the same text, tool calls and stop reason as without the fault. What else an event
  carries, such as usage, is not looked at: a first event without text may be lost.
- `Name`: an exception of this class is raised. `TypeError` is that of a loop over
  `chunk.choices`, as the client hands out a chunk in which it is None.
- **truncated**: nothing is raised, and text, a tool call or the stop reason is missing.
- **different**: nothing is raised, and they are not those of the answer.
- –: the fault changes nothing in this protocol.

"""


def document(cells: Cells, versions: str) -> str:
    """The whole page.

    Args:
        cells: what was measured.
        versions: the packages it was measured with.
    """
    listed = "".join(f"| {_code(fault.usage)} | {fault.does} |\n" for fault in FAULTS)
    names = " | ".join(client.name for client in CLIENTS)
    head = f"| fault | {names} |\n|{'---|' * (len(CLIENTS) + 1)}\n"
    rows = "".join(f"| {_code(case)} | {' | '.join(cells[case])} |\n" for case in measured_faults())
    return f"{HEAD}{listed}{MEASURED.format(versions=versions)}{head}{rows}"


def installed_versions() -> str:
    """The packages that are measured."""
    found = {client.package: client.version for client in CLIENTS}
    return ", ".join(f"{package} {version}" for package, version in sorted(found.items()))


def read_back(text: str) -> tuple[dict[str, tuple[str, ...]], str]:
    """The cells and the versions of a page, to be compared with what would be written now."""
    measured = text.partition(MEASURED[:30])[2]
    rows = re.findall(r"^\| (`.+?`) \| (.+) \|$", measured, re.MULTILINE)
    by_code = {_code(case): case for case in measured_faults()}
    cells = {by_code.get(code, code): tuple(rest.split(" | ")) for code, rest in rows}
    versions = re.search(r"fault_table` with (.+)\.$", measured, re.MULTILINE)
    return cells, versions[1] if versions else ""


def _code(text: str) -> str:
    return " + ".join(f"`{each}`" for each in text.replace("|", "\\|").split(" + "))


def main() -> None:
    """Measures and writes the page."""
    try:
        cells = asyncio.run(measured_cells())
    finally:
        close_clients()
    TABLE.write_text(document(cells, installed_versions()), encoding="utf-8")


if __name__ == "__main__":
    main()
