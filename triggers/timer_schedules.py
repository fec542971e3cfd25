"""The timer that starts what schedules have due."""

import logging

import azure.durable_functions as df
import azure.functions as func

from ledger import schedules
from ledger.durable import HostOutOfReach
from ledger.port import OutOfReach
from ledger.schedules import Kept
from model.errors import InvalidInput
from triggers.workplace import Client, Workplace

blueprint = df.Blueprint()

_log = logging.getLogger(__name__)


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
    async for kept in schedules.each(at.blobs):
        begun += await _start(at, kept)
    return begun


async def _start(at: Workplace, kept: Kept) -> list[str]:
    try:
        started = await schedules.start_due(
            at.blobs, at.durable, kept, now=at.now, read_plan=at.read_plan
        )
    except (InvalidInput, OutOfReach, HostOutOfReach) as error:
        _log.error("schedule %s was not started: %s", kept.name, error)
        return []
    for gather in started:
        _log.info("schedule %s started gather %s", kept.name, gather)
    return started
