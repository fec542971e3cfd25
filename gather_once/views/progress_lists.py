"""How far the lists of a run are: what their lanes say, each at its last pause."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from gather_once.gathers.host import Durable, Instance
from gather_once.gathers.state import View
from gather_once.ledger import lists
from gather_once.model.names import part_id
from gather_once.model.progress import AskProgress, ItemCounts, Progress
from gather_once.model.wire import moment_from_wire
from gather_once.plans.asks import AskedOfMany
from gather_once.storage.blobs import Blobs

LANES_AT_MOST = 50
"""Lanes of one list that are asked where they are; the items of the others count as open."""

Json = Mapping[str, Any]


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


def _said(lane: Instance | None) -> Json:
    """Return what a lane says: at its end in its output, before in its custom status."""
    words = (lane.output or lane.custom_status) if lane else None
    return words if isinstance(words, Mapping) else {}


def _with_words(told: AskProgress, length: int, said: Iterable[Json]) -> AskProgress:
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
