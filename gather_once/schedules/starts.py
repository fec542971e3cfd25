"""Stored schedules, and their due occurrences.

A schedule is one blob: its content is the schedule as it was put, its metadata the progress through
its occurrences. The gather id of an occurrence is derived from the schedule's name and the moment,
so concurrent and repeated timer invocations start one gather.
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
"""Misfire grace: an occurrence up to this late is on time, since timers fire once a minute."""
AT_ONCE: Final = 1_000
"""Occurrences of one schedule per timer invocation; the rest follows in the next one."""
_FOLDER: Final = "schedule/"


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored schedule.

    `last` is the newest processed occurrence, `gather` the gather it started. Occurrences up to
    `waiting` were due on time and are queued behind a running gather, so they are no misfires.
    """

    name: str
    schedule: Schedule
    last: datetime
    gather: str | None = None
    waiting: datetime | None = None
    version: str = ""


@dataclass(frozen=True, slots=True)
class Broken:
    """A stored schedule that is no longer valid; it starts nothing until it is replaced."""

    name: str
    defects: tuple[Defect, ...]
    version: str


async def put(blobs: Blobs, name: str, schedule: Schedule, *, now: datetime) -> bool:
    """Store a schedule, whose occurrences count from now; return whether its name is new.

    Gathers that a replaced schedule has started continue.
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
    """Return the stored schedule of this name, or None."""
    found = await blobs.read(Container.SCHEDULES, _FOLDER + name)
    if found is None:
        return None
    try:
        return _kept(name, found)
    except InvalidInput as error:
        return Broken(name, tuple(error.defects), found.version)


async def remove(blobs: Blobs, name: str) -> None:
    """Delete a schedule; gathers that it has started continue."""
    await blobs.delete(Container.SCHEDULES, _FOLDER + name)


async def names(blobs: Blobs) -> AsyncIterator[str]:
    """Yield the names of all schedules, in order."""
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
    """Start the due occurrences of one schedule; return the ids of the started gathers.

    `read_plan` parses the schedule's plan under an id, with the present settings; its errors are
    raised. Several timer invocations may call this at once.
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
    """Return the due occurrences, oldest first, each with whether it is to be started.

    Misfires (later than `ON_TIME`) follow the schedule's `catch_up`.
    """
    due = list(islice(moments_between(kept.schedule.cron, kept.last, now), AT_ONCE))
    newest = due[-1] if kept.schedule.catch_up is CatchUp.LATEST and due else None
    makes_all = kept.schedule.catch_up is CatchUp.ALL
    return [(slot, makes_all or slot == newest or _is_in_time(kept, slot, now)) for slot in due]


def _is_in_time(kept: Kept, slot: datetime, now: datetime) -> bool:
    return now - slot <= ON_TIME or (kept.waiting is not None and slot <= kept.waiting)


def _newest_in_time(kept: Kept, now: datetime) -> datetime:
    return max(slot for slot, is_wanted in slots(kept, now) if is_wanted)


async def _is_blocked(blobs: Blobs, kept: Kept) -> bool:
    """Return whether the gather of the previous occurrence has to end before the next starts."""
    if kept.schedule.overlap is Overlap.ALLOW or kept.gather is None:
        return False
    found = await control.read(blobs, kept.gather)
    if found is None or found.state is State.GONE:
        return False
    return await dossier.final_status_of(blobs, found.gather, found.run) is None


async def _note(blobs: Blobs, kept: Kept) -> Kept | None:
    """Write the progress; return None if another execution was faster or replaced the schedule."""
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
    """Read a schedule's blob; raises InvalidInput if its content or its metadata is not valid."""
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
        what = "its progress is not known; replace the schedule"
        raise InvalidInput([Defect("", what)]) from error
