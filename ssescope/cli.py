"""The commands. Each imports what it needs when it runs, so that --help loads next to nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from ssescope.sizes import Size

Command = TypeVar("Command", bound=Callable[..., Any])

DEFAULT_PORT = 8484

_CAPTURES_HELP = "Folder of captures (default: SSESCOPE_CAPTURES, or the user's data folder)."
_captures_option = click.option(
    "--captures", "folder", type=click.Path(path_type=Path), help=_CAPTURES_HELP
)


def _port_option(default: int) -> Callable[[Command], Command]:
    return click.option(
        "--port",
        type=click.IntRange(0, 65535),
        default=default,
        show_default=True,
        help="Loopback port to listen on; 0 takes any free one.",
    )


def _folder_or_default(folder: Path | None) -> Path:
    from ssescope.places import default_folder

    return folder if folder is not None else default_folder()


class _Speed(click.ParamType[float]):
    """A factor above 0, or ``max``."""

    name = "FACTOR|max"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        if value == "max":
            return float("inf")
        try:
            speed = float(str(value))
        except ValueError:
            speed = 0.0
        if not speed > 0:
            self.fail(f"found {value!r}; expected a factor above 0, or max", param, ctx)
        return speed


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ssescope", prog_name="ssescope")
def cli() -> None:
    """See what your LLM streams really do: record, inspect and replay event streams."""


@cli.command()
@click.option("--scenario", default="end_turn", show_default=True, help="How the answer goes.")
@click.option("--seconds", type=click.FloatRange(0), default=4.0, show_default=True)
@click.option("--tui", is_flag=True, help="Open the capture in the inspector afterwards.")
@_captures_option
def demo(scenario: str, seconds: float, tui: bool, folder: Path | None) -> NoReturn:
    """Stream one answer from a pretend model: no key, no network."""
    from proxy.sandbox_scenarios import SCENARIOS
    from proxy.sandbox_script import Pace
    from ssescope.demo import run_demo
    from ssescope.exits import Exit, fail

    names = [known.name for known in SCENARIOS]
    if scenario not in names:
        fail(Exit.USAGE, f"no scenario {scenario!r}; expected one of {', '.join(names)}")
    pace = Pace(first_token=min(0.3, seconds), total=seconds)
    code, capture = run_demo(_folder_or_default(folder), scenario, pace)
    if tui and code == 0:
        from ssescope.watch import run_inspect

        code = run_inspect(str(capture), capture.parent)
    raise SystemExit(code)


@cli.command()
@click.argument("upstreams", metavar="URL|/PREFIX=URL", nargs=-1, required=True)
@_port_option(DEFAULT_PORT)
@_captures_option
@click.option(
    "--idle-timeout",
    type=click.FloatRange(0, min_open=True),
    help="Seconds of silence after which an upstream is given up (default: never).",
)
@click.option(
    "--ca-file",
    type=click.Path(path_type=Path),
    help="Certificates to trust beside those of the system (PEM).",
)
@click.option(
    "--env-proxy", is_flag=True, help="Reach the upstream through HTTP_PROXY or HTTPS_PROXY."
)
@click.option(
    "--max-capture",
    type=Size(),
    default="2GiB",
    show_default=True,
    help="Captures in all, after which traffic goes on unrecorded.",
)
@click.option(
    "--capture-policy",
    type=click.Choice(["drop", "block", "strict"]),
    default="drop",
    show_default=True,
    help="When bytes cannot be kept: go on, wait for the disk, or cut every stream and end.",
)
@click.option(
    "--redact-header",
    "redact_headers",
    multiple=True,
    metavar="NAME",
    help="Another header field whose value is secret.",
)
@click.option(
    "--redact-query",
    "redact_queries",
    multiple=True,
    metavar="NAME",
    help="Another query parameter whose value is secret.",
)
def proxy(
    upstreams: tuple[str, ...],
    *,
    port: int,
    folder: Path | None,
    idle_timeout: float | None,
    ca_file: Path | None,
    env_proxy: bool,
    max_capture: int | None,
    capture_policy: str,
    redact_headers: tuple[str, ...],
    redact_queries: tuple[str, ...],
) -> NoReturn:
    """Forward to upstream URLs and record every stream.

    Each URL gets a port of its own, counting up from --port; those given as /PREFIX=URL share
    the first one.
    """
    from ssescope.loss_watch import Policy
    from ssescope.proxy_command import ProxyOptions, run_proxy

    options = ProxyOptions(
        upstreams,
        port,
        _folder_or_default(folder),
        idle_timeout,
        ca_file,
        env_proxy,
        max_capture,
        Policy(capture_policy),
        redact_headers,
        redact_queries,
    )
    raise SystemExit(run_proxy(options))


@cli.command()
@click.argument("url")
@_port_option(DEFAULT_PORT)
@_captures_option
def watch(url: str, port: int, folder: Path | None) -> NoReturn:
    """Proxy and inspector in one terminal."""
    from ssescope.watch import run_watch

    raise SystemExit(run_watch(url, port, _folder_or_default(folder)))


@cli.command()
@click.argument("path", required=False)
@_captures_option
def inspect(path: str | None, folder: Path | None) -> NoReturn:
    """Browse a folder of captures, or one capture, live."""
    from ssescope.watch import run_inspect

    raise SystemExit(run_inspect(path, _folder_or_default(folder)))


@cli.command()
@_captures_option
@click.option("-n", "count", type=click.IntRange(1), default=30, show_default=True)
@click.option("--all", "everything", is_flag=True, help="All captures, not only the newest.")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
def ls(folder: Path | None, count: int, everything: bool, as_json: bool) -> None:
    """List captures with their verdicts, the newest last."""
    from ssescope.views import list_captures

    list_captures(_folder_or_default(folder), 0 if everything else count, as_json)


@cli.command()
@click.argument("capture", required=False)
@_captures_option
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
def show(capture: str | None, folder: Path | None, as_json: bool) -> None:
    """Show one capture (default: the newest): verdict, timeline, message, findings."""
    from ssescope.views import show_capture

    show_capture(capture, _folder_or_default(folder), as_json)


@cli.command()
@click.argument("capture", required=False)
@_captures_option
@click.option("--request", is_flag=True, help="The request body instead of the response body.")
@click.option("--decoded", is_flag=True, help="With the content coding (gzip, br, …) undone.")
def cat(capture: str | None, folder: Path | None, request: bool, decoded: bool) -> None:
    """Write the recorded bytes of one capture to stdout (default: the newest)."""
    from ssescope.views import print_body

    print_body(capture, _folder_or_default(folder), request, decoded)


@cli.command()
@click.argument(
    "paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option("--output", type=click.Path(path_type=Path), help="Folder for the scrubbed copies.")
@click.option("--in-place", is_flag=True, help="Rewrite the captures themselves.")
@click.option("--check", is_flag=True, help="Rewrite nothing; exit code 1 if a secret is found.")
@click.option("--drop-coded", is_flag=True, help="Leave out compressed bodies that hold a secret.")
@click.option(
    "--pattern", "patterns", multiple=True, metavar="REGEX", help="Another secret; group 1 or all."
)
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
def scrub(
    paths: tuple[Path, ...],
    *,
    output: Path | None,
    in_place: bool,
    check: bool,
    drop_coded: bool,
    patterns: tuple[str, ...],
    as_json: bool,
) -> NoReturn:
    """Write over known secrets in captures and folders of them, so that they can be shared.

    Lengths, chunks and times stay as they are.
    """
    from ssescope.scrub_command import ScrubOptions, run_scrub

    options = ScrubOptions(paths, output, in_place, check, drop_coded, patterns, as_json)
    raise SystemExit(run_scrub(options))


@cli.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--speed", type=_Speed(), default="1", show_default=True, help="Factor, or max.")
@_port_option(DEFAULT_PORT + 1)
def replay(path: Path, speed: float, port: int) -> NoReturn:
    """Serve saved exchanges as if they were the upstream."""
    from ssescope.servers import run_replay

    raise SystemExit(run_replay(path, port, speed))


@cli.command()
@_port_option(DEFAULT_PORT + 2)
@click.option("--first-token", type=click.FloatRange(0), default=0.3, show_default=True)
@click.option("--seconds", type=click.FloatRange(0), default=4.0, show_default=True)
def sandbox(port: int, first_token: float, seconds: float) -> NoReturn:
    """Run the pretend model by itself."""
    from ssescope.servers import run_sandbox

    raise SystemExit(run_sandbox(port, min(first_token, seconds), seconds))


@cli.command()
@click.option("--upstream", "url", help="URL of a gateway to examine in place of our own proxy.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT + 3,
    show_default=True,
    help="Loopback port on which the nasty upstream waits for that gateway.",
)
@click.option(
    "--patience",
    type=click.FloatRange(0, min_open=True),
    default=2.0,
    show_default=True,
    help="Seconds after which the gateway counts as holding something back.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
def doctor(url: str | None, port: int, patience: float, as_json: bool) -> NoReturn:
    """Prove that nasty streams come through unchanged, here and now."""
    from ssescope.doctor import run_doctor

    raise SystemExit(run_doctor(url, port, patience, as_json))


def main() -> None:
    """The console script."""
    cli(prog_name="ssescope")
