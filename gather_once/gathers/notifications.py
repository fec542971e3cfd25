"""Telling the end of a run where it is wanted, at least once, until it is told or given up."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gather_once.gathers import control
from gather_once.gathers import dossier as dossiers
from gather_once.gathers.control import Control, State
from gather_once.gathers.dossier import Dossier
from gather_once.ledger.old import runs
from gather_once.ledger.old.runs import Delivery as Mark
from gather_once.model.fault import SourceFailed
from gather_once.notify.notices import Word
from gather_once.plans.notify_target import Delivery, ToQueue
from gather_once.plans.plan import Plan
from gather_once.plans.retry import RetryPolicy, TryAgain, next_try
from gather_once.storage.blobs import Blobs

RETRY: Final = RetryPolicy(
    max_attempts=20,
    first_interval=timedelta(seconds=5),
    max_interval=timedelta(hours=1),
    jitter=0.2,
)
"""Half a day of tries: who is told may be asleep too."""

ROOM: Final = 44 * 1024
"""Bytes for names and reasons of what is missing: a queue takes 48 KiB in a message."""

Send = Callable[[Word, Delivery], Awaitable[None]]
"""Delivers a word once; raises SourceFailed."""


@dataclass(frozen=True, slots=True)
class Told:
    """There is nothing left to do: it is told, given up, or nobody wanted it."""

    mark: Mark | None


@dataclass(frozen=True, slots=True)
class TellAgain:
    """A receiver did not take it; tell again at that moment."""

    at: datetime


async def tell(
    blobs: Blobs, gather: str, run: int, send: Send, *, attempt: int, done: str, now: datetime
) -> Told | TellAgain:
    """Tell the end of a run to all who want it, and mark that it was told.

    `attempt` counts from 1, `done` is the queue on which gathers that came by queue are told. Who
    was told already is told again when another one has to be.
    """
    found = await control.read_with_plan(blobs, gather)
    dossier = await dossiers.read(blobs, gather, run)
    if found is None or found[0].state is State.GONE or dossier is None:
        return Told(None)
    plan = control.stored_plan(gather, found[1])
    receivers = receivers_of(found[0], plan, done)
    if not receivers or await runs.delivery_of(blobs, gather, run):
        return Told(None)
    word = word_of(dossier, plan)
    outcomes = [await _try(send, word, to, attempt, now) for to in receivers]
    later = [outcome for outcome in outcomes if isinstance(outcome, TellAgain)]
    if later:
        return min(later, key=lambda one: one.at)
    mark = Mark.SENT if all(outcomes) else Mark.FAILED
    await runs.mark_delivery(blobs, gather, run, mark)
    return Told(mark)


def receivers_of(found: Control, plan: Plan, done: str) -> tuple[Delivery, ...]:
    """Return who wants to be told of a gather's end."""
    by_plan = (plan.notify,) if plan.notify else ()
    by_queue = (ToQueue(done),) if found.by_queue else ()
    return tuple(dict.fromkeys([*by_plan, *by_queue]))


def word_of(dossier: Dossier, plan: Plan) -> Word:
    """Return the word on a run's end; missing are the required asks without an answer."""
    missing = {
        ask: outcome.reason or outcome.status.value
        for ask, outcome in dossier.outcomes.items()
        if not outcome.status.has_answer and not plan.asks[ask].optional
    }
    return Word(
        key=f"{dossier.gather}:{dossier.run}",
        gather=dossier.gather,
        run=dossier.run,
        status=dossier.status.value,
        missing=_fitting(missing),
        dossier_url=f"/api/gathers/{dossier.gather}/dossier",
    )


def _fitting(missing: Mapping[str, str]) -> Mapping[str, str]:
    """Return the reasons, all cut alike where a message has no room for them; the dossier has all.

    A word that does not fit would be told to nobody.
    """
    names = sum(_size(ask) + 2 for ask in missing)
    if names + sum(_size(reason) for reason in missing.values()) <= ROOM:
        return missing
    each = (ROOM - names) // len(missing)
    return {ask: _cut(reason, each) for ask, reason in missing.items()}


def _cut(text: str, most: int) -> str:
    """Return the text, or as much of it as has that many bytes with an ellipsis in JSON."""
    if _size(text) <= most:
        return text
    while text and _size(text + "…") > most:
        text = text[:-1]
    return text + "…"


def _size(text: str) -> int:
    """Return the bytes of a text in JSON, with its quotes and what separates it from the next."""
    return len(json.dumps(text, ensure_ascii=False).encode()) + 2


async def _try(
    send: Send, word: Word, to: Delivery, attempt: int, now: datetime
) -> bool | TellAgain:
    """Return whether it was taken, or when to try again."""
    try:
        await send(word, to)
    except SourceFailed as failed:
        decision = next_try(
            RETRY,
            made=attempt,
            fault=failed.fault,
            now=now,
            deadline=now + timedelta(days=1),
            key=word.key,
        )
        return TellAgain(decision.at) if isinstance(decision, TryAgain) else False
    return True
