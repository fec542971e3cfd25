"""The list that an ask is put over is worked out once a run, and stored."""

from gather_once.executor.context import Surroundings
from gather_once.executor.old.joining import kept_list
from gather_once.gathers.admission import Ready, ready
from gather_once.ledger import lists
from gather_once.model.fault import Fault, FaultKind
from gather_once.model.outcome import missing
from gather_once.model.wire import Json, ended
from gather_once.plans.asks import AskedOfMany
from gather_once.plans.expressions import NotResolved
from gather_once.plans.requests import items_of


async def expanded(given: Json, around: Surroundings) -> Json:
    """Store the list unless it is, and say how many lanes it takes: `{"status": "lanes", "lanes"}`.

    A list that cannot be had ends the ask, and so does an empty one, whose answer is empty too.
    """
    found = await ready(given, around.blobs, around.now())
    if not isinstance(found, Ready):
        return found
    gather, run, name = given["id"], given["run"], given["ask"]
    ask = found.plan.asks[name]
    try:
        items = items_of(ask, found.scope, at_most=around.settings.limits.list_items) or []
        content = _content(items, around.settings.limits.list_bytes)
    except NotResolved as error:
        fault = Fault(FaultKind.BROKEN, str(error))
        return ended(missing(name, str(fault), fault))
    stored = await lists.store(around.blobs, gather, run, name, content)
    if not stored or not isinstance(ask, AskedOfMany):
        return await kept_list(given, found.plan, b"[]", 0, around)
    return {"status": "lanes", "lanes": lists.lanes_of(len(stored), ask.max_parallel)}


def _content(items: list[object], most: int) -> bytes:
    content = lists.encode(items)
    if len(content) > most:
        what = f"this gives {len(content):,} bytes, GATHER_MAX_LIST_BYTES allows {most:,}"
        raise NotResolved("/each", f"{what}; select less")
    return content
