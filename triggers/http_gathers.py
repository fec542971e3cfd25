"""The doors where gathers begin and are forgotten."""

from hashlib import sha256
from typing import Final, assert_never

import azure.durable_functions as df
import azure.functions as func

from ledger import again
from ledger.begin import Begun, New, NotStarted, OtherPlan, begin
from ledger.settle import Ended, Gone, Running
from ledger.steer import Accepted, Refused
from model.errors import InvalidInput
from model.names import GATHER_ID, is_gather_id
from model.errors import Defect
from model.plan import Plan, parse_plan
from sources.catalogue import KINDS
from triggers import replies
from triggers.doorway import Client, Doorway, NotThere, answered
from triggers.dossier_view import dossier_json
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


@blueprint.route(route="gathers/{id}", methods=["DELETE"])
@blueprint.durable_client_input(client_name="client")
async def gather_delete(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Forget a gather that has ended; what it owned is erased a little later."""
    return await answered(req, client, forget)
