"""What a message on the queue of plans says: a plan, where a plan lies, or to look once more."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final

from gather_once.model.errors import Defect, InvalidInput, pointer_to
from gather_once.model.names import is_gather_id
from gather_once.model.strict_json import read_json

ROOM: Final = 64 * 1024
"""Bytes that a message can have at most, whatever a plan may have."""
PLANS_CONTAINER: Final = "inputs"
PLANS_FOLDER: Final = "plans/"
"""Where a plan lies that a message names: too large for a message, which has 48 KiB of text."""
_SHORTEST: Final = timedelta(seconds=5)
_LONGEST: Final = timedelta(minutes=5)
_DOUBLINGS: Final = 6
"""After these the longest wait is reached."""
_LONGEST_NAME: Final = 1024


@dataclass(frozen=True, slots=True)
class PlanInside:
    """The message is the plan; `id` is the gather's where the plan has none of its own."""

    id: str
    body: bytes


@dataclass(frozen=True, slots=True)
class PlanElsewhere:
    """The plan is a blob of `PLANS_CONTAINER`; `id`, if any, is the gather's."""

    blob: str
    id: str | None
    fallback_id: str
    """The gather's id if neither the message nor the plan has one."""


@dataclass(frozen=True, slots=True)
class LookAgain:
    """A message of the app's own: the gather was begun, see whether it has ended."""

    id: str
    delivery: int


Message = PlanInside | PlanElsewhere | LookAgain


def read_message(body: bytes, message_id: str) -> Message:
    """Read a message; raises InvalidInput with every defect.

    A plan is not looked into: that is for who reads plans.
    """
    document = read_json(body, bytes_at_most=ROOM)
    match document.value:
        case {"delivery": _} if not document.defects:
            return _look_again(document.value)
        case {"plan_blob": _} if not document.defects:
            return _elsewhere(document.value, message_id)
        case _:
            return PlanInside(id_for(message_id), body)


def id_of(body: bytes) -> str | None:
    """Return the id that a message, sound or not, names; None: it names none that can be one."""
    value = read_json(body, bytes_at_most=ROOM).value
    named = value.get("id") if isinstance(value, dict) else None
    return named if isinstance(named, str) and is_gather_id(named) else None


def id_for(message_id: str) -> str:
    """Return the id of the gather of a message without one, the same at every delivery."""
    lowered = message_id.lower()
    if is_gather_id(lowered):
        return lowered
    return f"q-{sha256(message_id.encode()).hexdigest()[:32]}"


def wait_after(delivery: int) -> timedelta:
    """Return how long to wait after a delivery, counted from 1: 5 s, doubled up to 5 minutes."""
    return min(_LONGEST, _SHORTEST * (1 << min(delivery - 1, _DOUBLINGS)))


def _look_again(value: dict[str, Any]) -> LookAgain:
    defects = [*_unknown(value, {"id", "delivery"}), *_wrong_id(value, is_needed=True)]
    delivery = value["delivery"]
    if type(delivery) is not int or delivery < 1:
        defects.append(Defect("/delivery", "write a whole number from 1, or send the plan itself"))
    if defects:
        raise InvalidInput(defects)
    return LookAgain(value["id"], delivery)


def _elsewhere(value: dict[str, Any], message_id: str) -> PlanElsewhere:
    defects = [*_unknown(value, {"id", "plan_blob"}), *_wrong_id(value, is_needed=False)]
    blob = value["plan_blob"]
    if not isinstance(blob, str) or not _is_plans_name(blob):
        what = f"write {PLANS_FOLDER} and a name: that of a blob in the container {PLANS_CONTAINER}"
        defects.append(Defect("/plan_blob", what))
    if defects:
        raise InvalidInput(defects)
    return PlanElsewhere(blob, value.get("id"), id_for(message_id))


def _is_plans_name(blob: str) -> bool:
    steps = blob.split("/")
    return (
        blob.startswith(PLANS_FOLDER)
        and len(blob) <= _LONGEST_NAME
        and not {"", ".", ".."} & set(steps)
    )


def _unknown(value: dict[str, Any], known: set[str]) -> list[Defect]:
    what = "this is not known here; leave it out, or send the plan itself"
    return [Defect(pointer_to(name), what) for name in value if name not in known]


def _wrong_id(value: dict[str, Any], *, is_needed: bool) -> list[Defect]:
    if "id" not in value and not is_needed:
        return []
    named = value.get("id")
    if isinstance(named, str) and is_gather_id(named):
        return []
    return [Defect("/id", "write 1 to 48 lower-case letters, digits and -, not beginning with -")]
