"""The timer of upkeep: repairs, follows, tells and forgets a little at every firing."""

import logging
from collections.abc import Iterable

import azure.durable_functions as df
import azure.functions as func

from gather_once.gathers.control import Control
from gather_once.gathers.maintenance import Care, Walk, forget_receipts, look_after_gathers
from gather_once.model.clock import now
from gather_once.questions.reminders import QuestionCare, look_after_questions
from triggers.completion import tell_end
from triggers.firing import tried
from triggers.stalled import due_for_a_look, trouble_in
from triggers.workplace import Client, Workplace

blueprint = df.Blueprint()

_log = logging.getLogger(__name__)


@blueprint.timer_trigger(
    arg_name="timer", schedule="%GATHER_UPKEEP_EVERY%", run_on_startup=False, use_monitor=True
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
                "gather %s has stood still since %s. %s %s",
                *(gather, trouble["since"], " ".join(trouble["because"]), trouble["advice"]),
            )


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


def question_care_of(at: Workplace) -> QuestionCare:
    """Return upkeep's means for questions."""
    return QuestionCare(
        blobs=at.blobs,
        durable=at.durable,
        tell=at.tell_humans,
        now=now,
        retention=at.settings.limits.fresh_for,
    )
