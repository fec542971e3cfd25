"""Activities of an ask: obtain it, expand its list, work through a lane, conclude it."""

import os

import azure.durable_functions as df

from activities.shell import Json, in_reach
from gather_once.executor.context import surroundings
from gather_once.executor.old.concluding import concluded
from gather_once.executor.old.expanding import expanded
from gather_once.executor.old.obtaining import obtained
from gather_once.executor.old.sharing import share_obtained
from gather_once.model.names import CONCLUDE
from gather_once.storage.clients import open_blobs

blueprint = df.Blueprint()


@blueprint.activity_trigger(input_name="given")
async def obtain(given: Json) -> Json:
    """Take `{"id", "run", "deadline", "ask"}`; return an outcome, a pause, or `stopped`."""
    return await in_reach(obtained(given, surroundings()))


@blueprint.activity_trigger(input_name="given")
async def obtain_share(given: Json) -> Json:
    """Take `{"id", "run", "deadline", "ask", "part"}`; return a pause, `done` or `stopped`."""
    return await in_reach(share_obtained(given, surroundings()))


@blueprint.activity_trigger(input_name="given")
async def expand(given: Json) -> Json:
    """Take `{"id", "run", "deadline", "ask"}`; return how many lanes, an outcome, or `stopped`."""
    return await in_reach(expanded(given, surroundings()))


@blueprint.function_name(CONCLUDE)
@blueprint.activity_trigger(input_name="given")
async def conclude_ask(given: Json) -> Json:
    """Take `{"id", "run", "ask", "outcome"}`; return `{"status", "ready": [ask]}`."""
    return await in_reach(concluded(given, open_blobs(os.environ)))
