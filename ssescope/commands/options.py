"""Options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from captures.cutting import Way, parse_way
from ssescope.settings import (
    FASTEST,
    SETTINGS_VARIABLE,
    SLOWEST,
    Settings,
    SettingsError,
    read_settings,
    settings_path,
)

if TYPE_CHECKING:
    from ssescope.inspector_options import InspectorOptions

Command = TypeVar("Command", bound=Callable[..., Any])

DEFAULT_PORT = 8484

captures_option = click.option(
    "--captures",
    "folder",
    type=click.Path(path_type=Path),
    help="Folder of captures (default: SSESCOPE_CAPTURES, or the user's data folder).",
)
json_option = click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")


until_eof_option = click.option(
    "--until-eof", is_flag=True, help="End when standard input does, as for a program's child."
)


def take_settings(context: click.Context) -> None:
    """Makes the user's settings the defaults of the commands; ends with code 2 if they are wrong.

    They go behind flags and environment variables, as click has it.
    """
    path = settings_path(os.environ)
    try:
        settings = read_settings(path, needed=SETTINGS_VARIABLE in os.environ)
    except SettingsError as error:
        raise click.UsageError(str(error)) from None
    context.obj = settings
    context.default_map = dict(settings.options)


def _settings() -> Settings | None:
    """What `take_settings` took; None outside of a command."""
    context = click.get_current_context(silent=True)
    return context.find_object(Settings) if context else None


def port_option(default: int, variable: str | None = None) -> Callable[[Command], Command]:
    """``--port`` with this default, and the environment variable that it may come from."""
    return click.option(
        "--port",
        type=click.IntRange(0, 65535),
        envvar=variable,
        default=default,
        show_default=True,
        help="Port to listen on; 0 takes any free one.",
    )


def inspector_options(command: Command) -> Command:
    """The options that say how the inspector is shown; `inspector_options_given` takes them."""
    options = (
        click.option(
            "--fps",
            type=click.FloatRange(SLOWEST, FASTEST),
            envvar="SSESCOPE_FPS",
            help="Frames a second at most (default: 10, over SSH 5).",
        ),
        click.option(
            "--mouse/--no-mouse",
            default=True,
            envvar="SSESCOPE_MOUSE",
            help="Without it the terminal's own selection works.",
        ),
        click.option(
            "--theme",
            envvar="SSESCOPE_THEME",
            metavar="NAME",
            help="dark, light, ansi (the terminal's 16 colours), or one of Textual's.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def inspector_options_given(
    *, fps: float | None, mouse: bool, theme: str | None
) -> InspectorOptions:
    """What these options and the keys of the user's settings come to."""
    from ssescope.inspector_options import InspectorOptions

    settings = _settings()
    keys, path = (settings.keys, settings.path) if settings else ({}, None)
    return InspectorOptions(fps, mouse, theme, keys, path)


def reach_options(command: Command) -> Command:
    """The options that say where a server listens, and who may ask."""
    options = (
        click.option(
            "--host",
            default="localhost",
            show_default=True,
            metavar="ADDRESS",
            help="Where to listen; beyond loopback with --allow-remote and a token.",
        ),
        click.option("--allow-remote", is_flag=True, help="Let other machines in, by the token."),
        click.option(
            "--token",
            envvar="SSESCOPE_TOKEN",
            metavar="TOKEN",
            help="What every request must carry as x-ssescope-token. The list of processes shows "
            "it to other users of this machine, which SSESCOPE_TOKEN does not.",
        ),
        click.option(
            "--allow-origin",
            "origins",
            multiple=True,
            metavar="ORIGIN",
            help="A web page that may ask and read, such as http://localhost:3000.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def folder_or_default(folder: Path | None) -> Path:
    """The folder that was named: by the option, by the variable, by the settings; or the usual."""
    from ssescope.places import default_folder

    if folder is not None:
        return folder
    settings = _settings()
    return default_folder(settings.folder if settings else None)


def fault_options(command: Command) -> Command:
    """``--fault`` and ``--seed``."""
    for option in (
        click.option(
            "--seed",
            type=click.IntRange(0),
            default=0,
            show_default=True,
            help="What makes the random parts of faults repeatable.",
        ),
        click.option(
            "--fault",
            "faults",
            multiple=True,
            metavar="NAME[:ARGUMENTS]",
            help="Harm every answer so, as ssescope faults lists; several work one on the other.",
        ),
    ):
        command = option(command)
    return command


def match_options(*others: str) -> Callable[[Command], Command]:
    """``--on-miss``, with these further values, and ``--ignore-field``."""

    def add(command: Command) -> Command:
        ignored = click.option(
            "--ignore-field",
            "ignored",
            type=Field(),
            multiple=True,
            help="Does not count in request bodies, such as messages.*.id; metadata, user and "
            "other names of the caller never do.",
        )
        on_miss = click.option(
            "--on-miss",
            type=click.Choice(["404", "closest", *others]),
            default="404",
            show_default=True,
            help=", or ".join(
                ["Who answers what was not recorded: nobody, the closest capture"]
                + [f"--{other}" for other in others]
            )
            + ".",
        )
        return on_miss(ignored(command))

    return add


def fail_on_option(default: str) -> Callable[[Command], Command]:
    """``--fail-on`` with this default."""
    return click.option(
        "--fail-on",
        type=click.Choice(["error", "warning", "info", "never"]),
        default=default,
        show_default=True,
        help="Exit code 1 on findings at or above this level.",
    )


class Speed(click.ParamType[float]):
    """A factor above 0, or ``max``."""

    name = "FACTOR|max"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The factor; infinity for ``max``."""
        if value == "max":
            return float("inf")
        try:
            speed = float(str(value))
        except ValueError:
            speed = 0.0
        if not speed > 0:
            self.fail(f"found {value!r}; expected a factor above 0, or max", param, ctx)
        return speed


class Chunks(click.ParamType[Way]):
    """A way of cutting a body into network chunks."""

    name = "HOW"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Way:
        """The way of this name."""
        try:
            return parse_way(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Field(click.ParamType[tuple[str, ...]]):
    """A place in a request body, its names with dots between them."""

    name = "PLACE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """The names."""
        from captures.request_body import parse_field

        try:
            return parse_field(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)
