"""A schedule as it is shown: what was put, when it starts next, what it has begun."""

from datetime import datetime
from typing import Any, Final

from gather_once.gathers import control, dossier
from gather_once.gathers.control import State
from gather_once.model.wire import moment_to_wire
from gather_once.schedules.cron import next_moments
from gather_once.schedules.starts import Broken, Kept
from gather_once.storage.blobs import Blobs

STARTS_SHOWN: Final = 5

Json = dict[str, Any]


async def schedule_json(blobs: Blobs, kept: Kept | Broken, now: datetime, api: str) -> Json:
    """Return a schedule; `api` is the address of the app's API. Two requests at most.

    One that can be read no more has `errors`, and nothing else but its name and link.
    """
    if isinstance(kept, Broken):
        return _broken_json(kept, api)
    return {
        "name": kept.name,
        **kept.schedule.model_dump(mode="json"),
        "last": moment_to_wire(kept.last),
        "next": _next(kept, now),
        "gather": await _gather_json(blobs, kept.gather, api) if kept.gather else None,
        "link": f"{api}/schedules/{kept.name}",
    }


def _broken_json(broken: Broken, api: str) -> Json:
    """Return what is kept under a name and is no schedule any more, and why."""
    errors = [one.as_json() for one in broken.defects]
    return {"name": broken.name, "errors": errors, "link": f"{api}/schedules/{broken.name}"}


def _next(kept: Kept, now: datetime) -> list[str]:
    if kept.schedule.paused:
        return []
    return [moment_to_wire(at) for at in next_moments(kept.schedule.cron, now, STARTS_SHOWN)]


async def _gather_json(blobs: Blobs, gather: str, api: str) -> Json:
    """Return the newest gather that it began, and whether that still runs."""
    found = await control.read(blobs, gather)
    has_gone = found is None or found.state is State.GONE
    ended = has_gone or await dossier.end_of(blobs, gather, found.run if found else 1)
    return {"id": gather, "is_running": not ended, "link": f"{api}/gathers/{gather}"}
