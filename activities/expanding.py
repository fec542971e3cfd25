"""The list that an ask is put over is worked out once a run, and stored."""

from activities.admission import admitted
from activities.joining import kept_list
from activities.shell import Json
from activities.surroundings import Surroundings
from ledger import lists
from ledger.needs import InTheWay, scope_of
from model.ask import AskedOfMany
from model.expression import NotResolved
from model.fault import Fault, FaultKind
from model.outcome import missing
from model.plan import Plan
from model.request import items_of
from model.wire import outcome_to_wire
from sources.media import view


async def expanded(given: Json, around: Surroundings) -> Json:
    """Store the list unless it is, and say how many lanes it takes: `{"status": "lanes", "lanes"}`.

    A list that cannot be had ends the ask, and so does an empty one, whose answer is empty too.
    """
    plan = await admitted(given, around)
    if not isinstance(plan, Plan):
        return plan
    gather, run, name = given["id"], given["run"], given["ask"]
    scope = await scope_of(around.blobs, gather, run, plan, name, view)
    if isinstance(scope, InTheWay):  # `obtain` has looked, and what has ended stays so
        return {"status": "look_again", "waits_for": f"needs {', '.join(scope.open)}"}
    ask = plan.asks[name]
    try:
        items = items_of(ask, scope, at_most=around.settings.limits.items) or []
        content = _content(items, around.settings.limits.joined_bytes)
    except NotResolved as error:
        fault = Fault(FaultKind.BROKEN, str(error))
        return {"status": "ended", "outcome": outcome_to_wire(missing(name, str(fault), fault))}
    stored = await lists.store(around.blobs, gather, run, name, content)
    if not stored or not isinstance(ask, AskedOfMany):
        return await kept_list(given, plan, b"[]", 0, around)
    return {"status": "lanes", "lanes": lists.lanes_of(len(stored), ask.max_parallel)}


def _content(items: list[object], most: int) -> bytes:
    content = lists.encode(items)
    if len(content) > most:
        what = f"this gives {len(content):,} bytes, GATHER_MAX_JOINED_BYTES allows {most:,}"
        raise NotResolved("/each", f"{what}; select less")
    return content
