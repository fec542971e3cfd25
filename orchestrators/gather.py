"""The root of a gather: opens a run, waits for its start, pursues its asks, ends it."""

from collections.abc import Mapping
from datetime import datetime
from itertools import count
from typing import Any, Final

import azure.durable_functions as df

from gather_once.model import names
from gather_once.model.fault import LONGEST_MESSAGE
from gather_once.model.progress import GatherStatus
from orchestrators.calling import CRASHED, Steps, call, received
from orchestrators.old.spread import pursue_all

blueprint = df.Blueprint()

_SHOWN: Final = 20
"""Missing asks that the end of a run names; the dossier has them all."""


class GatherFailed(Exception):
    """The run ended without every required answer."""


@blueprint.orchestration_trigger(context_name="context")
def gather(context: df.DurableOrchestrationContext) -> Steps:
    """Carry out one run; input `{"id", "run"}`, output as `assemble` gives it.

    Fails, with a readable list, when a required ask has no answer. Everything else is kept, and a
    further run asks only for the rest.
    """
    given = received(context)
    _set_status(context, given, GatherStatus.SCHEDULED)
    drawn = yield from call(context, names.DRAW, None)
    opened = yield from _open(context, given, drawn)
    if opened["status"] == "over":
        return opened["output"]
    yield from _wait_for_start(context, opened)
    _set_status(context, given, GatherStatus.RUNNING)
    yield from pursue_all(context, {**given, "deadline": opened["deadline"]}, None, opened["asks"])
    ended = yield from call(context, names.ASSEMBLE, given)
    yield from _deliver(context, given)
    return _output(ended)


def _open(context: df.DurableOrchestrationContext, given: dict[str, Any], drawn: Any) -> Steps:  # noqa: ANN401  JSON
    opened = CRASHED
    if drawn != CRASHED:
        opened = yield from call(context, names.OPEN, {**given, "execution": drawn["execution"]})
    if opened == CRASHED:
        raise GatherFailed("The run could not be opened: storage was out of reach for too long.")
    if opened["status"] == "refused":
        raise GatherFailed(f"The plan is not accepted any more: {opened['why']}"[:LONGEST_MESSAGE])
    return opened


def _wait_for_start(context: df.DurableOrchestrationContext, opened: dict[str, Any]) -> Steps:
    start_at = datetime.fromisoformat(opened["start_at"])
    if start_at > context.current_utc_datetime:
        yield context.create_timer(start_at)


def _deliver(context: df.DurableOrchestrationContext, given: dict[str, Any]) -> Steps:
    """Tell the end until it is told; upkeep goes on where this has to give up."""
    for attempt in count(1):
        told = yield from call(context, names.DELIVER, {**given, "attempt": attempt})
        if told == CRASHED or told["status"] == "told":
            return
        yield context.create_timer(datetime.fromisoformat(told["until"]))


def _set_status(
    context: df.DurableOrchestrationContext, given: Mapping[str, Any], status: GatherStatus
) -> None:
    """Set the root's custom status; the extension keeps none over `continue_as_new`."""
    url = f"/api/gathers/{given['id']}"
    context.set_custom_status({"status": status.value, "progress": url})


def _output(ended: dict[str, Any]) -> dict[str, Any]:
    """Return the run's output, or fail with what is missing."""
    if ended == CRASHED:
        raise GatherFailed("The run's dossier could not be written; the next call writes it.")
    if ended["status"] in {GatherStatus.COMPLETED, "over"}:
        return ended
    missing = [f"{ask} ({why})" for ask, why in ended["missing"].items()]
    more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
    raise GatherFailed(
        f"{len(missing)} of the required asks have no answer: {'; '.join(missing[:_SHOWN])}{more}."
        f" What was answered is kept: see {ended['dossier_url']}."
        f" POST /api/gathers/{ended['id']}/rerun asks only for the rest."
    )
