"""Telling the end of a run from outside of it: where its root is gone, or never knew of a wish."""

from datetime import timedelta
from typing import Final

from gather_once.gathers import control
from gather_once.gathers import dossier as dossiers
from gather_once.gathers.host import LIVE
from gather_once.gathers.notifications import RETRY, TellAgain, receivers_of, tell, word_of
from gather_once.gathers.reconcile import Ended
from gather_once.ledger.old import runs
from gather_once.model.names import root_id
from gather_once.plans.notify_target import ToQueue
from triggers.context import Workplace

GIVE_UP_AFTER: Final = timedelta(days=1)
"""Telling ends at the latest this long after a run's end: who tells here keeps no count."""


async def tell_end(at: Workplace, gather: str, run: int) -> bool:
    """Tell a run's end to all who want it; return whether there is nothing left to tell."""
    dossier = await dossiers.read(at.blobs, gather, run)
    if dossier is None:
        return True
    is_late = at.now - dossier.ended_at >= GIVE_UP_AFTER
    told = await tell(
        at.blobs,
        gather,
        run,
        at.send,
        attempt=RETRY.max_attempts if is_late else 1,
        done=at.settings.completions_queue,
        now=at.now,
    )
    return not isinstance(told, TellAgain)


async def tell_on_done_queue(at: Workplace, ended: Ended) -> bool:
    """Let the done queue hear of an end; return whether there is nothing left to do.

    A root that lives is telling it itself. A gather that did not come in by the queue first has no
    mark for the done queue, and is told there to whoever sends its plan by the queue. Raises
    SourceFailed where the queue does not take it.
    """
    gather, run = ended.control.gather, ended.control.run
    plan = await control.plan_of(at.blobs, gather)
    if plan is None:
        return True
    done = ToQueue(at.settings.completions_queue)
    if done not in receivers_of(ended.control, plan, done.name):
        await at.send(word_of(ended.dossier, plan), done)
        return True
    if await runs.delivery_of(at.blobs, gather, run) is not None:
        return True
    if await at.durable.status(root_id(gather, run)) in LIVE:
        return False
    return await tell_end(at, gather, run)
