"""JSON forms of the values that cross a durable boundary or are stored in blobs.

Every top-level object has its version as "v"; reading another version raises UnknownVersion.
Moments are ISO 8601 in UTC.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, assert_never

from gather_once.model.fault import Fault, FaultKind
from gather_once.model.outcome import AttemptRecord, Outcome, OutcomeStatus
from gather_once.model.receipt import Elsewhere, Inline, Payload, Receipt, ReceiptSummary

VERSION: Final = 1
"""The stored form: a change of what is stored raises it, and `make run` refuses older states."""

Json = dict[str, Any]


class UnknownVersion(ValueError):
    """The JSON has another version than this app reads."""


def moment_to_wire(moment: datetime) -> str:
    """Write an aware moment in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def moment_from_wire(text: str) -> datetime:
    """Read an aware moment."""
    return datetime.fromisoformat(text)


def fault_to_wire(fault: Fault) -> Json:
    """Write a fault."""
    return {
        "v": VERSION,
        "kind": fault.kind.value,
        "message": fault.message,
        "until": _optional_moment_to_wire(fault.until),
        "may_have_acted": fault.may_have_acted,
    }


def fault_from_wire(wire: Mapping[str, Any]) -> Fault:
    """Read a fault."""
    _check(wire)
    return Fault(
        FaultKind(wire["kind"]),
        wire["message"],
        until=_optional_moment_from_wire(wire["until"]),
        may_have_acted=wire["may_have_acted"],
    )


def attempt_to_wire(attempt: AttemptRecord) -> Json:
    """Write an attempt."""
    return {
        "v": VERSION,
        "started_at": moment_to_wire(attempt.started_at),
        "ended_at": moment_to_wire(attempt.ended_at),
        "fault": fault_to_wire(attempt.fault) if attempt.fault else None,
        "by": attempt.by,
    }


def attempt_from_wire(wire: Mapping[str, Any]) -> AttemptRecord:
    """Read an attempt."""
    _check(wire)
    return AttemptRecord(
        started_at=moment_from_wire(wire["started_at"]),
        ended_at=moment_from_wire(wire["ended_at"]),
        fault=fault_from_wire(wire["fault"]) if wire["fault"] else None,
        by=wire["by"],
    )


def receipt_to_wire(receipt: Receipt) -> Json:
    """Write a receipt; a payload inside becomes base64."""
    return {
        **summary_to_wire(receipt.summary),
        "generation": receipt.generation,
        "by": receipt.by,
        "attempts": receipt.attempts,
        "payload": _payload_to_wire(receipt.payload),
    }


def receipt_from_wire(wire: Mapping[str, Any]) -> Receipt:
    """Read a receipt."""
    summary = summary_from_wire(wire)
    return Receipt(
        key=summary.key,
        generation=wire["generation"],
        digest=summary.digest,
        size=summary.size,
        media_type=summary.media_type,
        obtained_at=summary.obtained_at,
        by=wire["by"],
        attempts=wire["attempts"],
        payload=_payload_from_wire(wire["payload"]),
        etag=summary.etag,
    )


def summary_to_wire(summary: ReceiptSummary) -> Json:
    """Write the summary of a receipt."""
    wire = {
        "v": VERSION,
        "key": summary.key,
        "digest": summary.digest,
        "size": summary.size,
        "media_type": summary.media_type,
        "obtained_at": moment_to_wire(summary.obtained_at),
    }
    return wire if summary.etag is None else wire | {"etag": summary.etag}


def summary_from_wire(wire: Mapping[str, Any]) -> ReceiptSummary:
    """Read the summary of a receipt."""
    _check(wire)
    return ReceiptSummary(
        key=wire["key"],
        digest=wire["digest"],
        size=wire["size"],
        media_type=wire["media_type"],
        obtained_at=moment_from_wire(wire["obtained_at"]),
        etag=wire.get("etag"),
    )


def outcome_to_wire(outcome: Outcome) -> Json:
    """Write an outcome."""
    wire = {
        "v": VERSION,
        "ask": outcome.ask,
        "status": outcome.status.value,
        "reason": outcome.reason,
        "fault": fault_to_wire(outcome.fault) if outcome.fault else None,
        "receipt": summary_to_wire(outcome.receipt) if outcome.receipt else None,
        "attempts": [attempt_to_wire(attempt) for attempt in outcome.attempts],
        "calls": outcome.calls,
    }
    return wire | ({"partial": summary_to_wire(outcome.partial)} if outcome.partial else {})


def outcome_from_wire(wire: Mapping[str, Any]) -> Outcome:
    """Read an outcome."""
    _check(wire)
    return Outcome(
        ask=wire["ask"],
        status=OutcomeStatus(wire["status"]),
        reason=wire["reason"],
        fault=fault_from_wire(wire["fault"]) if wire["fault"] else None,
        receipt=summary_from_wire(wire["receipt"]) if wire["receipt"] else None,
        attempts=tuple(attempt_from_wire(attempt) for attempt in wire["attempts"]),
        calls=wire.get("calls", 0),
        partial=summary_from_wire(wire["partial"]) if "partial" in wire else None,
    )


def ended(outcome: Outcome) -> Json:
    """Return the result of an activity in which an ask got its outcome."""
    return {"status": "ended", "outcome": outcome_to_wire(outcome)}


def _payload_to_wire(payload: Payload) -> Json:
    match payload:
        case Inline(content):
            return {"inline": b64encode(content).decode("ascii")}
        case Elsewhere(blob):
            return {"blob": blob}
        case _:
            assert_never(payload)


def _payload_from_wire(wire: Mapping[str, Any]) -> Payload:
    if "inline" in wire:
        return Inline(b64decode(wire["inline"], validate=True))
    return Elsewhere(wire["blob"])


def _optional_moment_to_wire(moment: datetime | None) -> str | None:
    return moment_to_wire(moment) if moment else None


def _optional_moment_from_wire(text: str | None) -> datetime | None:
    return moment_from_wire(text) if text else None


def _check(wire: Mapping[str, Any]) -> None:
    if wire.get("v") != VERSION:
        raise UnknownVersion(
            f"this is version {wire.get('v')!r}, and only {VERSION} is known here;"
            " let the version of the app that wrote it finish its gathers"
        )
