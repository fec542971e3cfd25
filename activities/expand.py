"""Works out the list that an ask is put over."""

import azure.durable_functions as df

from activities.expanding import expanded
from activities.shell import Json, in_reach
from activities.surroundings import surroundings

blueprint = df.Blueprint()


@blueprint.activity_trigger(input_name="given")
async def expand(given: Json) -> Json:
    """Take `{"id", "run", "deadline", "ask"}`; return how many lanes, an outcome, or `stopped`."""
    return await in_reach(expanded(given, surroundings()))
