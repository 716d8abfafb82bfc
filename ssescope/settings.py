"""The settings of the user: what stands in the TOML file is the default of options.

Flags go before environment variables, and these before the file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

SETTINGS_VARIABLE = "SSESCOPE_CONFIG"
FASTEST, SLOWEST = 60.0, 0.5
"""Frames a second that can be asked for."""


class SettingsError(ValueError):
    """A file of settings that cannot be used. The message says where and what was expected."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a file of settings says."""

    path: Path
    options: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Values by the names of options' parameters, by the names of commands."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Keys by the id of their binding."""
    folder: Path | None = None
    """The folder of captures."""


@dataclass(frozen=True, slots=True)
class _Setting:
    """One thing that can be set."""

    parameter: str
    """The name of the parameter that it is the default of."""
    commands: tuple[str, ...]
    """Commands with that parameter."""
    expected: str
    kinds: tuple[type, ...]
    lowest: float = 0.0
    highest: float = 0.0


_CAPTURES, _FOLDER = "captures", "folder"
_INSPECTOR = ("inspect", "watch")
_SETTINGS: Mapping[str, Mapping[str, _Setting]] = {
    _CAPTURES: {_FOLDER: _Setting(_FOLDER, (), "a path in quotes", (str,))},
    "proxy": {
        "port": _Setting(
            "port", ("proxy", "watch"), "a number from 0 to 65535", (int,), highest=65535
        )
    },
    "inspector": {
        "fps": _Setting(
            "fps",
            _INSPECTOR,
            f"a number from {SLOWEST:g} to {FASTEST:g}",
            (int, float),
            SLOWEST,
            FASTEST,
        ),
        "mouse": _Setting("mouse", _INSPECTOR, "true or false", (bool,)),
        "theme": _Setting("theme", _INSPECTOR, "the name of a theme in quotes", (str,)),
    },
}
_KEYS = "keys"


def settings_path(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the file of settings is: ``SSESCOPE_CONFIG``, or config.toml in the user's folder."""
    if named := environment.get(SETTINGS_VARIABLE):
        return Path(named)
    from platformdirs import user_config_path  # noqa: PLC0415 - the variable spares it

    return user_config_path("ssescope", appauthor=False) / "config.toml"


def read_settings(path: Path, *, needed: bool = False) -> Settings:
    """The settings in a file; none where there is no such file.

    Args:
        path: the file.
        needed: whether it is an error that there is none.

    Raises:
        SettingsError: it cannot be read, or says what is not known.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        if needed:
            raise SettingsError(f"{path} does not exist; {SETTINGS_VARIABLE} names it") from None
        return Settings(path)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SettingsError(f"cannot read {path}: {why}") from None
    import tomllib  # noqa: PLC0415 - only who has settings waits for it

    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is no TOML: {error}") from None
    options = _options(path, tables)
    folder = tables.get(_CAPTURES, {}).get(_FOLDER)
    return Settings(
        path,
        options,
        _keys(path, tables.get(_KEYS, {})),
        None if folder is None else Path(folder).expanduser(),
    )


def _options(path: Path, tables: Mapping[str, Any]) -> Mapping[str, Mapping[str, object]]:
    options: dict[str, dict[str, object]] = {}
    for section, table in tables.items():
        if section == _KEYS:
            continue
        known = _SETTINGS.get(section)
        if known is None:
            raise SettingsError(f"{path}: no section {_unknown(section, (*_SETTINGS, _KEYS))}")
        if not isinstance(table, dict):
            raise SettingsError(f"{path}: {section} is a section; write [{section}] over its keys")
        for name, value in table.items():
            setting = known.get(name)
            if setting is None:
                raise SettingsError(f"{path}: no key {_unknown(name, known)} in [{section}]")
            if not _fits(setting, value):
                raise SettingsError(
                    f"{path}: found {name} = {value!r} in [{section}]; expected {setting.expected}"
                )
            for command in setting.commands:
                options.setdefault(command, {})[setting.parameter] = value
    return options


def _keys(path: Path, table: object) -> Mapping[str, str]:
    if not isinstance(table, dict):
        raise SettingsError(f"{path}: keys is a section; write [keys] over the ids")
    for name, keys in table.items():
        if not isinstance(keys, str) or not keys.strip():
            raise SettingsError(
                f"{path}: found {name} = {keys!r} in [keys]; expected keys in quotes, "
                'such as "x,ctrl+s"'
            )
    return {name: ",".join(key.strip() for key in keys.split(",")) for name, keys in table.items()}


def _fits(setting: _Setting, value: object) -> bool:
    if not isinstance(value, setting.kinds):
        return False
    if isinstance(value, bool):
        return bool in setting.kinds
    if isinstance(value, int | float):
        return setting.lowest <= value <= setting.highest
    return True


def _unknown(name: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    near = get_close_matches(name, list(known), 1)
    names = ", ".join(known)
    return f"{name!r}" + (f"; did you mean {near[0]}?" if near else f"; expected one of {names}")
