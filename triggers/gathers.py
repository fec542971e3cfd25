"""The doors where a gather begins."""

from dataclasses import replace
from hashlib import sha256
from typing import Final, assert_never

import azure.durable_functions as df
import azure.functions as func

from gather_once.gathers.reconcile import Ended, Gone, Running
from gather_once.gathers.start import Begun, New, NotStarted, OtherPlan, begin
from gather_once.plans.plan import Plan
from gather_once.sources.registry import read_plan
from gather_once.views.dossier import dossier_json
from triggers import responses
from triggers.context import Client, Doorway, answered
from triggers.gather_links import started

blueprint = df.Blueprint()

_IDEMPOTENCY_KEY: Final = "idempotency-key"


@blueprint.route(route="gathers", methods=["POST"])
@blueprint.durable_client_input(client_name="client")
async def gathers_post(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Begin a gather, under the plan's id, one made of the Idempotency-Key header, or a new one."""
    return await answered(req, client, begin_somewhere)


@blueprint.route(route="gathers/{id}", methods=["PUT"])
@blueprint.durable_client_input(client_name="client")
async def gather_put(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Begin a gather under this id, or say where it stands: call it again and again."""
    return await answered(req, client, begin_here)


async def begin_somewhere(doorway: Doorway) -> func.HttpResponse:
    """Begin the plan in the body under its own id, or one that is made for it."""
    plan = read_plan(doorway.request.get_body(), doorway.settings)
    key = doorway.request.headers.get(_IDEMPOTENCY_KEY)
    return await _begin(doorway, plan.id or (id_for(key) if key else doorway.draw()), plan)


async def begin_here(doorway: Doorway) -> func.HttpResponse:
    """Begin the plan in the body under the id in the path."""
    here = doorway.in_path("id")
    plan = read_plan(doorway.request.get_body(), doorway.settings, id=here)
    return await _begin(doorway, here, plan)


def id_for(key: str) -> str:
    """Return the id of the gather that an Idempotency-Key stands for, the same every time."""
    return f"k-{sha256(key.encode()).hexdigest()[:32]}"


async def _begin(doorway: Doorway, id: str, plan: Plan) -> func.HttpResponse:
    begun = await begin(doorway.blobs, doorway.durable, id, plan, now=doorway.now)
    return await _reply(doorway, begun, replace(plan, id=id))


async def _reply(doorway: Doorway, begun: Begun, plan: Plan) -> func.HttpResponse:
    match begun:
        case New(found) | Running(found, _):
            return started(doorway, found.gather, found.run)
        case Ended(found, dossier):
            link = doorway.link(found.gather)
            return responses.found(await dossier_json(doorway.blobs, plan, dossier, link))
        case OtherPlan(found):
            return responses.conflict(
                f"{found.gather} stands for another plan. Choose another id for this one,"
                " or send the plan that it was begun with."
            )
        case Gone(found):
            return responses.gone(found.gather, found.end)
        case NotStarted():
            return responses.come_again()
        case _:
            assert_never(begun)
