"""What upkeep does for questions to humans, a window of them at every firing.

It strikes off those that wait for nothing any more, marks those whose limit has passed, tells and
reminds humans, and wakes every child that has its last word and no outcome yet: a lost event is
raised again until there is one.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from gather_once.gathers import control, dossier, maintenance
from gather_once.gathers.control import State
from gather_once.gathers.host import Durable
from gather_once.ledger.old import runs
from gather_once.model.wire import UnknownVersion
from gather_once.questions import registration
from gather_once.questions.question import Child, Question, forgotten, tidied
from gather_once.questions.registration import Found, Tell, tell_and_mark, wake
from gather_once.storage.blobs import Blobs, Conflict, Container, Listed

WINDOW: Final = 200
"""Questions that one firing looks at."""


@dataclass(frozen=True, slots=True)
class QuestionCare:
    """What upkeep of questions works with; `retention` is how long an answer may serve others."""

    blobs: Blobs
    durable: Durable
    tell: Tell
    now: Callable[[], datetime]
    retention: timedelta


class Stand(StrEnum):
    """How it stands with a child of a question."""

    HELD = "held"
    """Its gather is on hold: nobody is reminded for its sake, and it is not woken."""
    WAITS = "waits"
    ENDED = "ended"
    """Its ask has an outcome."""
    DEAD = "dead"
    """Its run has ended, or its gather is gone."""


async def look_after_questions(care: QuestionCare, window: int = WINDOW) -> int:
    """Look after the next questions; return how many children were looked at for them.

    Whatever goes wrong with one, the next firing goes on behind its window: its turn comes again.
    """
    place = await maintenance.place_of(care.blobs, "questions")
    page, token = await care.blobs.list(Container.QUESTIONS, "", after=place, top=window)
    await maintenance.remember(care.blobs, "questions", token)
    return sum([await _tried(care, line) for line in page])


async def _tried(care: QuestionCare, line: Listed) -> int:
    """Look after one; what a newer app has written is left to that, and stops no other."""
    try:
        return await _look_after(care, line)
    except UnknownVersion:
        return 0


async def _look_after(care: QuestionCare, line: Listed) -> int:
    if line.metadata.get("children") == "0":
        await _forget(care, line)
        return 0
    found = await registration.read(care.blobs, line.name)
    if found.question is None:
        return 0
    children = found.question.children
    stands = {child.instance: await stand_of(care.blobs, child) for child in children}
    tidy = await _tidy(care, line.name, found, stands)
    if tidy is not None and tidy.question is not None:
        await _tell(care, line.name, tidy, stands)
        awake = [c for c in tidy.question.children if stands[c.instance] is Stand.WAITS]
        await wake(care.durable, awake)
    return len(stands)


async def stand_of(blobs: Blobs, child: Child) -> Stand:
    """Return how it stands with a child, in three looks at most."""
    found = await control.read(blobs, child.gather)
    if found is None or found.state is State.GONE or found.run != child.run:
        return Stand.DEAD
    if await dossier.final_status_of(blobs, child.gather, child.run):
        return Stand.DEAD
    if await runs.has_outcome(blobs, child.gather, child.run, child.ask):
        return Stand.ENDED
    return Stand.WAITS if found.state is State.GO else Stand.HELD


async def _tidy(
    care: QuestionCare, name: str, found: Found, stands: dict[str, Stand]
) -> Found | None:
    """Strike off and mark; None where somebody wrote meanwhile: the next firing does it."""
    if found.question is None:
        return None
    struck = {
        child.instance
        for child in found.question.children
        if stands[child.instance] is Stand.DEAD
        or (stands[child.instance] is Stand.ENDED and child.mark is None)
    }
    tidy = tidied(found.question, care.now(), struck=struck)
    if tidy == found.question:
        return found
    try:
        return await registration.write(care.blobs, name, found, tidy)
    except Conflict:
        return None


async def _tell(care: QuestionCare, name: str, found: Found, stands: dict[str, Stand]) -> None:
    """Tell humans of an asking they have not heard of, or remind them of one that they have."""
    question = found.question
    if question is None or not question.is_open:
        return
    if not question.is_told or is_reminder_due(question, stands, care.now()):
        await tell_and_mark(care.blobs, name, found, care.tell, care.now)


def is_reminder_due(question: Question, stands: dict[str, Stand], now: datetime) -> bool:
    """Say whether humans are to be reminded, for the sake of one that is not on hold."""
    every = [
        child.remind_every
        for child in question.waiting
        if child.remind_every and stands[child.instance] is Stand.WAITS
    ]
    return bool(every) and question.told_at is not None and question.told_at + min(every) <= now


async def _forget(care: QuestionCare, line: Listed) -> None:
    """Forget a question that serves nobody: a deleted gather's own, or an answer long past use.

    Of one that all gathers share its count of askings stays: another gather may be about to ask.
    """
    gather, is_own, _ = line.name.partition("/")
    if is_own:
        found = await control.read(care.blobs, gather)
        if found is None or found.state is State.GONE:
            await care.blobs.delete(Container.QUESTIONS, line.name)
    elif "forgotten" not in line.metadata and care.now() - line.modified >= care.retention:
        await _empty(care, line.name, await registration.read(care.blobs, line.name))


async def _empty(care: QuestionCare, name: str, found: Found) -> None:
    if found.question and not found.question.children:
        with suppress(Conflict):
            await registration.write(care.blobs, name, found, forgotten(found.question))
