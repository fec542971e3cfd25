"""Pursues one ask to its end, then the asks that were waiting for it."""

from typing import Any, Final

import azure.durable_functions as df

from gather_once.model import names
from gather_once.model.fault import Fault, FaultKind
from gather_once.model.outcome import missing
from gather_once.model.wire import outcome_to_wire
from orchestrators.calling import CRASHED, Steps, call, received
from orchestrators.old.consult import consult
from orchestrators.old.spread import pursue_all, work_through
from orchestrators.waiting import UNTRIED, settled, show_standing

blueprint = df.Blueprint()

_WORKERS: Final = {"lanes": names.LANE, "shards": names.SHARD}
"""Who carries out the parts of an ask that is not obtained in one piece."""


@blueprint.orchestration_trigger(context_name="context")
def pursue(context: df.DurableOrchestrationContext) -> Steps:
    """Obtain, conclude, go on; input `{"id", "run", "deadline", "ask"}`.

    Returns `{"status"}`: the outcome's, `stopped` where the run is not to go on, or `unsettled`
    where the outcome could not be written down. After many pauses it goes on in a new execution,
    whose input also says `waiting` and, where the ask's parts are done, `after`.
    """
    given = received(context)
    show_standing(context, given)
    obtained = yield from _obtain(context, given)
    if obtained["status"] in {"stopped", "anew"}:
        return {"status": obtained["status"]}
    outcome = _crashed(given["ask"]) if obtained == CRASHED else obtained["outcome"]
    concluded = yield from call(context, names.CONCLUDE, {**given, "outcome": outcome})
    if concluded == CRASHED:
        return {"status": "unsettled"}
    run_of = {name: given[name] for name in ("id", "run", "deadline")}
    yield from pursue_all(context, run_of, given["ask"], concluded["ready"])
    return {"status": outcome["status"]}


def _obtain(context: df.DurableOrchestrationContext, given: dict[str, Any]) -> Steps:
    """Return the last word on the ask, by whatever way: `ended`, `stopped`, CRASHED or ANEW."""
    answer = yield from settled(context, names.OBTAIN, given)
    if answer["status"] == "consult":
        return (yield from consult(context, given))
    if answer["status"] == "expand":
        answer = yield from settled(context, names.EXPAND, given)
    if answer["status"] in _WORKERS:
        answer = yield from _in_parts(context, given, answer)
    return answer


def _in_parts(
    context: df.DurableOrchestrationContext, given: dict[str, Any], answer: dict[str, Any]
) -> Steps:
    """Have `{"lanes": n}` or `{"shards": n}` worked through, then join what they brought."""
    of = answer["status"]
    waits_for = f"{answer[of]} {of}" if answer[of] > 1 else f"1 {of.removesuffix('s')}"
    context.set_custom_status({**UNTRIED, "waits_for": waits_for})
    came_to_an_end = yield from work_through(context, given, _WORKERS[of], range(answer[of]))
    if not came_to_an_end:
        return {"status": "stopped"}
    return (yield from settled(context, names.OBTAIN, {**given, "after": of}))


def _crashed(ask: str) -> dict[str, Any]:
    fault = Fault(FaultKind.BROKEN, "its activity crashed, however often it was tried")
    return outcome_to_wire(missing(ask, "broken: crashed", fault))
