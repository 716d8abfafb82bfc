"""An exchange as JSON-ready values, for programs. Pure."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from captures.chunk_map import ChunkMap, chunk_map_of
from captures.exchange import Exchange
from captures.findings.rule import Finding
from captures.message_fields import message_fields
from captures.stalls import idle_side
from captures.verdict import verdict_of
from captures.waits import waits_of


def summary_fields(exchange: Exchange) -> dict[str, Any]:
    """What a listing tells of an exchange."""
    verdict = verdict_of(exchange)
    message = exchange.message()
    return {
        "id": exchange.request.id,
        "started": exchange.request.started,
        "upstream": exchange.request.upstream,
        "method": exchange.request.method,
        "path": exchange.request.path,
        "status": exchange.head.status if exchange.head else None,
        "model": message.model,
        "verdict": {"outcome": verdict.outcome.value, "headline": verdict.headline},
        "stop_reason": message.stop_reason,
        "ending": exchange.end.how.value if exchange.end else None,
        "seconds": exchange.timing().total,
        "bytes": exchange.body.size,
        "events": len(exchange.events),
        "findings": [finding.rule.code for finding in exchange.findings],
    }


def exchange_fields(exchange: Exchange) -> dict[str, Any]:
    """Everything the fold knows of an exchange."""
    return {
        **summary_fields(exchange),
        "dialect": exchange.dialect.name if exchange.dialect else None,
        "timed": exchange.is_timed,
        "timing": _timing_fields(exchange) if exchange.is_timed else None,
        "message": message_fields(exchange.message()),
        "earlier_messages": [message_fields(earlier) for earlier in exchange.messages()[:-1]],
        "findings": [_finding_fields(finding) for finding in exchange.findings],
        "event_list": [
            {
                "index": index,
                "time": event.frame.last_time if exchange.is_timed else None,
                "first_time": event.frame.first_time if exchange.is_timed else None,
                "start": event.frame.start,
                "stop": event.frame.stop,
                "kind": event.kind.value,
                "type": event.type,
                "text": event.text,
                "stop_reason": event.stop_reason,
                "data": event.frame.data,
            }
            for index, event in enumerate(exchange.events)
        ],
        "chunks": _chunk_fields(exchange) if exchange.is_timed else None,
        "chunk_map": _chunk_map_fields(chunk_map_of(exchange)),
        "notes": [
            {"time": note.time, "about": note.about, "text": note.text} for note in exchange.notes
        ],
        "end": asdict(exchange.end) if exchange.end and exchange.is_timed else None,
        "leave": asdict(exchange.leave) if exchange.leave else None,
        "headers": list(exchange.head.headers) if exchange.head else [],
        "request_headers": list(exchange.request.headers),
    }


def _timing_fields(exchange: Exchange) -> dict[str, Any]:
    timing, inter_token = exchange.timing(), exchange.inter_token()
    waits, buffering = waits_of(exchange), exchange.buffering()
    return {
        **asdict(timing),
        "wait_saved": timing.wait_saved,
        "inter_token": asdict(inter_token) if inter_token else None,
        "waits": asdict(waits) if waits else None,
        "buffering": asdict(buffering) if buffering else None,
        "stalls": [
            {**asdict(stall), "idle": idle_side(stall, exchange.end).value}
            for stall in exchange.stalls()
        ],
    }


def _chunk_fields(exchange: Exchange) -> list[dict[str, Any]]:
    return [
        {
            "time": chunk.time,
            "bytes": chunk.size,
            "start": chunk.start,
            "boundary": chunk.boundary.value,
        }
        for chunk in exchange.body.chunks
    ]


def _chunk_map_fields(chunk_map: ChunkMap | None) -> dict[str, Any] | None:
    if chunk_map is None:
        return None
    counts = {kind.value: count for kind, count in chunk_map.counts().items()}
    return {"chances": chunk_map.chances, "counts": counts, **asdict(chunk_map)}


def _finding_fields(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.rule.code,
        "level": finding.rule.level.value,
        "title": finding.rule.title,
        "detail": finding.detail,
        "event": finding.event,
        "offset": finding.offset,
    }
