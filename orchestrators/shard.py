"""One shard of a computation, pursued until it has a receipt of its own or never will."""

import azure.durable_functions as df

from gather_once.model import names
from orchestrators.calling import CRASHED, Steps, received
from orchestrators.waiting import ANEW, settled, show_standing

blueprint = df.Blueprint()


@blueprint.orchestration_trigger(context_name="context")
def shard(context: df.DurableOrchestrationContext) -> Steps:
    """Obtain the part; input `{"id", "run", "deadline", "ask", "part"}`.

    Returns `{"status"}`: the outcome's, `stopped`, or `unsettled` where its activity crashed. What
    became of the part stands in the ledger, where the whole is made of all parts.
    """
    given = received(context)
    show_standing(context, given)
    answer = yield from settled(context, names.OBTAIN, given)
    if answer == ANEW:
        return answer
    if answer == CRASHED:
        return {"status": "unsettled"}
    status = answer["outcome"]["status"] if answer["status"] == "ended" else answer["status"]
    return {"status": status}
