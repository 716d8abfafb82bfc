"""The house rules that can be checked: imports, sizes, and that every file has its test."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("proxy", "captures", "inspector_tui", "ssescope")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
OWN_FILES = sorted(
    [*SOURCES, *(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")]
)
DISK_FILES = frozenset(
    f"captures/{name}.py" for name in ("store", "segment", "folder", "annotation", "whole_files")
)
DISK_CALLS = frozenset({"open", "read_bytes", "read_text", "write_bytes", "write_text", "mkdir"})
MAX_LINES = 400
MAX_FUNCTION_LINES = 50


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_every_source_file_has_its_test_file(path: Path) -> None:
    if path.name.startswith("__"):
        pytest.skip("a package's own file")
    expected = ROOT / "tests" / path.relative_to(ROOT).with_name(f"test_{path.name}")
    assert expected.is_file(), f"{_name(path)} has no {_name(expected)}"


@pytest.mark.parametrize("path", OWN_FILES, ids=_name)
def test_files_and_functions_stay_small(path: Path) -> None:
    source = path.read_text()
    assert source.count("\n") <= MAX_LINES
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            length = node.end_lineno - node.lineno + 1
            assert length <= MAX_FUNCTION_LINES, f"{node.name} has {length} lines"


@pytest.mark.parametrize(
    "path", [path for path in SOURCES if path.is_relative_to(ROOT / "captures")], ids=_name
)
def test_the_core_touches_the_disk_in_few_files(path: Path) -> None:
    if _name(path) in DISK_FILES:
        pytest.skip("one of the few")
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            assert name not in DISK_CALLS, f"line {node.lineno} calls {name}"


@pytest.mark.parametrize(
    ("statement", "forbidden"),
    [
        ("import captures.sse", ("asyncio", "socket", "aiohttp", "textual", "click")),
        ("import captures.exchange", ("asyncio", "aiohttp", "textual", "rich", "starlette")),
        ("import captures.writer", ("asyncio", "aiohttp", "textual", "rich", "starlette")),
        ("import inspector_tui.safe", ("textual", "rich", "aiohttp")),
        ("import ssescope.cli", ("aiohttp", "textual", "rich", "starlette", "orjson", "asyncio")),
        ("import ssescope.views", ("aiohttp", "textual", "starlette")),
        ("import ssescope.watch", ("aiohttp", "starlette", "uvicorn", "proxy", "httpx", "jinja2")),
        (
            "import ssescope.watch",
            ("textual_serve", "inspector_tui.command_palette", "inspector_tui.help_screen"),
        ),
        ("import proxy.server", ("textual", "rich", "captures.exchange", "captures.sse")),
    ],
)
def test_an_import_does_not_load(statement: str, forbidden: tuple[str, ...]) -> None:
    code = f"import sys; {statement}; print(*sys.modules)"
    loaded = set(
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
        ).stdout.split()
    )
    assert loaded.isdisjoint(forbidden), loaded.intersection(forbidden)
