"""Progress as it is handed out: what storage knows of a run, and what the host says of it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from azure.durable_functions.models.DurableOrchestrationStatus import DurableOrchestrationStatus

from gather_once.gathers.control import State
from gather_once.gathers.host import LIVE
from gather_once.gathers.state import View
from gather_once.model.names import child_id, root_id
from gather_once.model.progress import AskProgress, Phase, Progress, progress_of
from gather_once.model.wire import moment_from_wire, progress_to_wire
from gather_once.plans.graph import needs_of
from gather_once.storage.blobs import Blobs
from gather_once.views.progress_lists import with_lists
from gather_once.views.stall import Seen, stall_of
from triggers.context import Doorway
from triggers.durable_client import SdkDurable

AT_MOST: Final = 50
"""Asks on their way whose pursuers are asked where they are; the others show no more than that."""

Json = dict[str, Any]


@dataclass(frozen=True)
class Shown:
    """Progress as JSON, and whether there is any sense in asking again."""

    json: Json
    is_over: bool


async def progress_of_run(at: Doorway) -> Shown:
    """Return where the newest run stands; raises NotThere and WasDeleted.

    Storage is read before the host is asked. So a root that has ended without a dossier may have
    written it in between, and storage is read once more.
    """
    seen = await at.view()
    root = await at.durable.look(root_id(seen.control.gather, seen.control.run))
    if seen.dossier is None and root and status_of(root) not in LIVE:
        seen = await at.view()
    all_seen = await seen_of(at.blobs, at.durable, seen, root, at.now)
    stall = stall_of(all_seen, at.now)
    shown = {**_json(at, seen, root, all_seen.told), "stalled": stall}
    return Shown(shown, is_over=_is_over(seen, root))


async def seen_of(
    blobs: Blobs,
    durable: SdkDurable,
    seen: View,
    root: DurableOrchestrationStatus | None,
    now: datetime,
) -> Seen:
    """Return all that is known of a run: one request for each ask on its way, more for lists."""
    phase = phase_of(seen, root, now)
    told = progress_of(
        seen.control.gather, seen.control.run, phase, needs_of(seen.plan), seen.outcomes
    )
    pursuers: Mapping[str, DurableOrchestrationStatus | None] = {}
    if phase in {Phase.RUNNING, Phase.HELD}:
        pursuers = await _pursuers_of(durable, told)
        told = replace(
            told, asks=tuple(_with_pursuer(ask, pursuers.get(ask.ask)) for ask in told.asks)
        )
        told = await with_lists(blobs, durable, seen, told)
    return Seen(seen, told, root, pursuers)


def status_of(root: DurableOrchestrationStatus) -> str:
    """Return the host's word for how an instance is."""
    return root.runtime_status.name if root.runtime_status else ""


def phase_of(seen: View, root: DurableOrchestrationStatus | None, now: datetime) -> Phase:
    """Return where a run stands; a root that was ended through the host is as good as stopped."""
    status = status_of(root) if root else None
    if seen.dossier is not None:
        return Phase.ENDED
    if seen.control.state is State.STOP or (status and status not in LIVE):
        return Phase.STOPPED
    if seen.control.state is State.HOLD or status == "Suspended":
        return Phase.HELD
    starts_later = seen.control.run == 1 and now < seen.plan.starts_at(seen.control.claimed_at)
    return Phase.WAITING if starts_later or status in {None, "Pending"} else Phase.RUNNING


def _is_over(seen: View, root: DurableOrchestrationStatus | None) -> bool:
    return seen.dossier is not None or bool(root and status_of(root) not in LIVE)


async def _pursuers_of(
    durable: SdkDurable, told: Progress
) -> dict[str, DurableOrchestrationStatus | None]:
    """Return what the host says of the pursuers of asks on their way, all asked at once."""
    on_the_way = [ask for ask in told.asks if ask.outcome is None and not ask.waits_for][:AT_MOST]
    looks = (durable.look(child_id(told.id, told.run, ask.ask)) for ask in on_the_way)
    found = await asyncio.gather(*looks)
    return dict(zip((ask.ask for ask in on_the_way), found, strict=True))


def _with_pursuer(ask: AskProgress, pursuer: DurableOrchestrationStatus | None) -> AskProgress:
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


def _json(at: Doorway, seen: View, root: DurableOrchestrationStatus | None, told: Progress) -> Json:
    end = seen.dossier.end.value if seen.dossier else None
    delivery = seen.delivery.value if seen.delivery else None
    links = {"dossier": at.link(told.id, "/dossier")} if seen.dossier else {}
    return {
        **progress_to_wire(told),
        "end": end,
        "delivery": delivery,
        "links": {"timeline": at.link(told.id, "/timeline"), **links},
        **_host_words(root, root_id(told.id, told.run), end),
    }


def _host_words(root: DurableOrchestrationStatus | None, instance: str, end: str | None) -> Json:
    """Return what pollers of durable functions read; a root that is purged has its run's end."""
    said = root.to_json() if root else {}
    return {
        "instanceId": instance,
        "runtimeStatus": said.get("runtimeStatus") or end or "Pending",
        "customStatus": said.get("customStatus"),
        "output": said.get("output"),
        "createdTime": said.get("createdTime"),
        "lastUpdatedTime": said.get("lastUpdatedTime"),
    }
