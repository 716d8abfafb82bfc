"""Commands that stream: the proxy, what stands behind it, and what proves it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import click

from captures.cutting import Way
from ssescope.commands.options import (
    DEFAULT_PORT,
    Chunks,
    Speed,
    captures_option,
    fault_options,
    folder_or_default,
    inspector_options,
    inspector_options_given,
    json_option,
    match_options,
    port_option,
    reach_options,
    until_eof_option,
)
from ssescope.durations import Duration, Interval
from ssescope.sizes import Size


@click.command()
@click.option("--scenario", default="end_turn", show_default=True, help="How the answer goes.")
@click.option("--seconds", type=click.FloatRange(0), default=4.0, show_default=True)
@click.option("--tui", is_flag=True, help="Open the capture in the inspector afterwards.")
@captures_option
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
    code, capture = run_demo(folder_or_default(folder), scenario, pace)
    if tui and code == 0:
        from ssescope.watch import run_inspect

        code = run_inspect(str(capture), capture.parent)
    raise SystemExit(code)


@click.command()
@click.argument("upstreams", metavar="URL|/PREFIX=URL", nargs=-1, required=True)
@port_option(DEFAULT_PORT, "SSESCOPE_PORT")
@captures_option
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
@fault_options
@reach_options
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
    faults: tuple[str, ...],
    seed: int,
    **reach: Any,
) -> NoReturn:
    """Forward to upstream URLs and record every stream.

    Each URL gets a port of its own, counting up from --port; those given as /PREFIX=URL share
    the first one.
    """
    from ssescope.access import reach_for
    from ssescope.faults_command import faults_for
    from ssescope.loss_watch import Policy
    from ssescope.proxy_command import ProxyOptions, run_proxy

    options = ProxyOptions(
        upstreams,
        port,
        folder_or_default(folder),
        idle_timeout,
        ca_file,
        env_proxy,
        max_capture,
        Policy(capture_policy),
        redact_headers,
        redact_queries,
        reach_for(**reach),
        faults_for(faults, seed),
    )
    raise SystemExit(run_proxy(options))


@click.command()
@click.argument("url")
@port_option(DEFAULT_PORT, "SSESCOPE_PORT")
@captures_option
@inspector_options
def watch(url: str, port: int, folder: Path | None, **how: Any) -> NoReturn:
    """Proxy and inspector in one terminal."""
    from ssescope.watch import run_watch

    options = inspector_options_given(**how)
    raise SystemExit(run_watch(url, port, folder_or_default(folder), options))


@click.command()
@click.argument(
    "paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option("--speed", type=Speed(), default="1", show_default=True, help="Factor, or max.")
@click.option("--max-gap", type=Duration(), help="No wait is longer than this, such as 2s.")
@click.option("--first-byte", type=Duration(), help="The body begins this long after the request.")
@click.option(
    "--chunks",
    type=Chunks(),
    default="recorded",
    show_default=True,
    help="How the bytes are cut: recorded, N bytes, event, line, whole, random:SEED, or inside "
    "every code-point, crlf, field or json-string.",
)
@click.option(
    "--pace",
    "interval",
    type=Interval(),
    default="20/s",
    show_default=True,
    help="Of the events in .sse files, which have no times.",
)
@match_options("upstream")
@click.option("--upstream", metavar="URL", help="Asked with --on-miss upstream, and recorded.")
@click.option(
    "--captures",
    "folder",
    type=click.Path(path_type=Path),
    help="Folder for what the upstream answers (default: the first folder named).",
)
@fault_options
@port_option(DEFAULT_PORT + 1)
@until_eof_option
@reach_options
def replay(
    paths: tuple[Path, ...],
    *,
    speed: float,
    max_gap: float | None,
    first_byte: float | None,
    chunks: Way,
    interval: float,
    on_miss: str,
    upstream: str | None,
    folder: Path | None,
    ignored: tuple[tuple[str, ...], ...],
    faults: tuple[str, ...],
    seed: int,
    port: int,
    until_eof: bool,
    **reach: Any,
) -> NoReturn:
    """Serve saved exchanges and .sse files as if they were the upstream."""
    from captures.pace import Pace
    from proxy.replay import Manner
    from proxy.replay_miss import OnMiss
    from ssescope.access import reach_for
    from ssescope.faults_command import faults_for
    from ssescope.replay_command import ReplayOptions, run_replay

    harm = faults_for(faults, seed)
    manner = Manner(Pace(speed, max_gap, first_byte), chunks, interval, OnMiss(on_miss), harm)
    options = ReplayOptions(
        paths, port, manner, ignored, upstream, folder, reach_for(**reach), until_eof
    )
    raise SystemExit(run_replay(options))


@click.command()
@click.argument("capture", required=False)
@click.option(
    "--captures",
    "folder",
    type=click.Path(path_type=Path),
    help="Folder for the answer, and of the ids (default: that of the capture).",
)
@click.option("--upstream", metavar="URL", help="Ask this one, and let the key go there.")
@click.option("--dry-run", is_flag=True, help="Say what would be sent, and send nothing.")
@until_eof_option
@json_option
def resend(
    capture: str | None,
    *,
    folder: Path | None,
    upstream: str | None,
    dry_run: bool,
    until_eof: bool,
    as_json: bool,
) -> NoReturn:
    """Send the request of a capture (default: the newest) once more, and record the answer.

    Keys are from the environment, such as ANTHROPIC_API_KEY, since no capture holds them. They
    go to their provider alone, or where --upstream says.
    """
    from ssescope.resend_command import ResendOptions, run_resend

    options = ResendOptions(
        capture, folder_or_default(folder), folder, upstream, dry_run, as_json, until_eof
    )
    raise SystemExit(run_resend(options))


@click.command()
@port_option(DEFAULT_PORT + 2)
@click.option("--first-token", type=click.FloatRange(0), default=0.3, show_default=True)
@click.option("--seconds", type=click.FloatRange(0), default=4.0, show_default=True)
def sandbox(port: int, first_token: float, seconds: float) -> NoReturn:
    """Run the pretend model by itself."""
    from ssescope.servers import run_sandbox

    raise SystemExit(run_sandbox(port, min(first_token, seconds), seconds))


@click.command()
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
@json_option
def doctor(url: str | None, port: int, patience: float, as_json: bool) -> NoReturn:
    """Prove that nasty streams come through unchanged, here and now."""
    from ssescope.doctor import run_doctor

    raise SystemExit(run_doctor(url, port, patience, as_json))


@click.command(name="run", context_settings={"ignore_unknown_options": False})
@click.argument("command", metavar="-- CMD [ARG]...", nargs=-1, required=True)
@captures_option
@click.option(
    "--env-var",
    "variables",
    multiple=True,
    metavar="NAME=URL",
    help="Another variable that holds a base URL, and the upstream it leads to.",
)
@click.option(
    "--max-capture",
    type=Size(),
    default="2GiB",
    show_default=True,
    help="Captures in all, after which traffic goes on unrecorded.",
)
@click.option("--tui", is_flag=True, help="Open the inspector when the command has ended.")
@click.option(
    "--replay",
    "replayed",
    multiple=True,
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="Answer from captures or .sse files in place of the network, and record nothing.",
)
@click.option(
    "--speed", type=Speed(), default="1", show_default=True, help="Of --replay: a factor, or max."
)
@match_options()
@fault_options
def run_around(
    command: tuple[str, ...],
    *,
    folder: Path | None,
    variables: tuple[str, ...],
    max_capture: int | None,
    tui: bool,
    replayed: tuple[Path, ...],
    speed: float,
    on_miss: str,
    ignored: tuple[tuple[str, ...], ...],
    faults: tuple[str, ...],
    seed: int,
) -> NoReturn:
    """Run a command with its LLM clients led through the proxy.

    The base-URL variables of the known SDKs are set for it; one that is set already names the
    upstream. The exit code is the command's.
    """
    from captures.pace import Pace
    from proxy.replay import Manner
    from proxy.replay_miss import OnMiss
    from ssescope.child import end_as
    from ssescope.exits import Exit, fail
    from ssescope.faults_command import faults_for
    from ssescope.run_command import RunOptions, run_command
    from ssescope.run_replayed import ReplayedOptions, run_replayed

    harm = faults_for(faults, seed)
    if replayed:
        if tui or folder is not None:
            fail(Exit.USAGE, "--replay records nothing, so that --captures and --tui do not fit it")
        manner = Manner(Pace(speed), on_miss=OnMiss(on_miss), faults=harm)
        replay = ReplayedOptions(command, replayed, manner, variables, ignored)
        raise SystemExit(end_as(run_replayed(replay)))
    if speed != 1 or on_miss != "404" or ignored:
        words = "--speed, --on-miss and --ignore-field are of a replay; name its captures with "
        fail(Exit.USAGE, f"{words}--replay PATH")
    where = folder_or_default(folder)
    ran = run_command(RunOptions(command, where, variables, max_capture, harm))
    if tui and ran.capture_ids:
        from ssescope.watch import run_inspect

        run_inspect(None, where)
    raise SystemExit(end_as(ran.code))


@click.command()
@json_option
def faults(as_json: bool) -> None:
    """List the harm that can be done to a stream on purpose, with --fault."""
    from ssescope.faults_command import list_faults

    list_faults(as_json)
