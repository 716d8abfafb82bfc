"""Runs a user's command in this terminal, as a shell would."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence

from ssescope.proxy_command import raise_open_files
from ssescope.talk import say

NOT_FOUND, NOT_EXECUTABLE = 127, 126
"""Exit codes of a command that could not be started, as shells have them."""

_FORWARDED = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
_FROM_THE_TERMINAL = (signal.SIGINT, signal.SIGQUIT)
"""A terminal sends these to the command as well, so that they are forwarded only without one."""


async def run_child(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Starts the command in this terminal and waits for its end; returns its code."""
    try:
        child = subprocess.Popen(command, env=environment)  # noqa: ASYNC220, S603 - it is asked for
    except FileNotFoundError:
        say(f"ssescope: no command {command[0]!r} was found")
        return NOT_FOUND
    except OSError as error:
        say(f"ssescope: cannot run {command[0]!r}: {error.strerror}")
        return NOT_EXECUTABLE
    # The command keeps the limit it was started with.
    raise_open_files()
    loop = asyncio.get_running_loop()
    for number in (*_FORWARDED, *_FROM_THE_TERMINAL):
        loop.add_signal_handler(number, _forward, child, number)
    try:
        return await asyncio.to_thread(child.wait)
    finally:
        for number in (*_FORWARDED, *_FROM_THE_TERMINAL):
            loop.remove_signal_handler(number)


def _forward(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if number not in _FROM_THE_TERMINAL or not sys.stdin.isatty():
        child.send_signal(number)


def end_as(code: int) -> int:
    """The exit code to end with; a command that a signal ended makes us end by it too."""
    if code >= 0:
        return code
    number = -code
    if number not in {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)
        if number in {signal.SIGQUIT, signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS}:
            # The command has left its core already; ours would hide it.
            resource.setrlimit(
                resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1])
            )
        os.kill(os.getpid(), number)
    return 128 + number
