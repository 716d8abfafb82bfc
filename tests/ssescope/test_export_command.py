"""export, as a user runs it."""

from __future__ import annotations

import gzip
import json
import stat
from pathlib import Path

import pytest

from captures.loading import load
from captures.record_lines import encode
from captures.records import Gap
from captures.store import segment_path
from captures.writer import Writer
from tests.captures.waiting import wait_until
from tests.ssescope.running import ssescope
from tests.ssescope.saved import HOSTILE, STREAM_HEADERS, answer, save, text_delta
from tests.ssescope.terminal import in_a_terminal

SECRET = "Ab3-" * 12
KEY = f"sk-ant-api03-{SECRET}"
WRITTEN_OVER = "sk-ant-api03-" + "x" * len(SECRET)
WITH_KEY = (*answer()[:2], text_delta(KEY), *answer()[3:])
CODED = (*STREAM_HEADERS, ("content-encoding", "gzip"))


def test_an_event_stream_is_the_decoded_answer(tmp_path: Path) -> None:
    body = b"".join(answer("caf\xe9"))
    for pieces, headers in (((body,), STREAM_HEADERS), ((gzip.compress(body),), CODED)):
        capture = save(tmp_path, pieces, headers=headers)
        done = ssescope("export", capture.stem, "--captures", str(tmp_path))
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.encode() == body


@pytest.mark.parametrize("coded", [False, True])
def test_a_redacted_stream_is_as_long_and_holds_no_key(coded: bool, tmp_path: Path) -> None:
    body = b"".join(WITH_KEY)
    capture = (
        save(tmp_path, (gzip.compress(body),), headers=CODED) if coded else save(tmp_path, WITH_KEY)
    )
    done = ssescope("export", str(capture), "--redact")
    assert (done.returncode, done.stderr) == (0, "ssescope: replaced anthropic-api-key 1\n")
    assert done.stdout == body.decode().replace(KEY, WRITTEN_OVER)
    clean = ssescope("export", str(save(tmp_path)), "--redact")
    assert clean.stderr == "ssescope: replaced nothing: no known secret is in it\n"


def test_a_pattern_of_ones_own(tmp_path: Path) -> None:
    capture = save(tmp_path, answer("call 555-0199"))
    done = ssescope("export", str(capture), "--redact", "--pattern", r"\d{3}-\d{4}")
    assert "call xxxxxxxx" in done.stdout
    assert done.stderr == "ssescope: replaced pattern-1 1\n"


def test_a_capture_is_one_file_of_its_segments(tmp_path: Path) -> None:
    capture = save(tmp_path / "mine", WITH_KEY, request=f'{{"k": "{KEY}"}}'.encode())
    whole = capture.read_bytes()
    lines = whole.splitlines(keepends=True)
    capture.write_bytes(b"".join(lines[:5]))
    segment_path(capture, 2).write_bytes(b"".join(lines[5:]))
    copy, redacted = tmp_path / "copy.jsonl", tmp_path / "redacted.jsonl"
    command = ("export", str(capture), "--format", "capture", "--output")
    assert ssescope(*command, str(copy)).returncode == 0
    assert copy.read_bytes() == whole
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    done = ssescope(*command, str(redacted), "--redact")
    assert (done.stdout, done.stderr) == ("", "ssescope: replaced anthropic-api-key 2\n")
    assert SECRET[:8].encode() not in redacted.read_bytes()
    assert load(redacted).findings == load(copy).findings
    assert ssescope("scrub", "--check", str(redacted)).returncode == 0


def test_a_compressed_secret_fails_a_capture_and_says_what_helps(tmp_path: Path) -> None:
    capture = save(tmp_path, (gzip.compress(b"".join(WITH_KEY)),), headers=CODED)
    output = tmp_path / "out.jsonl"
    command = ("export", str(capture), "--format", "capture", "--redact")
    failed = ssescope(*command, "--output", str(output))
    assert (failed.returncode, failed.stdout, failed.stderr.count("\n")) == (1, "", 1)
    assert "scrub --drop-coded" in failed.stderr
    assert list(tmp_path.iterdir()) == [capture]


def test_a_request_is_a_command_with_its_body(tmp_path: Path) -> None:
    capture = save(tmp_path, request=f'{{"k": "it\'s {KEY}"}}'.encode())
    done = ssescope("export", str(capture), "--format", "curl")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "curl --no-buffer https://api.example/v1/messages \\\n"
        "  -H content-type: \\\n"
        f"  --data-binary '{{\"k\": \"it'\\''s {KEY}\"}}'\n"
    )
    redacted = ssescope("export", str(capture), "--format", "curl", "--redact")
    assert redacted.stdout == done.stdout.replace(KEY, WRITTEN_OVER)
    assert redacted.stderr == "ssescope: replaced anthropic-api-key 1\n"


@pytest.mark.parametrize("body", [b"\x00\x01", b"\xff", b"x" * 100_001])
def test_a_body_that_is_no_argument_goes_beside_the_command(body: bytes, tmp_path: Path) -> None:
    capture = save(tmp_path / "mine", request=body)
    output = tmp_path / "again.sh"
    command = ("export", str(capture), "--format", "curl")
    failed = ssescope(*command)
    assert (failed.returncode, failed.stdout, failed.stderr.count("\n")) == (2, "", 1)
    assert "give --output FILE" in failed.stderr
    assert ssescope(*command, "--output", str(output)).returncode == 0
    beside = tmp_path / "again.sh.body"
    assert beside.read_bytes() == body
    assert stat.S_IMODE(beside.stat().st_mode) == 0o600
    assert output.read_text().endswith(f"--data-binary @{beside}\n")


