"""What the done queue is told of a message that begins no gather, and why."""

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final

from gather_once.model.errors import Defect

_MOST: Final = 32 * 1024
"""Bytes of defects: with them a message stays well below what a queue takes."""

_LONGEST_ID: Final = 64
"""Of a message's id: one that the body brought can be as long as the body."""

Json = dict[str, Any]


def refusal_json(
    message_id: str, gather: str | None, body: bytes, defects: Sequence[Defect]
) -> Json:
    """Return the word on a message that was refused, with as many defects as a message holds."""
    errors = [{"pointer": one.pointer, "detail": one.message} for one in defects]
    fitting = _fitting(errors)
    if len(fitting) < len(errors):
        more = f"there are {len(errors) - len(fitting):,} more defects; correct those told first"
        fitting.append({"pointer": "", "detail": more})
    key = _key_of(message_id, body)
    return {"key": key, **_named(gather), "status": "Refused", "errors": fitting}


def poison_json(message_id: str, gather: str | None, body: bytes) -> Json:
    """Return the word on a message that was given up; of what it said only size and digest."""
    return {
        "key": _key_of(message_id, body),
        **_named(gather),
        "status": "Poisoned",
        "size": len(body),
        "sha256": sha256(body).hexdigest(),
    }


def _key_of(message_id: str, body: bytes) -> str:
    """Return a key that is the same at every delivery of a message, and another's of no other.

    The host lets a member `id` of the body take the place of the message's own, so the id alone
    would be the same for every plan that somebody tries under one id until it is accepted.
    """
    return f"{message_id[:_LONGEST_ID]}:{sha256(body).hexdigest()[:16]}"


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
