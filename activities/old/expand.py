"""Works out the list that an ask is put over."""

import azure.durable_functions as df

from activities.shell import Json, in_reach
from gather_once.executor.context import surroundings
from gather_once.executor.old.expanding import expanded

blueprint = df.Blueprint()


@blueprint.activity_trigger(input_name="given")
async def expand(given: Json) -> Json:
    """Take `{"id", "run", "deadline", "ask"}`; return how many lanes, an outcome, or `stopped`."""
    return await in_reach(expanded(given, surroundings()))
