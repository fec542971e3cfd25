"""Consults a human: asks, waits for as long as it takes, and reads what was said."""

from typing import Any

import azure.durable_functions as df

from gather_once.model import names
from orchestrators.calling import Steps
from orchestrators.waiting import UNTRIED, settled


def consult(context: df.DurableOrchestrationContext, given: dict[str, Any]) -> Steps:
    """Ask until there is a last word, and return it: `ended`, `stopped`, CRASHED or ANEW.

    Each wait is a lone event and nothing beside it: a limit is upkeep's business, which wakes in
    the same way. The event says nothing but that it is time to look. `given` has the count of waits
    as `k` where the orchestrator was started anew in between; a count never comes back, since the
    event of a wait gone by may still arrive.
    """
    k = given.get("k", 1)
    while True:
        answer = yield from settled(context, names.QUESTION, {**given, "k": k})
        if answer["status"] != "wait":
            return answer
        context.set_custom_status({**UNTRIED, "waits_for": answer["waits_for"]})
        yield context.wait_for_external_event(names.answer_event(k))
        k += 1
