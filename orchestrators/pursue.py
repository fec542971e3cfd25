"""Pursues one ask to its end, then the asks that were waiting for it."""

from datetime import datetime
from typing import Any

import azure.durable_functions as df

from model import names
from model.fault import Fault, FaultKind
from model.outcome import missing
from model.wire import moment_to_wire, outcome_to_wire
from orchestrators.calling import CRASHED, Steps, call, next_look, received
from orchestrators.spread import pursue_all

blueprint = df.Blueprint()


@blueprint.orchestration_trigger(context_name="context")
def pursue(context: df.DurableOrchestrationContext) -> Steps:
    """Obtain, conclude, go on; input `{"id", "run", "deadline", "ask"}`.

    Returns `{"status"}`: the outcome's, `stopped` where the run is not to go on, or `unsettled`
    where the outcome could not be written down.
    """
    given = received(context)
    obtained = yield from _obtain(context, given)
    if obtained["status"] == "stopped":
        return {"status": "stopped"}
    concluded = yield from call(context, names.CONCLUDE, {**given, "outcome": obtained["outcome"]})
    if concluded == CRASHED:
        return {"status": "unsettled"}
    run_of = {name: given[name] for name in ("id", "run", "deadline")}
    yield from pursue_all(context, run_of, given["ask"], concluded["ready"])
    return {"status": obtained["outcome"]["status"]}


def _obtain(context: df.DurableOrchestrationContext, given: dict[str, Any]) -> Steps:
    """Look again and again, with pauses between, until there is a last word on the ask."""
    waited_for, began = None, context.current_utc_datetime
    while True:
        answer = yield from call(context, names.OBTAIN, given)
        if answer == CRASHED:
            return {"status": "ended", "outcome": _crashed(given["ask"])}
        if answer["status"] in {"ended", "stopped"}:
            return answer
        if answer.get("waits_for") is None or answer["waits_for"] != waited_for:
            waited_for, began = answer.get("waits_for"), context.current_utc_datetime
        wake_at = _wake_at(context.current_utc_datetime, began, answer, given)
        context.set_custom_status(_standing(answer, wake_at))
        yield context.create_timer(wake_at)


def _wake_at(
    now: datetime, began: datetime, answer: dict[str, Any], given: dict[str, Any]
) -> datetime:
    """Return when to look again: at the moment named, or by the time waited; never past the end."""
    is_named = answer["status"] == "pause"
    wake_at = datetime.fromisoformat(answer["until"]) if is_named else next_look(now, began)
    return min(wake_at, datetime.fromisoformat(given["deadline"]))


def _standing(answer: dict[str, Any], wake_at: datetime) -> dict[str, Any]:
    """Return what a gather's progress shows of an ask that is not at its end."""
    return {
        "attempts": answer.get("attempts", 0),
        "waits_for": answer.get("waits_for"),
        "next_attempt_at": moment_to_wire(wake_at),
    }


def _crashed(ask: str) -> dict[str, Any]:
    fault = Fault(FaultKind.BROKEN, "its activity crashed, however often it was tried")
    return outcome_to_wire(missing(ask, "broken: crashed", fault))
