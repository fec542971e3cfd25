"""The timer that starts what schedules have due."""

import logging

import azure.durable_functions as df
import azure.functions as func

from gather_once.model.errors import InvalidInput
from gather_once.schedules import starts
from gather_once.schedules.starts import Broken, Kept
from triggers.firing import tried
from triggers.workplace import Client, Workplace

blueprint = df.Blueprint()

_log = logging.getLogger(__name__)
_said: set[tuple[str, str]] = set()
"""Schedules that start nothing as they stand, and were logged: name and version."""


@blueprint.timer_trigger(
    arg_name="timer", schedule="%GATHER_SCHEDULES_EVERY%", run_on_startup=False, use_monitor=True
)
@blueprint.durable_client_input(client_name="client")
async def timer_schedules(timer: func.TimerRequest, client: Client) -> None:  # noqa: ARG001  the binding's name
    """Start what is due; a firing that was missed is made up for by the next."""
    await start_all(Workplace.of(client))


async def start_all(at: Workplace) -> list[str]:
    """Start what is due of every schedule; return the ids of the gathers that were begun.

    One that fails is logged and stops none of the others.
    """
    begun: list[str] = []
    for name in await tried("schedules", _names(at), []):
        begun += await tried(f"schedule {name}", _start(at, name), [])
    return begun


async def _names(at: Workplace) -> list[str]:
    return [name async for name in starts.names(at.blobs)]


async def _start(at: Workplace, name: str) -> list[str]:
    found = await starts.get(at.blobs, name)
    if found is None:  # removed since it was listed
        return []
    if isinstance(found, Broken):
        _say_once(found, InvalidInput(found.defects))
        return []
    try:
        started = await starts.start_due(
            at.blobs, at.durable, found, now=at.now, read_plan=at.read_plan
        )
    except InvalidInput as error:
        _say_once(found, error)
        return []
    for gather in started:
        _log.info("schedule %s started gather %s", name, gather)
    return started


def _say_once(found: Kept | Broken, error: InvalidInput) -> None:
    """Log what is wrong once in this process: timers fire each minute, and it will not mend.

    A start that is given up in between changes the version, so the next one is told of again.
    """
    if (found.name, found.version) in _said:
        return
    _said.add((found.name, found.version))
    _log.error("schedule %s starts nothing until it is put anew: %s", found.name, error)
