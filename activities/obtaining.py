"""The way of one ask to its answer: what is in its way, what it asks, and who carries it out.

Answers of the activity: `{"status": "ended", "outcome"}`; `{"status": "pause", "until"}`, a moment;
`{"status": "look_again", "waits_for"}`, where nobody knows the moment; `{"status": "stopped"}`; and
what has to be done first: `{"status": "consult"}` for a human, `{"status": "expand"}` for a list,
`{"status": "shards", "shards"}`.
"""

from collections.abc import Mapping
from typing import Any

from activities.errand import Errand, carried_out
from activities.joining import joined
from activities.sharding import in_shards
from activities.shell import Json
from activities.surroundings import Surroundings
from ledger import control, plans
from ledger.asking import asking_of
from ledger.control import State
from ledger.needs import InTheWay, scope_of
from ledger.versions import with_version
from model.ask import BlobAsk, ComputeAsk, HttpAsk, HumanAsk, SqlAsk
from model.expression import NotResolved
from model.fault import Fault, FaultKind
from model.outcome import Outcome, missing
from model.request import request_of
from model.wire import moment_from_wire, outcome_to_wire
from sources.media import view

AskOfSource = HttpAsk | SqlAsk | BlobAsk | ComputeAsk
"""Every ask but those of humans."""


async def obtained(given: Json, around: Surroundings) -> Json:
    """Go as far as it goes for the ask that is given, and say what is next."""
    found = await control.read_with_plan(around.blobs, given["id"])
    if found is None or not found[0].carries(given["run"]):
        return {"status": "stopped"}
    # A hold stops no clock: what is open at the deadline is missing, held or not.
    if found[0].state is State.HOLD and around.now() < moment_from_wire(given["deadline"]):
        return {"status": "look_again", "waits_for": "the hold to end"}
    plan = plans.read(given["id"], found[1])
    scope = await scope_of(around.blobs, given["id"], given["run"], plan, given["ask"], view)
    if isinstance(scope, InTheWay):
        return _in_the_way(given["ask"], scope)
    ask = plan.asks[given["ask"]]
    if isinstance(ask, HumanAsk):
        return {"status": "consult"}
    if ask.each is not None:
        return await joined(given, plan, around) if "after" in given else {"status": "expand"}
    gather, run = given["id"], given["run"]
    versioned = await with_version(around.blobs, gather, run, ask, around.newest)
    return await _asked(given, versioned, scope, around)


async def _asked(
    given: Json, ask: AskOfSource, scope: Mapping[str, Any], around: Surroundings
) -> Json:
    try:
        errand = _errand(given, ask, scope)
    except NotResolved as error:
        fault = Fault(FaultKind.BROKEN, str(error))
        return _ended(missing(given["ask"], str(fault), fault))
    if isinstance(ask, ComputeAsk) and ask.shards > 1:
        return await in_shards(given, errand, ask.shards, around)
    return await carried_out(errand, around)


def _in_the_way(ask: str, needs: InTheWay) -> Json:
    if needs.missing:
        return _ended(missing(ask, f"needs {', '.join(needs.missing)}"))
    return {"status": "look_again", "waits_for": f"needs {', '.join(needs.open)}"}


def _errand(given: Json, ask: AskOfSource, scope: Mapping[str, Any]) -> Errand:
    request = request_of(ask, scope)
    asking = asking_of(ask, request, given["id"], given["run"])
    return Errand(given["ask"], ask, request, asking, moment_from_wire(given["deadline"]))


def _ended(outcome: Outcome) -> Json:
    return {"status": "ended", "outcome": outcome_to_wire(outcome)}
