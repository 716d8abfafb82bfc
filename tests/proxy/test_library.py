from __future__ import annotations

import tomllib
from pathlib import Path

import aiohttp
import aiohttp.http_parser
import pytest

from proxy.library import FIRST_UNKNOWN, OLDEST, UnfitLibraryError, require_fit_aiohttp

ROOT = Path(__file__).parents[2]


def test_the_range_is_that_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    oldest, unknown = (".".join(map(str, version)) for version in (OLDEST, FIRST_UNKNOWN))
    assert f"aiohttp>={oldest},<{unknown}" in project["dependencies"]


def test_the_installed_one_is_fit() -> None:
    require_fit_aiohttp()


@pytest.mark.parametrize("version", ["3.13.9", "3.14.4", "3.15.0", "3.15.0a1", "4.0.0"])
def test_f106_a_version_out_of_range_is_named_with_what_to_do(
    version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aiohttp, "__version__", version)
    with pytest.raises(UnfitLibraryError, match=r"expected 3\.14\.5 or later, below 3\.15"):
        require_fit_aiohttp()


@pytest.mark.parametrize("version", ["3.14.5", "3.14.6rc1", "3.14.12.post1"])
def test_any_version_within_the_range_is_fit(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aiohttp, "__version__", version)
    require_fit_aiohttp()


def test_f106_without_the_c_parser_it_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    pure_python = aiohttp.http_parser.HttpRequestParserPy
    monkeypatch.setattr(aiohttp.http_parser, "HttpRequestParser", pure_python)
    with pytest.raises(UnfitLibraryError, match="AIOHTTP_NO_EXTENSIONS"):
        require_fit_aiohttp()
