"""The timer of upkeep: repairs, follows, tells and forgets a little at every firing."""

import logging
from collections.abc import Awaitable

import azure.durable_functions as df
import azure.functions as func

from ledger.durable import HostOutOfReach
from ledger.port import OutOfReach
from ledger.upkeep import Care, forget_receipts, look_after_gathers
from triggers.last_word import tell_end
from triggers.workplace import Client, Workplace

blueprint = df.Blueprint()

_log = logging.getLogger(__name__)


@blueprint.timer_trigger(
    arg_name="timer", schedule="%GATHER_UPKEEP_EVERY%", run_on_startup=False, use_monitor=True
)
@blueprint.durable_client_input(client_name="client")
async def timer_upkeep(timer: func.TimerRequest, client: Client) -> None:  # noqa: ARG001  the binding's name
    """Look after the next gathers and the next shared receipts."""
    await look_after(Workplace.of(client))


async def look_after(at: Workplace) -> None:
    """Do both parts; one that is out of reach now stops the other as little as the next firing."""
    care = care_of(at)
    seen = await _tried("gathers", look_after_gathers(care))
    forgotten = await _tried("receipts", forget_receipts(care))
    _log.info("upkeep: %d gathers looked at, %d receipts forgotten", seen, forgotten)


def care_of(at: Workplace) -> Care:
    """Return upkeep's means and rules, as the settings say."""

    async def tell(gather: str, run: int) -> None:
        await tell_end(at, gather, run)

    return Care(
        blobs=at.blobs,
        durable=at.durable,
        tell=tell,
        now=at.now,
        retention=at.settings.retention,
        receipt_retention=at.settings.limits.fresh_for,
    )


async def _tried(what: str, doing: Awaitable[int]) -> int:
    try:
        return await doing
    except (OutOfReach, HostOutOfReach) as error:
        _log.warning("upkeep of %s goes on at the next firing: %s", what, error)
        return 0
