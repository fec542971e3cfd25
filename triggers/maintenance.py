"""The maintenance timer: reconcile, remind, notify, delete, and log gathers without progress."""

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import azure.durable_functions as df
import azure.functions as func

from gather_once.gathers.control import Control
from gather_once.gathers.maintenance import Care, Walk, forget_receipts, look_after_gathers
from gather_once.gathers.state import View, view
from gather_once.model.clock import now
from gather_once.model.names import root_id
from gather_once.questions.reminders import QuestionCare, look_after_questions
from gather_once.storage.blobs import Blobs
from gather_once.views.progress import seen_of
from gather_once.views.stall import LONG, needs_somebody, stall_of
from triggers.completion import tell_end
from triggers.context import Client, Workplace, tried
from triggers.durable_client import SdkDurable

blueprint = df.Blueprint()

_log = logging.getLogger(__name__)


@blueprint.timer_trigger(
    arg_name="timer", schedule="%GATHER_MAINTENANCE_CRON%", run_on_startup=False, use_monitor=True
)
@blueprint.durable_client_input(client_name="client")
async def timer_upkeep(timer: func.TimerRequest, client: Client) -> None:  # noqa: ARG001  the binding's name
    """Look after the next gathers, questions to humans and shared receipts."""
    await look_after(Workplace.of(client))


async def look_after(at: Workplace) -> None:
    """Do all parts; one that is out of reach now stops the other as little as the next firing."""
    care = care_of(at)
    walk = await tried("upkeep of gathers", look_after_gathers(care), Walk(0))
    await say_what_stands_still(at, walk.running)
    await tried("upkeep of questions", look_after_questions(question_care_of(at)), 0)
    forgotten = await tried("upkeep of receipts", forget_receipts(care), 0)
    if walk.unanswered:
        _log.warning(
            "upkeep: the host did not answer for %s; their turn comes again in the next round",
            ", ".join(walk.unanswered),
        )
    _log.info("upkeep: %d gathers looked at, %d receipts forgotten", walk.seen, forgotten)


async def say_what_stands_still(at: Workplace, running: Iterable[Control]) -> None:
    """Log the gathers that nothing will move but somebody who reads this."""
    for gather in due_for_a_look(running, at.now):
        looking = trouble_in(at.blobs, at.durable, gather, at.now)
        if trouble := await tried(f"gather {gather}", looking, None):
            _log.warning(
                "gather %s has made no progress since %s; check the host and its timers: %s",
                *(gather, trouble["since"], _causes_in_words(trouble["causes"])),
            )


def _causes_in_words(causes: Iterable[dict[str, str]]) -> str:
    said = (f"{one['ask']}: {one['detail']}" if "ask" in one else one["detail"] for one in causes)
    return " ".join(said)


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
        receipt_retention=at.settings.limits.cache_retention,
    )


def question_care_of(at: Workplace) -> QuestionCare:
    """Return upkeep's means for questions."""
    return QuestionCare(
        blobs=at.blobs,
        durable=at.durable,
        tell=at.tell_humans,
        now=now,
        retention=at.settings.limits.cache_retention,
    )


_looked: dict[str, datetime] = {}
"""When this process has looked at a gather last, so that each is looked at every two hours."""


def due_for_a_look(running: Iterable[Control], now: datetime) -> list[str]:
    """Return which gathers to look at now, of those that are under way; it remembers them."""
    for gather in [gather for gather, at in _looked.items() if now - at >= LONG]:
        del _looked[gather]
    due = [
        found.gather
        for found in running
        if now - found.claimed_at >= LONG and found.gather not in _looked
    ]
    _looked.update(dict.fromkeys(due, now))
    return due


async def trouble_in(
    blobs: Blobs, durable: SdkDurable, gather: str, now: datetime
) -> dict[str, Any] | None:
    """Return how a gather stands still, None where it goes on or will do so by itself."""
    found = await view(blobs, gather)
    if not isinstance(found, View):
        return None
    root = await durable.look(root_id(gather, found.control.run))
    stall = stall_of(await seen_of(blobs, durable, found, root), now)
    return stall if stall and needs_somebody(stall) else None
