"""A lane: works through its share of a list, again and again, until nothing is left to ask."""

import azure.durable_functions as df

from gather_once.model import names
from orchestrators.calling import CRASHED, Steps, received
from orchestrators.waiting import settled, show_standing

blueprint = df.Blueprint()


@blueprint.orchestration_trigger(context_name="context")
def lane(context: df.DurableOrchestrationContext) -> Steps:
    """Have the share obtained; input `{"id", "run", "deadline", "ask", "part"}`.

    Returns what its last activity said: `done` and how its items stand, or `stopped`; `unsettled`
    where that crashed. What became of the items stands in their journals, not here.
    """
    given = received(context)
    show_standing(context, given)
    answer = yield from settled(context, names.OBTAIN_SHARE, given)
    return {"status": "unsettled"} if answer == CRASHED else answer
