"""Schedules as they are kept, and the starts that are due.

A schedule is one blob: what was put is its content, how far it has come its metadata. A start has
an id of its own, made of the schedule's name and the moment, so whoever fires it, and how often,
it begins one gather.
"""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

from gather_once.gathers import control, dossier
from gather_once.gathers.control import State
from gather_once.gathers.host import Durable
from gather_once.gathers.start import begin
from gather_once.model.errors import Defect, InvalidInput
from gather_once.plans.plan import Plan
from gather_once.schedules.cron import check_cron, moments_between
from gather_once.schedules.schedule import CatchUp, Overlap, Schedule, kept_schedule, slot_id
from gather_once.storage.blobs import Blob, Blobs, Conflict, Container, all_under

ON_TIME: Final = timedelta(minutes=2)
"""How late a start may be and still be no missed one: timers fire each minute, and not to the
second."""
AT_ONCE: Final = 1_000
"""Starts of one schedule that are looked at in one go; the rest follows in the next."""
_FOLDER: Final = "schedule/"


@dataclass(frozen=True, slots=True)
class Kept:
    """A schedule as it is kept.

    `last` is the newest start that was dealt with, `gather` what it began. Starts up to `waiting`
    were seen in time, and wait for the end of the one before.
    """

    name: str
    schedule: Schedule
    last: datetime
    gather: str | None = None
    waiting: datetime | None = None
    version: str = ""


@dataclass(frozen=True, slots=True)
class Broken:
    """What is kept under a name and is no schedule any more; it starts nothing until put anew."""

    name: str
    defects: tuple[Defect, ...]
    version: str


async def put(blobs: Blobs, name: str, schedule: Schedule, *, now: datetime) -> bool:
    """Keep a schedule under a name, from now on; say whether it is new.

    What an older one of the name has begun goes on.
    """
    content = json.dumps(schedule.model_dump(mode="json")).encode()
    where = (Container.SCHEDULES, _FOLDER + name)
    while True:
        found = await get(blobs, name)
        kept = Kept(name, schedule, now, found.gather if isinstance(found, Kept) else None)
        try:
            if found is None:
                await blobs.create(*where, content, metadata=_metadata(kept))
            else:
                metadata = _metadata(kept)
                await blobs.replace(*where, content, version=found.version, metadata=metadata)
        except Conflict:
            continue
        return found is None


async def get(blobs: Blobs, name: str) -> Kept | Broken | None:
    """Return what is kept under a name, or None."""
    found = await blobs.read(Container.SCHEDULES, _FOLDER + name)
    if found is None:
        return None
    try:
        return _kept(name, found)
    except InvalidInput as error:
        return Broken(name, tuple(error.defects), found.version)


async def remove(blobs: Blobs, name: str) -> None:
    """Forget a schedule; what it has begun goes on."""
    await blobs.delete(Container.SCHEDULES, _FOLDER + name)


async def names(blobs: Blobs) -> AsyncIterator[str]:
    """Go through the names of all schedules, in order."""
    async for line in all_under(blobs, Container.SCHEDULES, _FOLDER):
        yield line.name.removeprefix(_FOLDER)


async def start_due(
    blobs: Blobs,
    durable: Durable,
    kept: Kept,
    *,
    now: datetime,
    read_plan: Callable[[Mapping[str, Any], str], Plan],
) -> list[str]:
    """Begin what is due of one schedule; return the ids of the gathers that were begun.

    `read_plan` makes a plan of the schedule's under an id, by today's limits; what it raises is
    raised here. It may be called by several timers at once.
    """
    if kept.schedule.paused:
        await _note(blobs, replace(kept, last=now))
        return []
    begun: list[str] = []
    for slot, is_wanted in slots(kept, now):
        blocked = is_wanted and await _is_blocked(blobs, kept)
        if blocked and kept.schedule.overlap is Overlap.QUEUE:
            await _note(blobs, replace(kept, waiting=_newest_in_time(kept, now)))
            return begun
        after = replace(kept, last=slot)
        if is_wanted and not blocked:
            started = slot_id(kept.name, slot)
            plan = read_plan(kept.schedule.plan, started)
            await begin(blobs, durable, started, plan, now=now)
            begun.append(started)
            after = replace(after, gather=started)
        noted = await _note(blobs, after)
        if noted is None:
            return begun
        kept = noted
    return begun


def slots(kept: Kept, now: datetime) -> list[tuple[datetime, bool]]:
    """Return the starts that are due, oldest first, each with whether it is to be made.

    What is missed for longer than `ON_TIME` is made up for as the schedule says.
    """
    due = list(islice(moments_between(kept.schedule.cron, kept.last, now), AT_ONCE))
    newest = due[-1] if kept.schedule.catch_up is CatchUp.LAST and due else None
    makes_all = kept.schedule.catch_up is CatchUp.ALL
    return [(slot, makes_all or slot == newest or _is_in_time(kept, slot, now)) for slot in due]


def _is_in_time(kept: Kept, slot: datetime, now: datetime) -> bool:
    return now - slot <= ON_TIME or (kept.waiting is not None and slot <= kept.waiting)


def _newest_in_time(kept: Kept, now: datetime) -> datetime:
    return max(slot for slot, is_wanted in slots(kept, now) if is_wanted)


async def _is_blocked(blobs: Blobs, kept: Kept) -> bool:
    """Say whether the gather of the start before stands in the way: it has not ended."""
    if kept.schedule.overlap is Overlap.ALLOW or kept.gather is None:
        return False
    found = await control.read(blobs, kept.gather)
    if found is None or found.state is State.GONE:
        return False
    return await dossier.end_of(blobs, found.gather, found.run) is None


async def _note(blobs: Blobs, kept: Kept) -> Kept | None:
    """Write how far it has come; None where somebody else was faster, or it was put anew."""
    where = (Container.SCHEDULES, _FOLDER + kept.name)
    try:
        version = await blobs.mark(*where, _metadata(kept), version=kept.version)
    except Conflict:
        return None
    return replace(kept, version=version)


def _metadata(kept: Kept) -> dict[str, str]:
    said = {
        "last": kept.last.isoformat(),
        "gather": kept.gather,
        "waiting": kept.waiting and kept.waiting.isoformat(),
    }
    return {name: value for name, value in said.items() if value}


def _kept(name: str, found: Blob) -> Kept:
    """Read a blob; raises InvalidInput where it is no schedule, or says not how far it has come."""
    schedule = kept_schedule(found.content, check_cron=check_cron)
    said = found.metadata
    try:
        return Kept(
            name,
            schedule,
            last=datetime.fromisoformat(said["last"]),
            gather=said.get("gather"),
            waiting=datetime.fromisoformat(said["waiting"]) if "waiting" in said else None,
            version=found.version,
        )
    except (KeyError, ValueError) as error:
        what = "it is not known how far it has come; put the schedule anew"
        raise InvalidInput([Defect("", what)]) from error
