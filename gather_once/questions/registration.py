"""Asking humans: a child registers, an answer is taken; each write is conditional on what was read.

Whoever loses a condition reads and decides anew. Steps may be repeated: a child that registers
twice stands in the list once, and an answer that is sent twice is thanked twice.
"""

from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, assert_never

from gather_once.gathers.host import Durable, HostOutOfReach
from gather_once.ledger.asking import Asking
from gather_once.ledger.decision import Answered
from gather_once.model.names import answer_event
from gather_once.notify.notice import Notice, Place
from gather_once.questions.question import (
    Answer,
    Asker,
    Child,
    Heard,
    Over,
    Question,
    Register,
    Turned,
    Waits,
    decide,
    notice_of,
    received,
    told,
)
from gather_once.questions.question_json import decode, encode
from gather_once.storage import paths
from gather_once.storage.blobs import Blobs, Conflict, Container

Tell = Callable[[Notice], Awaitable[bool]]
"""Tells humans once; False where nobody could be told now."""
Own = Callable[[], Awaitable[Answered | None]]
"""Looks for an answer that the gather has of its own."""


@dataclass(frozen=True, slots=True)
class Found:
    """A question as it stands at a version; without a version there is none yet."""

    question: Question | None
    version: str | None


def name_of(asking: Asking) -> str:
    """Return the name of the question's blob: one for all gathers, or the gather's own."""
    return paths.question(asking.key, None if asking.shared else asking.gather)


async def read(blobs: Blobs, name: str) -> Found:
    """Return what stands under a name."""
    found = await blobs.read(Container.QUESTIONS, name)
    return Found(decode(found.content), found.version) if found else Found(None, None)


async def write(blobs: Blobs, name: str, found: Found, question: Question) -> Found:
    """Write over what was found, if it still stands (else `Conflict`); return what stands now."""
    content, metadata = encode(question), _short_form(question)
    where = (Container.QUESTIONS, name)
    if found.version is None:
        version = await blobs.create(*where, content, metadata=metadata)
    else:
        version = await blobs.replace(*where, content, version=found.version, metadata=metadata)
    return Found(question, version)


async def register(
    blobs: Blobs, name: str, asker: Asker, own: Own, tell: Tell, now: Callable[[], datetime]
) -> Heard | Waits | Answered:
    """Bring a child's wait into the list, unless it has its last word; see that humans are told.

    Before it is listed for the first time, `own` looks for an answer that its gather has already.
    That they were told is written after telling, so it may happen twice and is never left out: if
    nobody could be told now, upkeep does it.
    """
    while True:
        found = await read(blobs, name)
        match decide(found.question, asker, now()):
            case Register(question, is_new):
                if is_new and (kept := await own()):
                    return kept
                with suppress(Conflict):
                    await write(blobs, name, found, question)
            case Waits():
                if await see_that_it_is_told(blobs, name, found, tell, now):
                    return Waits()
            case Answer() | Over() as word:
                entry = found.question and found.question.entry_of(asker.child.instance)
                return Heard(word, entry.since if entry else None)
            case never:
                assert_never(never)


async def see_that_it_is_told(
    blobs: Blobs, name: str, found: Found, tell: Tell, now: Callable[[], datetime]
) -> bool:
    """Tell humans of an asking that they have not heard of; False: look again, it has changed."""
    question = found.question
    if question is None or question.is_told or not question.is_open:
        return True
    return await tell_and_mark(blobs, name, found, tell, now)


async def tell_and_mark(
    blobs: Blobs, name: str, found: Found, tell: Tell, now: Callable[[], datetime]
) -> bool:
    """Tell humans, or remind them, then write that they were told; False: it has changed since."""
    question = found.question
    if question is None or not await tell(notice_of(question, name)):
        return True
    try:
        await write(blobs, name, found, told(question, now()))
    except Conflict:
        return False
    return True


async def answer(
    blobs: Blobs,
    place: Place,
    value: Any,  # noqa: ANN401  # a JSON value
    request: str,
    now: Callable[[], datetime],
) -> Question | Turned:
    """Take an answer to an asking, or say why not; the first stands.

    The answer lies in storage when this returns, so whoever is woken finds it there. The same
    answer from the same request is taken as often as it comes.
    """
    while True:
        found = await read(blobs, place.question)
        after = received(found.question, place, value, request, now())
        if isinstance(after, Turned):
            return after
        if after is None and found.question:
            return found.question
        if after is not None:
            with suppress(Conflict):
                await write(blobs, place.question, found, after)
                return after


async def wake(durable: Durable, children: Iterable[Child]) -> bool:
    """Wake those children that have their last word; False where the host does not answer.

    An event carries nothing: it only wakes. One that is early, doubled or lost changes nothing, as
    upkeep wakes again whoever has no outcome.
    """
    try:
        for child in children:
            if child.mark is not None:
                await durable.raise_event(child.instance, answer_event(child.k))
    except HostOutOfReach:
        return False
    return True


def _short_form(question: Question) -> dict[str, str]:
    """Return what a listing tells without reading the blob."""
    due = question.due
    return {
        "open": "yes" if question.is_open else "no",
        **({"due": due.astimezone(UTC).isoformat(timespec="microseconds")} if due else {}),
        "children": str(len(question.children)),
        **({} if question.request else {"forgotten": "yes"}),
    }
