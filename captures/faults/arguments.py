"""What a user writes behind the name of a fault, such as ``cut:event=5:reset``."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What an argument is."""

    COUNT = "N"
    SECONDS = "SECONDS"
    TEXT = "TEXT"
    FLAG = ""


class FaultError(ValueError):
    """A fault that cannot be understood. The message says what was found and what is expected."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument that a fault takes."""

    name: str
    kind: Kind
    choices: tuple[str, ...] = ()
    """The only values it may have; empty allows any."""
    required: bool = False

    @property
    def usage(self) -> str:
        """How it is written."""
        value = "|".join(self.choices) or self.kind.value
        return self.name if self.kind is Kind.FLAG else f"{self.name}={value}"


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments that were given."""

    values: Mapping[str, int | float | str | bool]

    def count(self, name: str) -> int | None:
        """A number of events, bytes or the like, from 0; None if it was not given."""
        value = self.values.get(name)
        return value if isinstance(value, int) else None

    def seconds(self, name: str, default: float) -> float:
        """A number of seconds."""
        value = self.values.get(name, default)
        return float(value) if isinstance(value, int | float) else default

    def text(self, name: str, default: str) -> str:
        """A text."""
        value = self.values.get(name, default)
        return value if isinstance(value, str) else default

    def has(self, name: str) -> bool:
        """Whether it was given."""
        return name in self.values


def parse_arguments(text: str, parameters: tuple[Parameter, ...], where: str) -> Arguments:
    """The arguments behind a fault's name, which colons separate.

    A colon that no known name follows belongs to the value before it.

    Args:
        text: what stands behind ``NAME:``; empty if nothing does.
        parameters: what the fault takes.
        where: the fault's name, for the error's words.

    Raises:
        FaultError: an argument is unknown, missing or has a wrong value.
    """
    known = {parameter.name: parameter for parameter in parameters}
    values: dict[str, int | float | str | bool] = {}
    for part in _parts(text, tuple(known)):
        name, equals, value = part.partition("=")
        parameter = known.get(name)
        if parameter is None or bool(equals) == (parameter.kind is Kind.FLAG):
            raise FaultError(f"{where}: found {part!r}; expected {_expected(parameters)}")
        values[name] = _value(value, parameter, where)
    missing = [each.usage for each in parameters if each.required and each.name not in values]
    if missing:
        raise FaultError(f"{where} needs {', '.join(missing)}")
    return Arguments(values)


def _parts(text: str, names: tuple[str, ...]) -> list[str]:
    if not text:
        return []
    if not names:
        return [text]
    follows = "|".join(re.escape(name) for name in names)
    return re.split(rf":(?=(?:{follows})(?:=|:|\Z))", text)


def _expected(parameters: tuple[Parameter, ...]) -> str:
    if not parameters:
        return "no arguments"
    return ":".join(f"[{parameter.usage}]" for parameter in parameters)


def _value(value: str, parameter: Parameter, where: str) -> int | float | str | bool:
    if parameter.choices and value not in parameter.choices:
        known = ", ".join(parameter.choices)
        raise FaultError(f"{where}: found {parameter.name}={value!r}; expected one of {known}")
    match parameter.kind:
        case Kind.FLAG:
            return True
        case Kind.TEXT:
            return value
        case Kind.COUNT:
            if value.isascii() and value.isdecimal() and len(value) <= 12:
                return int(value)
            expected = "a whole number from 0"
        case Kind.SECONDS:
            seconds = _seconds(value)
            if seconds is not None:
                return seconds
            expected = "a number of seconds"
    raise FaultError(f"{where}: found {parameter.name}={value!r}; expected {expected}")


def _seconds(value: str) -> float | None:
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if 0 <= seconds < math.inf else None
