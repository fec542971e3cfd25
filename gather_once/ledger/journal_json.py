"""A journal's entries as they lie in storage: one JSON object a line."""

import json
from collections.abc import Iterable
from dataclasses import astuple
from datetime import datetime
from typing import Any, assert_never

from gather_once.ledger.journal import (
    Anew,
    Attempt,
    Begun,
    Doubted,
    Entry,
    Failed,
    Kept,
    OfItem,
    Opened,
    Sealed,
)
from gather_once.model.wire import (
    VERSION,
    UnknownVersion,
    fault_from_wire,
    fault_to_wire,
    moment_from_wire,
    moment_to_wire,
    receipt_from_wire,
    receipt_to_wire,
)

Json = dict[str, Any]


def encode(entries: Iterable[Entry]) -> bytes:
    """Return the bytes to append."""
    lines = (json.dumps({"v": VERSION, **_to_wire(e)}, separators=(",", ":")) for e in entries)
    return "".join(f"{line}\n" for line in lines).encode()


def decode(content: bytes) -> tuple[Entry, ...]:
    """Return the entries in a journal, or in the end of one; may raise `UnknownVersion`."""
    return tuple(_from_wire(json.loads(line)) for line in content.splitlines())


def _to_wire(entry: Entry) -> Json:
    if isinstance(entry, Opened | Sealed):
        what = "open" if isinstance(entry, Opened) else "seal"
        return {"e": what, "run": entry.run, "by": entry.writer}
    return {"of": astuple(entry.attempt), **_of_item_to_wire(entry)}


def _of_item_to_wire(entry: OfItem) -> Json:
    match entry:
        case Begun(at=at):
            return {"e": "ask", "at": moment_to_wire(at)}
        case Kept(began=began, receipt=receipt):
            return {"e": "kept", "began": _to_text(began), "receipt": receipt_to_wire(receipt)}
        case Failed(due=due, last=last):
            return {"e": "fault", **_end_to_wire(entry), "due": _to_text(due), "last": last}
        case Doubted():
            return {"e": "doubt", **_end_to_wire(entry)}
        case Anew():
            return {"e": "anew"}
        case _:
            assert_never(entry)


def _end_to_wire(entry: Failed | Doubted) -> Json:
    return {
        "began": _to_text(entry.began),
        "ended": moment_to_wire(entry.ended),
        "fault": fault_to_wire(entry.fault),
    }


def _from_wire(wire: Json) -> Entry:
    if wire["v"] != VERSION:
        raise UnknownVersion(f"version {wire['v']!r} of a journal, and only {VERSION} is known")
    match wire["e"]:
        case "open":
            return Opened(wire["run"], wire["by"])
        case "seal":
            return Sealed(wire["run"], wire["by"])
        case _:
            return _of_item(wire, Attempt(*wire["of"]))


def _of_item(wire: Json, attempt: Attempt) -> OfItem:
    match wire["e"]:
        case "ask":
            return Begun(attempt, moment_from_wire(wire["at"]))
        case "kept":
            receipt = receipt_from_wire(wire["receipt"])
            return Kept(attempt, _from_text(wire["began"]), receipt)
        case "fault":
            return Failed(*_end(wire, attempt), _from_text(wire["due"]), wire["last"])
        case "doubt":
            return Doubted(*_end(wire, attempt))
        case "anew":
            return Anew(attempt)
    raise UnknownVersion(f"{wire['e']!r} stands in a journal, which is unknown here")


def _end(wire: Json, attempt: Attempt) -> tuple[Attempt, datetime | None, datetime, Any]:
    ended, fault = moment_from_wire(wire["ended"]), fault_from_wire(wire["fault"])
    return attempt, _from_text(wire["began"]), ended, fault


def _to_text(moment: datetime | None) -> str | None:
    return moment_to_wire(moment) if moment else None


def _from_text(text: str | None) -> datetime | None:
    return moment_from_wire(text) if text else None
