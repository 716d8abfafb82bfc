"""``ssescope prune``: old captures removed from their folder, or shown before they are."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from captures.folder import CaptureFolder, Removal, Survey
from captures.prune import Chosen, Criteria, Entry, Reason, choose
from captures.store import CaptureFolderError
from inspector_tui.numbers import plural, seconds_text, size_text
from inspector_tui.safe import safe_text
from ssescope.exits import Exit, fail


@dataclass(frozen=True, slots=True)
class PruneOptions:
    """What the user asked for."""

    folder: Path
    criteria: Criteria
    really: bool = False
    """Whether captures are removed; otherwise it is only told which would be."""
    as_json: bool = False


@dataclass(frozen=True, slots=True)
class _Outcome:
    """A capture that was chosen, and what became of it."""

    chosen: Chosen
    removal: Removal | None
    """None where nothing was to be removed yet."""

    @property
    def is_gone(self) -> bool:
        """Whether it goes, or has gone, whole."""
        return self.removal is None or not self.removal.left_because


def run_prune(options: PruneOptions) -> int:
    """Removes the captures that the criteria name, or shows them; returns the exit code."""
    if options.criteria.is_empty:
        fail(
            Exit.USAGE,
            "nothing says which captures are to go; "
            "give one or more of --older-than 7d, --keep 100 and --max-size 2GiB",
        )
    now = time.time()
    try:
        with CaptureFolder(options.folder) as folder:
            folder.require_own()
            survey = folder.survey(now)
            outcomes = [
                _Outcome(chosen, folder.remove(chosen.entry) if options.really else None)
                for chosen in choose(survey.entries, options.criteria, now)
            ]
    except CaptureFolderError as error:
        fail(Exit.FOLDER_UNUSABLE, str(error))
    if options.as_json:
        click.echo(json.dumps(_fields(options, survey, outcomes), ensure_ascii=True, indent=2))
    else:
        for outcome in outcomes:
            if outcome.is_gone:
                click.echo(_line(outcome.chosen, options.criteria, now))
    _tell_trouble(survey, outcomes)
    _say(_summary(options, survey, outcomes))
    if outcomes and not options.really:
        _say("nothing is removed yet; the same command with --yes removes them")
    refused = any(one.removal is not None and one.removal.failed for one in outcomes)
    return Exit.FOLDER_UNUSABLE if refused or survey.unreadable else Exit.FINE


def _line(chosen: Chosen, criteria: Criteria, now: float) -> str:
    entry = chosen.entry
    match chosen.reason:
        case Reason.AGE:
            why = f"last written {seconds_text(now - entry.changed)} ago"
        case Reason.COUNT:
            why = f"not among the newest {criteria.keep}"
        case Reason.SIZE:
            why = "for the size"
    files = "" if len(entry.files) == 1 else f"  {plural(len(entry.files), 'file')}"
    return f"{safe_text(entry.name):36}  {size_text(entry.size):>7}  {why}{files}"


def _summary(options: PruneOptions, survey: Survey, outcomes: Sequence[_Outcome]) -> str:
    all_size = _size(survey.entries)
    gone = [outcome for outcome in outcomes if outcome.is_gone]
    freed = _freed(outcomes)
    left, left_size = len(survey.entries) - len(gone), all_size - freed
    running = [entry for entry in survey.entries if entry.running]
    if not outcomes:
        words = f"nothing to remove: {_counted(left, left_size)} in {options.folder}"
    elif options.really:
        words = f"removed {_counted(len(gone), freed)}; {_counted(left, left_size)} left"
    else:
        words = f"would remove {_counted(len(gone), freed)}; {_counted(left, left_size)} would stay"
    if running:
        words += f"; {_counted(len(running), _size(running))} being recorded, which stay"
    limit = options.criteria.max_size
    if limit is not None and left_size > limit:
        words += f"; more than the {size_text(limit)} asked for"
    if survey.foreign:
        words += f"; {plural(len(survey.foreign), 'file')} that are no captures left alone"
    return words


def _tell_trouble(survey: Survey, outcomes: Iterable[_Outcome]) -> None:
    for file, why in survey.unreadable:
        _say(f"{file} is left alone, as it cannot be looked at: {why}")
    for outcome in outcomes:
        removal = outcome.removal
        if removal is not None and removal.left_because:
            _say(f"{outcome.chosen.entry.name} is not removed: {removal.left_because}")


def _fields(options: PruneOptions, survey: Survey, outcomes: Sequence[_Outcome]) -> dict[str, Any]:
    return {
        "folder": str(options.folder),
        "dry_run": not options.really,
        "captures": len(survey.entries),
        "bytes": _size(survey.entries),
        "running": [entry.name for entry in survey.entries if entry.running],
        "foreign": list(survey.foreign),
        "unreadable": [{"file": file, "why": why} for file, why in survey.unreadable],
        "freed": _freed(outcomes),
        "chosen": [
            {
                "name": outcome.chosen.entry.name,
                "reason": outcome.chosen.reason.value,
                "files": list(outcome.chosen.entry.files),
                "bytes": outcome.chosen.entry.size,
                "removed": list(outcome.removal.files) if outcome.removal else [],
                "left_because": outcome.removal.left_because if outcome.removal else "",
            }
            for outcome in outcomes
        ],
    }


def _freed(outcomes: Iterable[_Outcome]) -> int:
    """Bytes that are free now, or would be."""
    return sum(
        outcome.chosen.entry.size if outcome.removal is None else outcome.removal.freed
        for outcome in outcomes
    )


def _size(entries: Iterable[Entry]) -> int:
    return sum(entry.size for entry in entries)


def _counted(count: int, size: int) -> str:
    return f"{plural(count, 'capture')}, {size_text(size)}"


def _say(words: str) -> None:
    click.echo(f"ssescope: {safe_text(words)}", err=True)
