"""Progress of a run: what storage knows of it, what the host says of its instances and lanes."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from gather_once.gathers.host import Durable, Instance
from gather_once.gathers.state import View, status_of
from gather_once.ledger import lists
from gather_once.model.names import child_id, part_id
from gather_once.model.progress import AskProgress, GatherStatus, ItemCounts, Progress, progress_of
from gather_once.model.wire import moment_from_wire, moment_to_wire
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
    only: str | None = None,
) -> Seen:
    """Return all that is known of a run, or of the `only` ask of it that is wanted.

    One request for each ask on its way, more for lists.
    """
    ended = seen.dossier.status if seen.dossier else None
    status = status_of(seen.control, ended, root)
    shown = progress_of(
        seen.control.gather, seen.control.run, status, needs_of(seen.plan.asks), seen.outcomes
    )
    if only is not None:
        shown = replace(shown, asks=tuple(ask for ask in shown.asks if ask.ask == only))
    pursuers: Mapping[str, Instance | None] = {}
    if status in {GatherStatus.RUNNING, GatherStatus.SUSPENDED}:
        pursuers = await _pursuers_of(durable, shown)
        shown = replace(
            shown, asks=tuple(_with_pursuer(ask, pursuers.get(ask.ask)) for ask in shown.asks)
        )
        shown = await with_lists(blobs, durable, seen, shown)
    return Seen(seen, shown, root, pursuers)


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
    next_at, what = said.get("next_attempt_at"), said.get("waits_for")
    return replace(
        ask,
        attempts=said.get("attempts", 0),
        next_attempt_at=moment_from_wire(next_at) if next_at else None,
        waits_for=(what,) if what else (),
    )


def progress_json(seen: Seen, now: datetime, url: str) -> Json:
    """Return a run's progress, without what is not known; `url` is the address of its gather."""
    view, run = seen.view, seen.told
    shown = {
        "id": run.id,
        "run": run.run,
        "status": run.status.value,
        **_moments(created_at=view.control.claimed_at, started_at=_started_at(seen)),
        **_moments(ended_at=view.dossier.ended_at if view.dossier else None),
        "reused_asks": run.reused_asks,
        "asks": {ask.ask: ask_json(ask) for ask in run.asks},
        "notification": {"status": view.delivery.value if view.delivery else "none"},
        "links": links_of(url),
    }
    stalled = stall_of(seen, now)
    return shown | {"stalled": stalled} if stalled else shown


def links_of(url: str) -> Json:
    """Return the links that every reply about a gather has; `url` is its address."""
    return {"self": url, "dossier": f"{url}/dossier", "timeline": f"{url}/timeline"}


def _started_at(seen: Seen) -> datetime | None:
    """Return when the run started; None: it has not, or its root is purged."""
    control, root = seen.view.control, seen.root
    if root is None or seen.told.status is GatherStatus.SCHEDULED:
        return None
    if control.run > 1:
        return root.created_at
    return max(root.created_at, seen.view.plan.starts_at(control.claimed_at))


def ask_json(ask: AskProgress) -> Json:
    """Return the progress of one ask, without what is not known."""
    items = {"items": _items_json(ask.items)} if ask.items else {}
    return {
        **({"outcome": ask.outcome.value} if ask.outcome else {}),
        **({"reason": ask.reason} if ask.reason else {}),
        "attempts": ask.attempts,
        **_moments(next_attempt_at=ask.next_attempt_at),
        **({"waits_for": list(ask.waits_for)} if ask.waits_for else {}),
        **items,
    }


def _items_json(items: ItemCounts) -> Json:
    counts = {"kept": items.kept, "failed": items.failed, "in_doubt": items.in_doubt}
    return {"all": items.all, "open": items.open, **counts}


def _moments(**moments: datetime | None) -> dict[str, str]:
    return {name: moment_to_wire(moment) for name, moment in moments.items() if moment}


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
