"""The door where plans come in by the queue: each delivery begins, looks, or brings the end.

A message is never held while a gather runs. A new one is sent that comes back later, and only then
is this one done: a crash in between leaves two that ask for the same, under the same id.
"""

import json
import logging
from dataclasses import replace
from typing import assert_never

import azure.durable_functions as df
import azure.functions as func

from gather_once.gathers.host import HostOutOfReach
from gather_once.gathers.reconcile import Ended, Gone, Running, settle
from gather_once.gathers.start import Begun, New, NotStarted, OtherPlan, begin
from gather_once.model.errors import Defect, InvalidInput
from gather_once.plans.plan import Plan
from triggers.completion import tell_on_done_queue
from triggers.queue_message import (
    PLANS_CONTAINER,
    LookAgain,
    PlanElsewhere,
    PlanInside,
    id_of,
    read_message,
    wait_after,
)
from triggers.refusal import refusal_json
from triggers.workplace import Client, Workplace

blueprint = df.Blueprint()

_log = logging.getLogger(__name__)


@blueprint.queue_trigger(
    arg_name="message",
    queue_name="%GATHER_QUEUE%",
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
    content = await at.read_blob(PLANS_CONTAINER, message.blob)
    if content is None:
        what = f"the container {PLANS_CONTAINER} has no such blob; put the plan there first"
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
    await at.put(at.settings.queue, text, wait_after(delivery))
