"""The HTTP function that validates a plan without starting it."""

import os

import azure.durable_functions as df
import azure.functions as func

from gather_once.gathers import control
from gather_once.gathers.control import Control, State
from gather_once.http_client.secrets import Secrets
from gather_once.model.errors import Defect
from gather_once.plans.plan import Plan, plan_digest
from gather_once.sources.registry import read_plan
from gather_once.views.validation import validation_json
from gather_once.views.warnings import warnings_of
from triggers import responses
from triggers.context import Client, Doorway, answered
from triggers.params import MAX_PLAN_BYTES, json_body

blueprint = df.Blueprint()


@blueprint.route(route="plans/validate", methods=["POST"])
@blueprint.durable_client_input(client_name="client")
async def plans_validate(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Return the order, the calls and the cost of a plan, or what is wrong with it."""
    return await answered(req, client, validate)


async def validate(at: Doorway) -> func.HttpResponse:
    """Validate the plan in the body; calls no source."""
    most = at.settings.limits.plan_bytes
    text = json_body(at.request, bytes_at_most=most, setting=MAX_PLAN_BYTES)
    plan = read_plan(text, at.settings)
    told = await validation_json(at.blobs, plan, at.settings.limits, at.now)
    warnings = warnings_of(plan, at.settings, Secrets(os.environ))
    if plan.id:
        warnings += _of_id(await control.read(at.blobs, plan.id), plan)
    return responses.found({**told, "warnings": [one.as_json() for one in warnings]})


def _of_id(found: Control | None, plan: Plan) -> list[Defect]:
    if found is None:
        return []
    if found.state is State.GONE:
        what = "this id was deleted and is not given away again; choose another"
    elif found.digest != plan_digest(plan):
        what = "this id stands for another plan; choose another"
    else:
        what = "this very plan has been begun under this id; nothing new would be started"
    return [Defect("/id", what)]
