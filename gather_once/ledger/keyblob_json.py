"""A key's blob as the JSON that lies in storage, and back."""

import json
from typing import Any

from gather_once.ledger.keys import Claim, FreeAt, Hold, InDoubt, KeyBlob
from gather_once.model.wire import (
    VERSION,
    UnknownVersion,
    attempt_from_wire,
    attempt_to_wire,
    moment_from_wire,
    moment_to_wire,
    receipt_from_wire,
    receipt_to_wire,
)


def encode(blob: KeyBlob) -> bytes:
    """Return the bytes to store."""
    form = {
        "v": VERSION,
        "generation": blob.generation,
        "receipt": receipt_to_wire(blob.receipt) if blob.receipt else None,
        "keeper": blob.keeper,
        "hold": _hold_to_wire(blob.hold),
        "counts": dict(blob.counts),
        "attempts": [attempt_to_wire(attempt) for attempt in blob.attempts],
    }
    return json.dumps(form, separators=(",", ":")).encode()


def decode(content: bytes) -> KeyBlob:
    """Return what the bytes of a key's blob say; may raise `UnknownVersion`."""
    form = json.loads(content)
    if form["v"] != VERSION:
        raise UnknownVersion(f"version {form['v']!r} of a key's blob, and only {VERSION} is known")
    return KeyBlob(
        generation=form["generation"],
        receipt=receipt_from_wire(form["receipt"]) if form["receipt"] else None,
        keeper=form["keeper"],
        hold=_hold_from_wire(form["hold"]),
        counts=form["counts"],
        attempts=tuple(attempt_from_wire(attempt) for attempt in form["attempts"]),
    )


def _hold_to_wire(hold: Hold) -> dict[str, str] | None:
    match hold:
        case None:
            return None
        case Claim(execution, by, since, until):
            times = {"since": moment_to_wire(since), "until": moment_to_wire(until)}
            return {"what": "claim", "execution": execution, "by": by, **times}
        case FreeAt(execution, at):
            return {"what": "free", "execution": execution, "at": moment_to_wire(at)}
        case InDoubt(execution):
            return {"what": "in_doubt", "execution": execution}


def _hold_from_wire(form: dict[str, Any] | None) -> Hold:
    if form is None:
        return None
    match form["what"]:
        case "claim":
            since, until = moment_from_wire(form["since"]), moment_from_wire(form["until"])
            return Claim(form["execution"], form["by"], since, until)
        case "free":
            return FreeAt(form["execution"], moment_from_wire(form["at"]))
        case "in_doubt":
            return InDoubt(form["execution"])
    raise UnknownVersion(f"{form['what']!r} holds a key, which is unknown here")
