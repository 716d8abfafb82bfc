"""A message as JSON-ready values, for programs. Pure."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from captures.message import Message, Part


def message_fields(message: Message) -> dict[str, Any]:
    """Everything that is known of a message, its further choices included."""
    return {
        "id": message.id,
        "model": message.model,
        "parts": [_part_fields(part) for part in message.parts],
        "stop_reason": message.stop_reason,
        "usage": asdict(message.usage),
        "error": asdict(message.error) if message.error else None,
        "alternatives": [message_fields(other) for other in message.alternatives],
    }


def _part_fields(part: Part) -> dict[str, Any]:
    return {"part": type(part).__name__.lower(), **asdict(part)}
