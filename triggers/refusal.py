"""What the done queue is told of a message that begins no gather, and why."""

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final

from model.errors import Defect

_MOST: Final = 32 * 1024
"""Bytes of defects: with them a message stays well below what a queue takes."""

Json = dict[str, Any]


def refusal_json(message_id: str, gather: str | None, defects: Sequence[Defect]) -> Json:
    """Return the word on a message that was refused, with as many defects as a message holds."""
    errors = [{"pointer": one.pointer, "detail": one.message} for one in defects]
    fitting = _fitting(errors)
    if len(fitting) < len(errors):
        more = f"there are {len(errors) - len(fitting):,} more defects; correct those told first"
        fitting.append({"pointer": "", "detail": more})
    return {"key": message_id, **_named(gather), "status": "Refused", "errors": fitting}


def poison_json(message_id: str, gather: str | None, body: bytes) -> Json:
    """Return the word on a message that was given up; of what it said only size and digest."""
    return {
        "key": message_id,
        **_named(gather),
        "status": "Poisoned",
        "size": len(body),
        "sha256": sha256(body).hexdigest(),
    }


def _named(gather: str | None) -> Json:
    return {"id": gather} if gather else {}


def _fitting(errors: list[Json]) -> list[Json]:
    fitting, left = [], _MOST
    for error in errors:
        left -= len(json.dumps(error, ensure_ascii=False).encode())
        if left < 0:
            break
        fitting.append(error)
    return fitting
