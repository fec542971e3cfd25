"""Assembles a run's dossier from its outcomes, once."""

import os
from datetime import datetime

import azure.durable_functions as df

from activities.shell import Json, in_reach
from gather_once.executor.run import output_of
from gather_once.gathers import assemble as kernel
from gather_once.gathers import plans
from gather_once.model.clock import now
from gather_once.model.names import ASSEMBLE
from gather_once.storage.blobs import Blobs
from gather_once.storage.clients import open_blobs

blueprint = df.Blueprint()


@blueprint.function_name(ASSEMBLE)
@blueprint.activity_trigger(input_name="given")
async def assemble_run(given: Json) -> Json:
    """Take `{"id", "run"}`; return the run's output, or `over` where the run is not current."""
    return await in_reach(assembled(given, open_blobs(os.environ), now()))


async def assembled(given: Json, blobs: Blobs, moment: datetime) -> Json:
    """Write the dossier unless it stands, and return what it says."""
    dossier = await kernel.assemble(blobs, given["id"], given["run"], now=moment)
    if dossier is None:
        return {"status": "over"}
    return output_of(dossier, await plans.plan_of(blobs, given["id"]))
