"""``ssescope run --replay``: a command whose LLM clients are answered from captures."""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from captures.request_body import FieldPath
from inspector_tui.safe import safe_text
from proxy.replay import Manner, serve_replay
from proxy.replay_exchange import AnsweredBy, Told
from proxy.target import UpstreamError
from ssescope.child import run_child
from ssescope.exits import Exit, fail
from ssescope.faults_command import tell_faults
from ssescope.loop import Stop, run
from ssescope.providers import child_environment, routes
from ssescope.replay_command import loaded_library
from ssescope.servers import bound
from ssescope.talk import say

MOST_LINES = 50
"""Requests told one by one; of more, the newest are."""


@dataclass(frozen=True, slots=True)
class ReplayedOptions:
    """What the user asked of ``ssescope run --replay``."""

    command: tuple[str, ...]
    paths: tuple[Path, ...]
    manner: Manner
    variables: tuple[str, ...] = ()
    """Further base-URL variables as ``NAME=URL``."""
    ignored: tuple[FieldPath, ...] = ()
    """Places in request bodies that do not count, beside the usual ones."""


class Asked:
    """What a command asked of its replay. Mutable: keeps the newest requests, counts all."""

    def __init__(self) -> None:
        self._counts: Counter[AnsweredBy] = Counter()
        self._lines: deque[str] = deque(maxlen=MOST_LINES)

    def add(self, told: Told) -> None:
        """Takes what the replay tells."""
        if told.answered_by is not None:
            sign = "-" if told.answered_by is AnsweredBy.NOBODY else "✓"
            self._counts[told.answered_by] += 1
            self._lines.append(f"{sign} {safe_text(told.line)}")

    def summary_lines(self) -> Iterator[str]:
        """The lines, safe for a terminal."""
        total, missed = self._counts.total(), self._counts[AnsweredBy.NOBODY]
        if not total:
            yield (
                "ssescope: nothing was asked of the replay; does the command read the base-URL "
                "variables? --env-var NAME=URL adds one"
            )
            return
        not_recorded = f", {missed:,} not recorded" if missed else ""
        yield f"ssescope: {_count(total - missed)} answered from captures{not_recorded}"
        if len(self._lines) < total:
            yield f"  … the last {len(self._lines)} of them:"
        for line in self._lines:
            yield f"  {line}"


def run_replayed(options: ReplayedOptions) -> int:
    """Runs the command in front of a replay and tells on stderr what answered it.

    Returns:
        The command's exit code, negative where a signal ended it.
    """
    try:
        planned = routes(os.environ, options.variables)
    except UpstreamError as error:
        fail(Exit.USAGE, str(error))
    library = loaded_library(options.paths, options.ignored)
    tell_faults(options.manner.faults)
    asked = Asked()

    async def command(_stop: Stop) -> int:
        served = serve_replay(library, manner=options.manner, on_served=asked.add)
        async with bound(served, 0) as server:
            led = child_environment(os.environ, ((route, server.origin) for route in planned))
            return await run_child(options.command, led)

    code = run(command)
    for line in asked.summary_lines():
        say(line)
    return code


def _count(number: int) -> str:
    return "1 request" if number == 1 else f"{number:,} requests"
