"""Concludes an ask: writes its outcome and says which asks this ask is to start."""

import os

import azure.durable_functions as df

from activities.shell import Json, in_reach
from gather_once.executor.old import concluding as kernel
from gather_once.model.names import CONCLUDE
from gather_once.model.wire import outcome_from_wire
from gather_once.storage.blobs import Blobs
from gather_once.storage.clients import open_blobs

blueprint = df.Blueprint()


@blueprint.function_name(CONCLUDE)
@blueprint.activity_trigger(input_name="given")
async def conclude_ask(given: Json) -> Json:
    """Take `{"id", "run", "ask", "outcome"}`; return `{"status", "ready": [ask]}`."""
    return await in_reach(concluded(given, open_blobs(os.environ)))


async def concluded(given: Json, blobs: Blobs) -> Json:
    """Write the outcome unless one stands; the answer is the same however often it is asked."""
    outcome = outcome_from_wire(given["outcome"])
    ready = await kernel.conclude(blobs, given["id"], given["run"], outcome)
    return {"status": "concluded", "ready": list(ready)}
