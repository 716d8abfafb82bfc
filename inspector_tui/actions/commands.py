"""Commands of ours as child processes: what the inspector itself must not do, or cannot.

None of them outlives the inspector: who runs on is told by the end of its standard input, which
comes even where the inspector is killed.
"""

from __future__ import annotations

import asyncio
import os
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_OUTPUT_SIZE = 8 * 1024 * 1024
"""Bytes of what a command prints that are read."""

MAX_LINE_SIZE = 4096
"""Characters of a line that are kept."""

STOP_SECONDS = 5.0
"""How long a command may take to end when it is told to."""


class CommandError(Exception):
    """A command that could not be run. The message says why."""


@dataclass(frozen=True, slots=True)
class Done:
    """A command that has ended."""

    code: int
    output: str
    """What it printed on stdout."""
    talk: str
    """What it said on stderr: the last line of it, without our name before it."""


class Commands:
    """Starts commands and ends those that still run. Mutable: knows what runs."""

    def __init__(self, program: Sequence[str]) -> None:
        """The commands of a program.

        Args:
            program: the words that the command's own come behind; none where there is no program.
        """
        self._program = tuple(program)
        self._running: set[Process] = set()

    async def run(self, *words: str) -> Done:
        """Runs a command to its end.

        Raises:
            CommandError: it cannot be started, or prints too much.
        """
        process = await self._started(words, stdin=DEVNULL, stderr=PIPE)
        try:
            output, talk = await asyncio.gather(*_pipes_read(process))
            code = await process.wait()
        finally:
            await self.end(process)
            # A pipe that is not read to its end would never be closed.
            await asyncio.gather(*_pipes_read(process))
        if max(len(output), len(talk)) > MAX_OUTPUT_SIZE:
            raise CommandError(f"it prints more than {MAX_OUTPUT_SIZE >> 20} MiB")
        return Done(code, output.decode("utf-8", "replace"), told(talk.decode("utf-8", "replace")))

    async def output_of(self, *words: str) -> str:
        """What a command prints.

        Raises:
            CommandError: it cannot be run, or fails. The message is what it says.
        """
        done = await self.run(*words)
        if done.code:
            raise CommandError(done.talk or f"it ended with code {done.code}")
        return done.output

    async def start(self, *words: str) -> Process:
        """Starts a command that ends with its standard input.

        What it prints and says comes in its order on its standard output.

        Raises:
            CommandError: it cannot be started.
        """
        return await self._started(words, stdin=PIPE, stderr=STDOUT)

    async def end(self, process: Process) -> None:
        """Ends a command if it still runs."""
        if process.stdin is not None:
            process.stdin.close()
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOP_SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()
        self._running.discard(process)

    async def end_all(self) -> None:
        """Ends everything that still runs."""
        await asyncio.gather(*(self.end(process) for process in tuple(self._running)))

    async def _started(self, words: Sequence[str], stdin: int, stderr: int) -> Process:
        if not self._program:
            raise CommandError("this needs the program ssescope, which has not started this view")
        try:
            process = await asyncio.create_subprocess_exec(
                *self._program,
                *words,
                stdin=stdin,
                stdout=PIPE,
                stderr=stderr,
                env={**os.environ, "NO_COLOR": "1"},
            )
        except OSError as error:
            raise CommandError(f"cannot run {self._program[0]}: {error.strerror}") from None
        except ValueError:
            # NUL, or half of a surrogate pair.
            raise CommandError("a name holds a character that no file name can") from None
        self._running.add(process)
        return process


def word_for(path: Path) -> str:
    """A path as an argument: whatever its name is, no option."""
    return str(path.absolute())


def told(talk: str) -> str:
    """The last line of what a command of ours said, without our name before it."""
    lines = [line for line in talk.split("\n") if line.strip()]
    return lines[-1].removeprefix("ssescope: ").removeprefix("Error: ") if lines else ""


async def lines_of(process: Process) -> AsyncIterator[str]:
    """The lines that a started command prints and says, of a long one its beginning."""
    stream = process.stdout
    assert stream is not None  # noqa: S101 - it was asked for
    while True:
        try:
            line = await stream.readline()
        except ValueError:
            # A line beyond the limit of the stream; what was read of it is dropped.
            continue
        if not line:
            return
        yield line.decode("utf-8", "replace").rstrip("\n")[:MAX_LINE_SIZE]


def _pipes_read(process: Process) -> list[Coroutine[Any, Any, bytes]]:
    """What reads everything that a process prints, and what it says."""
    pipes = (process.stdout, process.stderr)
    return [_all(process, pipe) for pipe in pipes if pipe is not None]


async def _all(process: Process, pipe: asyncio.StreamReader) -> bytes:
    """What comes through a pipe; of too much the beginning, and the process is ended."""
    data = bytearray()
    while piece := await pipe.read(65536):
        if len(data) <= MAX_OUTPUT_SIZE:
            data += piece
        elif process.returncode is None:
            process.kill()
    return bytes(data)
