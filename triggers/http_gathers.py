"""The doors of gathers that change something: begin, hold, let go on, break off, again, forget."""

import re
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Final, assert_never

import azure.durable_functions as df
import azure.functions as func

from ledger import again as after_the_end
from ledger import steer
from ledger.begin import Begun, New, NotStarted, OtherPlan, begin
from ledger.settle import Ended, Gone, Running
from ledger.steer import Accepted, Refused
from model.errors import Defect, InvalidInput
from model.names import GATHER_ID, is_gather_id
from model.plan import Plan, parse_plan
from sources.catalogue import KINDS
from triggers import replies
from triggers.doorway import Doorway, answered
from triggers.dossier_view import dossier_json
from triggers.gather_links import started

blueprint = df.Blueprint()

_IDEMPOTENCY_KEY: Final = "idempotency-key"

Client = df.DurableOrchestrationClient


@blueprint.route(route="gathers", methods=["POST"])
@blueprint.durable_client_input(client_name="client")
async def gathers_post(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Begin a gather, under the plan's id, one made of the Idempotency-Key header, or a new one."""
    return await answered(_begin(Doorway.of(req, client), None))


@blueprint.route(route="gathers/{id}", methods=["PUT"])
@blueprint.durable_client_input(client_name="client")
async def gather_put(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Begin a gather under this id, or say where it stands: call it again and again."""
    return await answered(_begin(Doorway.of(req, client), req.route_params["id"]))


@blueprint.route(route="gathers/{id}", methods=["DELETE"])
@blueprint.durable_client_input(client_name="client")
async def gather_delete(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Forget a gather that has ended."""
    doorway = Doorway.of(req, client)
    forget = after_the_end.forget
    return await _steered(
        doorway, lambda id: forget(doorway.blobs, doorway.durable, id, now=doorway.now)
    )


@blueprint.route(route="gathers/{id}/suspend", methods=["POST"])
@blueprint.durable_client_input(client_name="client")
async def gather_suspend(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Hold a gather: what is under way ends, nothing new is asked."""
    doorway = Doorway.of(req, client)
    return await _steered(doorway, lambda id: steer.suspend(doorway.blobs, id))


@blueprint.route(route="gathers/{id}/resume", methods=["POST"])
@blueprint.durable_client_input(client_name="client")
async def gather_resume(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Let a held gather go on."""
    doorway = Doorway.of(req, client)
    return await _steered(doorway, lambda id: steer.resume(doorway.blobs, doorway.durable, id))


@blueprint.route(route="gathers/{id}/terminate", methods=["POST"])
@blueprint.durable_client_input(client_name="client")
async def gather_terminate(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Break a gather off; what was answered is kept."""
    doorway = Doorway.of(req, client)
    return await _steered(
        doorway,
        lambda id: steer.terminate(doorway.blobs, doorway.durable, id, now=doorway.now),
    )


@blueprint.route(route="gathers/{id}/again", methods=["POST"])
@blueprint.durable_client_input(client_name="client")
async def gather_again(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Run a gather that has ended once more; it asks only for what is missing."""
    doorway = Doorway.of(req, client)
    again = after_the_end.again
    return await _steered(
        doorway, lambda id: again(doorway.blobs, doorway.durable, id, now=doorway.now)
    )


async def _begin(doorway: Doorway, id: str | None) -> func.HttpResponse:
    plan = plan_of(doorway, id)
    if plan.id is None:
        raise InvalidInput([Defect("/id", "there is no id; this cannot be")])
    begun = await begin(doorway.blobs, doorway.durable, plan.id, plan, now=doorway.now)
    return await _begun(doorway, begun)


def plan_of(doorway: Doorway, id: str | None) -> Plan:
    """Return the plan in the body, with an id.

    Raises InvalidInput with every defect.
    """
    if id is not None and not is_gather_id(id):
        raise InvalidInput([Defect("/id", f"'{id}' in the path is no id: write {GATHER_ID}")])
    body = doorway.request.get_body()
    plan = parse_plan(body, doorway.settings, id=id, kinds=KINDS)
    key = doorway.request.headers.get(_IDEMPOTENCY_KEY)
    return plan if plan.id else replace(plan, id=_fresh_id(key))


async def _begun(doorway: Doorway, begun: Begun) -> func.HttpResponse:
    match begun:
        case New(found) | Running(found, _):
            return started(doorway, found.gather, found.run)
        case Ended(_, dossier):
            return replies.found(await dossier_json(doorway, dossier))
        case OtherPlan(found):
            return replies.conflict(
                f"{found.gather} stands for another plan; choose another id for this one."
            )
        case Gone(found):
            return replies.gone(found.gather, found.end)
        case NotStarted():
            return replies.unavailable()
        case _:
            assert_never(begun)


async def _steered(
    doorway: Doorway, wish: Callable[[str], Awaitable[Accepted | Refused | Gone | NotStarted | None]]
) -> func.HttpResponse:
    return await answered(_steer(doorway, wish))