def test_what_is_there_is_not_overwritten(tmp_path: Path) -> None:
    capture = save(tmp_path / "mine", request=b"\0")
    for name in ("again.sh", "again.sh.body"):
        (tmp_path / name).write_text("mine")
        for format_ in ("sse", "capture", "curl"):
            if (format_ == "curl") or name == "again.sh":
                output = ("--output", str(tmp_path / "again.sh"))
                failed = ssescope("export", str(capture), "--format", format_, *output)
                assert (failed.returncode, failed.stderr.count("\n")) == (2, 1)
                assert f"{name} is there already" in failed.stderr
        assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [name]
        (tmp_path / name).unlink()


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    capture = save(tmp_path, how=None)
    with capture.open("ab") as file:
        file.write(encode(Gap(9, 1.0, 9, 9, 2310, "queue full")) + b'[10,1.0,"chunk","torn')
    done = ssescope("export", str(capture))
    assert done.returncode == 0
    assert "2,310 bytes of its bodies were not recorded and are missing" in done.stderr
    assert "lines of the file that cannot be read: 1" in done.stderr


def test_a_running_capture_is_exported_as_far_as_it_went_but_never_as_redacted(
    tmp_path: Path,
) -> None:
    writer = Writer(tmp_path)
    recording = writer.record(upstream="u", method="GET", path="/", version="1.1", headers=())
    recording.request_chunk(0.1, b"x")
    try:
        wait_until(lambda: recording.path.exists() and b'"request"' in recording.path.read_bytes())
        done = ssescope("export", str(recording.path))
        failed = ssescope("export", str(recording.path), "--redact")
    finally:
        writer.close()
    assert (done.returncode, done.stdout) == (0, "")
    assert "still being recorded; this is how far it went" in done.stderr
    assert "no answer was recorded" in done.stderr
    assert failed.returncode == 5
    assert "still being recorded; wait for its end" in failed.stderr


@pytest.mark.parametrize("format_", ["sse", "capture", "curl"])
def test_what_a_peer_sent_never_reaches_the_terminal_raw(format_: str, tmp_path: Path) -> None:
    hostile = json.dumps({"a": HOSTILE}, ensure_ascii=False).encode() + HOSTILE.encode()
    capture = save(tmp_path, (*answer()[:2], HOSTILE.encode()), path=f"/{HOSTILE}", request=hostile)
    with in_a_terminal("export", str(capture), "--format", format_) as terminal:
        assert terminal.exit_code() == 0
    shown = terminal.output.decode()
    assert not set("\x1b\x07\u202e\x9b") & set(shown)
    assert "cHduZWQ" in shown


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("nothing",), 5, "no capture named 'nothing'"),
        (("--format", "har"), 2, "'har' is not one of"),
        (("--pattern", "x"), 2, "give --redact with it"),
        (("--redact", "--pattern", "("), 2, "no regular expression"),
        (("--output", "nowhere/file"), 4, "cannot write nowhere/file: No such file"),
        (("--captures", "nowhere"), 5, "no captures in nowhere"),
    ],
)
def test_a_mistake_is_told_with_what_was_expected(
    arguments: tuple[str, ...], code: int, words: str, tmp_path: Path
) -> None:
    save(tmp_path)
    failed = ssescope("export", *arguments, SSESCOPE_CAPTURES=str(tmp_path))
    assert (failed.returncode, failed.stdout) == (code, "")
    assert words in failed.stderr


@pytest.mark.parametrize("format_", ["sse", "capture", "curl"])
def test_a_file_that_is_no_capture_has_code_5(format_: str, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.jsonl"
    foreign.write_text('{"a": 1}\n')
    output = tmp_path / "out"
    failed = ssescope("export", str(foreign), "--format", format_, "--output", str(output))
    assert (failed.returncode, failed.stderr.count("\n")) == (5, 1)
    assert "is not a capture" in failed.stderr
    assert not output.exists()


def test_an_upstream_that_is_none_cannot_be_asked_again(tmp_path: Path) -> None:
    capture = save(tmp_path)
    capture.write_bytes(capture.read_bytes().replace(b"https://api.example", b"file:///etc", 1))
    failed = ssescope("export", str(capture), "--format", "curl")
    assert (failed.returncode, failed.stdout, failed.stderr.count("\n")) == (5, "", 1)
    assert "the request cannot be repeated" in failed.stderr


def test_with_force_what_is_there_is_replaced(tmp_path: Path) -> None:
    capture = save(tmp_path / "mine", request=b"\0")
    for name in ("again.sh", "again.sh.body"):
        (tmp_path / name).write_text("mine")
    command = ("export", str(capture), "--format", "curl", "--force")
    assert ssescope(*command, "--output", str(tmp_path / "again.sh")).returncode == 0
    assert (tmp_path / "again.sh").read_text().startswith("curl ")
    assert (tmp_path / "again.sh.body").read_bytes() == b"\0"
    refused = ssescope(*command)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert "name it with --output" in refused.stderr
