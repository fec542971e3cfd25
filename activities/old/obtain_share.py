"""Works through a lane's share of a list, for a minute at most."""

import azure.durable_functions as df

from activities.shell import Json, in_reach
from gather_once.executor.context import surroundings
from gather_once.executor.old.sharing import share_obtained

blueprint = df.Blueprint()


@blueprint.activity_trigger(input_name="given")
async def obtain_share(given: Json) -> Json:
    """Take `{"id", "run", "deadline", "ask", "part"}`; return a pause, `done` or `stopped`."""
    return await in_reach(share_obtained(given, surroundings()))
