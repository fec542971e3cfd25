"""The queue function that takes plans, and the one for messages that failed too often.

A message is not held while a gather runs: a new one with a visibility delay is sent first, then
this one is done. A crash in between leaves two messages for the same gather, which is harmless.
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final, assert_never

import azure.durable_functions as df
import azure.functions as func

from gather_once.gathers.host import HostOutOfReach
from gather_once.gathers.reconcile import Ended, Gone, Running, settle
from gather_once.gathers.start import Begun, New, NotStarted, OtherPlan, begin
from gather_once.model.errors import Defect, InvalidInput, pointer_to
from gather_once.model.names import is_gather_id
from gather_once.model.strict_json import read_json
from gather_once.plans.plan import Plan
from triggers.completion import tell_on_done_queue
from triggers.context import Client, Workplace

ROOM: Final = 64 * 1024
"""Bytes that a message can have at most, whatever a plan may have."""
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
    """The plan is a blob of GATHER_PLANS_CONTAINER; `id`, if any, is the gather's."""

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
        what = f"write {PLANS_FOLDER} and a name: that of a blob in GATHER_PLANS_CONTAINER"
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


_MOST: Final = 32 * 1024
"""Bytes of defects: with them a message stays well below what a queue takes."""

_LONGEST_ID: Final = 64
"""Of a message's id: one that the body brought can be as long as the body."""

Json = dict[str, Any]


def refusal_json(
    message_id: str, gather: str | None, body: bytes, defects: Sequence[Defect]
) -> Json:
    """Return the word on a message that was refused, with as many defects as a message holds."""
    errors = [one.as_json() for one in defects]
    fitting = _fitting(errors)
    if len(fitting) < len(errors):
        more = f"{len(errors) - len(fitting):,} more errors are not listed; correct these first"
        fitting.append(Defect("", more).as_json())
    key = _key_of(message_id, body)
    return {"key": key, **_named(gather), "status": "rejected", "errors": fitting}


def poison_json(message_id: str, gather: str | None, body: bytes) -> Json:
    """Return the word on a message that was given up; of what it said only size and digest."""
    return {
        "key": _key_of(message_id, body),
        **_named(gather),
        "status": "dead_lettered",
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


blueprint = df.Blueprint()

_log = logging.getLogger(__name__)


@blueprint.queue_trigger(
    arg_name="message",
    queue_name="%GATHER_PLANS_QUEUE%",
    connection="AzureWebJobsStorage",
    data_type=func.DataType.BINARY,  # as text, what is not UTF-8 would reach no function
)
@blueprint.durable_client_input(client_name="client")
async def queue_gathers(message: func.QueueMessage, client: Client) -> None:
    """Carry out the plan of a message, or look how far its gather has come."""
    await received(Workplace.of(client), message.get_body(), str(message.id))


async def received(at: Workplace, body: bytes, message_id: str) -> None:
    """Deal with one delivery.

    Raises OutOfReach and SourceFailed where storage or a queue does not answer: the host then
    delivers the message again, and nothing was done that could not be done twice.
    """
    try:
        await _deal_with(at, body, message_id)
    except InvalidInput as error:
        told = refusal_json(message_id, id_of(body), body, error.defects)
        _log.warning("message %s was refused: %d defects", told["key"], len(error.defects))
        await at.tell_on_done_queue(told)


async def _deal_with(at: Workplace, body: bytes, message_id: str) -> None:
    message = read_message(body, message_id)
    match message:
        case PlanInside(id):
            plan = at.read_plan(body, None)
            await _begin(at, plan.id or id, plan)
        case PlanElsewhere():
            plan = await _fetched(at, message)
            await _begin(at, message.id or plan.id or message.fallback_id, plan)
        case LookAgain():
            await _look(at, message)
        case _:
            assert_never(message)


async def _fetched(at: Workplace, message: PlanElsewhere) -> Plan:
    content = await at.read_blob(at.settings.plans_container, message.blob)
    if content is None:
        container = at.settings.plans_container
        what = f"the container {container} has no such blob; put the plan there first"
        raise InvalidInput([Defect("/plan_blob", what)])
    return at.read_plan(content, message.id)


async def _begin(at: Workplace, id: str, plan: Plan) -> None:
    wanted = replace(plan, id=id)
    begun = await begin(at.blobs, at.durable, id, wanted, now=at.now, by_queue=True)
    await _follow(at, id, 1, begun)


async def _look(at: Workplace, message: LookAgain) -> None:
    try:
        standing = await settle(at.blobs, at.durable, message.id, now=at.now)
    except HostOutOfReach:  # that costs the message nothing: it looks again a little later
        await _come_again(at, message.id, message.delivery)
        return
    if standing is None:
        raise InvalidInput([Defect("/id", "there is no such gather; send its plan")])
    await _follow(at, message.id, message.delivery, standing)


async def _follow(at: Workplace, gather: str, delivery: int, begun: Begun) -> None:
    """Come again as long as there is something to wait for."""
    match begun:
        case New() | Running() | NotStarted():
            await _come_again(at, gather, delivery)
        case Ended():
            if not await _is_told(at, begun):
                await _come_again(at, gather, delivery)
        case OtherPlan():
            what = "this id stands for another plan; choose another, or send that plan"
            raise InvalidInput([Defect("/id", what)])
        case Gone():
            _log.info("gather %s was deleted: its message is done", gather)
        case _:
            assert_never(begun)


async def _is_told(at: Workplace, ended: Ended) -> bool:
    try:
        return await tell_on_done_queue(at, ended)
    except HostOutOfReach:
        return False


async def _come_again(at: Workplace, gather: str, delivery: int) -> None:
    text = json.dumps({"id": gather, "delivery": delivery + 1})
    await at.put(at.settings.plans_queue, text, wait_after(delivery))


@blueprint.queue_trigger(
    arg_name="message",
    queue_name="%GATHER_PLANS_QUEUE%-poison",
    connection="AzureWebJobsStorage",
    data_type=func.DataType.BINARY,  # as text, what is not UTF-8 would come back for ever
)
@blueprint.durable_client_input(client_name="client")
async def queue_poison(message: func.QueueMessage, client: Client) -> None:
    """Tell on the done queue that a message was given up."""
    await gave_up(Workplace.of(client), message.get_body(), str(message.id))


async def gave_up(at: Workplace, body: bytes, message_id: str) -> None:
    """Tell it, then log it; a plan may hold what is nobody's business, so it is not repeated."""
    told = poison_json(message_id, id_of(body), body)
    await at.tell_on_done_queue(told)
    _log.error(
        "a message was given up: gather %s, %d bytes, sha256 %s; what failed was logged before",
        told.get("id", "unknown"),
        told["size"],
        told["sha256"],
    )
