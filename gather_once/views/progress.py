"""Progress of a run: what storage knows of it, what the host says of its instances and lanes."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from gather_once.gathers.control import State
from gather_once.gathers.host import Durable, Instance
from gather_once.gathers.state import View
from gather_once.ledger import lists
from gather_once.model.names import child_id, part_id, root_id
from gather_once.model.progress import AskProgress, ItemCounts, Phase, Progress, progress_of
from gather_once.model.wire import moment_from_wire, moment_to_wire, progress_to_wire
from gather_once.plans.asks import AskedOfMany
from gather_once.plans.graph import needs_of
from gather_once.storage.blobs import Blobs
from gather_once.views.stall import Seen, stall_of

AT_MOST: Final = 50
"""Asks on their way whose pursuers are asked where they are; the others show no more than that."""

Json = dict[str, Any]


async def seen_of(
    blobs: Blobs,
    durable: Durable,
    seen: View,
    root: Instance | None,
    now: datetime,
) -> Seen:
    """Return all that is known of a run: one request for each ask on its way, more for lists."""
    phase = phase_of(seen, root, now)
    told = progress_of(
        seen.control.gather, seen.control.run, phase, needs_of(seen.plan.asks), seen.outcomes
    )
    pursuers: Mapping[str, Instance | None] = {}
    if phase in {Phase.RUNNING, Phase.HELD}:
        pursuers = await _pursuers_of(durable, told)
        told = replace(
            told, asks=tuple(_with_pursuer(ask, pursuers.get(ask.ask)) for ask in told.asks)
        )
        told = await with_lists(blobs, durable, seen, told)
    return Seen(seen, told, root, pursuers)


def phase_of(seen: View, root: Instance | None, now: datetime) -> Phase:
    """Return where a run stands; a root that was ended through the host is as good as stopped."""
    status = root.runtime_status if root else None
    if seen.dossier is not None:
        return Phase.ENDED
    if seen.control.state is State.STOP or (root and not root.is_live):
        return Phase.STOPPED
    if seen.control.state is State.HOLD or status == "Suspended":
        return Phase.HELD
    starts_later = seen.control.run == 1 and now < seen.plan.starts_at(seen.control.claimed_at)
    return Phase.WAITING if starts_later or status in {None, "Pending"} else Phase.RUNNING


def is_over(seen: View, root: Instance | None) -> bool:
    """Return whether polling on makes no sense: the run has its dossier, or no live root."""
    return seen.dossier is not None or bool(root and not root.is_live)


async def _pursuers_of(durable: Durable, told: Progress) -> dict[str, Instance | None]:
    """Return what the host says of the pursuers of asks on their way, all asked at once."""
    on_the_way = [ask for ask in told.asks if ask.outcome is None and not ask.waits_for][:AT_MOST]
    looks = (durable.look(child_id(told.id, told.run, ask.ask)) for ask in on_the_way)
    found = await asyncio.gather(*looks)
    return dict(zip((ask.ask for ask in on_the_way), found, strict=True))


def _with_pursuer(ask: AskProgress, pursuer: Instance | None) -> AskProgress:
    said = pursuer.custom_status if pursuer else None
    if not isinstance(said, Mapping):
        return ask
    next_at, waits_for = said.get("next_attempt_at"), said.get("waits_for")
    return replace(
        ask,
        attempts=said.get("attempts", 0),
        next_attempt_at=moment_from_wire(next_at) if next_at else None,
        waits_for=(waits_for,) if waits_for else (),
    )


def progress_json(seen: Seen, now: datetime, url: str) -> Json:
    """Return a run's progress; `url` is the address of its gather."""
    view, told = seen.view, seen.told
    end = view.dossier.end.value if view.dossier else None
    links = {"dossier": f"{url}/dossier"} if view.dossier else {}
    return {
        **progress_to_wire(told),
        "end": end,
        "delivery": view.delivery.value if view.delivery else None,
        "links": {"timeline": f"{url}/timeline", **links},
        **_host_words(seen.root, root_id(told.id, told.run), end),
        "stalled": stall_of(seen, now),
    }


def _host_words(root: Instance | None, instance: str, end: str | None) -> Json:
    """Return what pollers of durable functions read; a root that is purged has its run's end."""
    return {
        "instanceId": instance,
        "runtimeStatus": (root.runtime_status if root else end) or "Pending",
        "customStatus": root.custom_status if root else None,
        "output": root.output if root else None,
        "createdTime": moment_to_wire(root.created_at) if root else None,
        "lastUpdatedTime": moment_to_wire(root.last_updated_at) if root else None,
    }


LANES_AT_MOST = 50
"""Lanes of one list that are asked where they are; the items of the others count as open."""

JsonObject = Mapping[str, Any]


async def with_lists(blobs: Blobs, durable: Durable, seen: View, told: Progress) -> Progress:
    """Add how the items stand of every list on its way; one request for each, one for each lane."""
    asks = (_with_lanes(blobs, durable, seen, ask) for ask in told.asks)
    return replace(told, asks=tuple(await asyncio.gather(*asks)))


async def _with_lanes(blobs: Blobs, durable: Durable, seen: View, told: AskProgress) -> AskProgress:
    ask, gather, run = seen.plan.asks[told.ask], seen.control.gather, seen.control.run
    if told.outcome or not isinstance(ask, AskedOfMany) or ask.each is None:
        return told
    length = await lists.length(blobs, gather, run, told.ask)
    if length is None:
        return told
    lanes = range(min(lists.lanes_of(length, ask.max_parallel), LANES_AT_MOST))
    looks = (durable.look(part_id(gather, run, told.ask, lane)) for lane in lanes)
    return _with_words(told, length, [_said(lane) for lane in await asyncio.gather(*looks)])


def _said(lane: Instance | None) -> JsonObject:
    """Return what a lane says: at its end in its output, before in its custom status."""
    words = (lane.output or lane.custom_status) if lane else None
    return words if isinstance(words, Mapping) else {}


def _with_words(told: AskProgress, length: int, said: Iterable[JsonObject]) -> AskProgress:
    counts: Counter[str] = Counter()
    moments = []
    for words in said:
        counts.update(words.get("items") or {})
        moments += [words["next_attempt_at"]] if words.get("next_attempt_at") else []
    return replace(
        told,
        next_attempt_at=min(map(moment_from_wire, moments), default=told.next_attempt_at),
        items=ItemCounts(length, counts["kept"], counts["failed"], counts["in_doubt"]),
    )
