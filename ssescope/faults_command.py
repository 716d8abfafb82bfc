"""``ssescope faults``, and the faults that a user asks for on the command line."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from captures.faults.arguments import FaultError
from captures.faults.catalogue import FAULTS, Faults, parse_faults
from ssescope.exits import Exit, fail
from ssescope.talk import say


def faults_for(texts: Sequence[str], seed: int) -> Faults:
    """The faults that these words name; ends with code 2 if they cannot be understood."""
    try:
        return parse_faults(texts, seed)
    except FaultError as error:
        fail(Exit.USAGE, str(error))


def tell_faults(faults: Faults) -> None:
    """Says what is done to every answer."""
    if faults:
        say(f"HARMING every answer: {', '.join(faults.texts)} (seed {faults.seed})")


def list_faults(as_json: bool) -> None:
    """Prints every fault with a line and an example."""
    if as_json:
        rows = [
            {
                "name": fault.name,
                "usage": fault.usage,
                "does": fault.does,
                "example": fault.example,
            }
            for fault in FAULTS
        ]
        click.echo(json.dumps(rows, indent=2))
        return
    width = max(len(fault.name) for fault in FAULTS)
    for fault in FAULTS:
        click.echo(f"{fault.name:{width}}  {fault.does}")
        click.echo(f"{'':{width}}  --fault '{fault.example}'")
