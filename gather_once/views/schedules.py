"""A schedule as it is shown: what was put, when it starts next, what it has begun."""

from datetime import datetime
from typing import Any, Final

from gather_once.gathers import control
from gather_once.gathers.control import State
from gather_once.gathers.host import Durable
from gather_once.gathers.state import look_at_status
from gather_once.model.wire import moment_to_wire
from gather_once.schedules.cron import next_moments
from gather_once.schedules.starts import Broken, Kept
from gather_once.storage.blobs import Blobs

STARTS_SHOWN: Final = 5

Json = dict[str, Any]


async def schedule_json(
    blobs: Blobs, durable: Durable, kept: Kept | Broken, now: datetime, api: str
) -> Json:
    """Return a schedule; `api` is the address of the app's API. Three requests at most.

    One that can be read no more has `last_error`, and nothing else but its name and address.
    """
    if isinstance(kept, Broken):
        return _broken_json(kept, api)
    return {
        "name": kept.name,
        **kept.schedule.model_dump(mode="json"),
        "evaluated_until": moment_to_wire(kept.last),
        "next_runs": _next(kept, now),
        **(await _last_gather(blobs, durable, kept.gather, api) if kept.gather else {}),
        "url": f"{api}/schedules/{kept.name}",
    }


def _broken_json(broken: Broken, api: str) -> Json:
    """Return what is kept under a name and is no schedule any more, and why."""
    error = {
        "type": "invalid-request",
        "detail": "The stored schedule is invalid and starts nothing until it is replaced.",
        "errors": [one.as_json() for one in broken.defects],
    }
    return {"name": broken.name, "last_error": error, "url": f"{api}/schedules/{broken.name}"}


def _next(kept: Kept, now: datetime) -> list[str]:
    if kept.schedule.paused:
        return []
    return [moment_to_wire(at) for at in next_moments(kept.schedule.cron, now, STARTS_SHOWN)]


async def _last_gather(blobs: Blobs, durable: Durable, gather: str, api: str) -> Json:
    """Return `last_gather`, the newest that it started; a deleted one has no status."""
    found = await control.read(blobs, gather)
    is_there = found is not None and found.state is not State.GONE
    status = await look_at_status(blobs, durable, found) if found and is_there else None
    shown = {"id": gather, **({"status": status.value} if status else {})}
    return {"last_gather": {**shown, "url": f"{api}/gathers/{gather}"}}
