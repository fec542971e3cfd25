"""The way of one ask to its answer: what is in its way, what it asks, and who carries it out.

Answers of the activity: `{"status": "ended", "outcome"}`; `{"status": "pause", "until"}`, a moment;
`{"status": "look_again", "waits_for"}`, where nobody knows the moment; `{"status": "stopped"}`; and
what has to be done first: `{"status": "consult"}` for a human, `{"status": "expand"}` for a list,
`{"status": "shards", "shards"}`.
"""

from collections.abc import Mapping
from typing import Any

from gather_once.executor.context import Surroundings
from gather_once.executor.old.errand import Errand, carried_out
from gather_once.executor.old.joining import joined
from gather_once.executor.shards import in_shards
from gather_once.gathers.admission import Ready, ready
from gather_once.ledger.keys import asking_of
from gather_once.ledger.old.versions import with_version
from gather_once.model.fault import Fault, FaultKind
from gather_once.model.outcome import missing
from gather_once.model.wire import Json, ended, moment_from_wire
from gather_once.plans.asks import BlobAsk, ComputeAsk, HttpAsk, HumanAsk, SqlAsk
from gather_once.plans.expressions import NotResolved
from gather_once.plans.requests import request_of

AskOfSource = HttpAsk | SqlAsk | BlobAsk | ComputeAsk
"""Every ask but those of humans."""


async def obtained(given: Json, around: Surroundings) -> Json:
    """Go as far as it goes for the ask that is given, and say what is next."""
    found = await ready(given, around.blobs, around.now())
    if not isinstance(found, Ready):
        return found
    ask = found.plan.asks[given["ask"]]
    if isinstance(ask, HumanAsk):
        return {"status": "consult"}
    if ask.each is not None:
        return await joined(given, found.plan, around) if "after" in given else {"status": "expand"}
    gather, run = given["id"], given["run"]
    versioned = await with_version(around.blobs, gather, run, ask, around.newest)
    return await _asked(given, versioned, found.scope, around)


async def _asked(
    given: Json, ask: AskOfSource, scope: Mapping[str, Any], around: Surroundings
) -> Json:
    try:
        errand = _errand(given, ask, scope)
    except NotResolved as error:
        fault = Fault(FaultKind.BROKEN, str(error))
        return ended(missing(given["ask"], str(fault), fault))
    if isinstance(ask, ComputeAsk) and ask.shards > 1:
        return await in_shards(given, errand, ask.shards, around)
    return await carried_out(errand, around)


def _errand(given: Json, ask: AskOfSource, scope: Mapping[str, Any]) -> Errand:
    request = request_of(ask, scope)
    asking = asking_of(ask, request, given["id"], given["run"])
    return Errand(given["ask"], ask, request, asking, moment_from_wire(given["deadline"]))
