"""Obtains the answer to an ask, or says when to look again."""

import azure.durable_functions as df

from activities.shell import Json, in_reach
from gather_once.executor.context import surroundings
from gather_once.executor.old.obtaining import obtained

blueprint = df.Blueprint()


@blueprint.activity_trigger(input_name="given")
async def obtain(given: Json) -> Json:
    """Take `{"id", "run", "deadline", "ask"}`; return an outcome, a pause, or `stopped`."""
    return await in_reach(obtained(given, surroundings()))
