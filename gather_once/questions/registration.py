"""Register a waiting child at a question and take an answer; receipts of what people answered.

Each write is conditional on the version just read; after a lost condition the step reads and
decides again. Steps may repeat: a child is registered once, an answer sent twice is accepted twice.
Each gather has a receipt of its own, so that no later answer changes it.
"""

import json
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, assert_never

from gather_once.gathers.host import Durable, HostOutOfReach
from gather_once.ledger import keys
from gather_once.ledger.claims import Answered, answered
from gather_once.ledger.keys import Asking, KeyBlob
from gather_once.ledger.payloads import lay_down, read_copy, write_copy
from gather_once.model.key import key_of
from gather_once.model.names import answer_event
from gather_once.model.receipt import Payload, Receipt, digest_of
from gather_once.notify.notices import Notice, Place
from gather_once.questions.question import (
    Answer,
    AnswerRejected,
    Asker,
    Child,
    Heard,
    Over,
    Question,
    Register,
    Waits,
    decide,
    decode,
    encode,
    notice_of,
    received,
    told,
)
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
) -> Question | AnswerRejected:
    """Take an answer to an asking, or say why not; the first stands.

    The answer lies in storage when this returns, so whoever is woken finds it there. The same
    answer from the same request is taken as often as it comes.
    """
    while True:
        found = await read(blobs, place.question)
        after = received(found.question, place, value, request, now())
        if isinstance(after, AnswerRejected):
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


MEDIA_TYPE: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Said:
    """What is to be kept: a JSON value, when it was said, and on whose asking."""

    value: Any
    at: datetime
    by: str
    generation: int


async def own_answer(blobs: Blobs, asking: Asking) -> Answered | None:
    """Return the answer that the gather has of its own already."""
    if asking.copy:
        receipt = await read_copy(blobs, asking.copy)
    else:
        receipt = (await keys.read_key(blobs, asking)).blob.receipt
    return answered(receipt, asking) if receipt else None


async def keep_answer(blobs: Blobs, asking: Asking, answer: Answer, execution: str) -> Answered:
    """Keep a human's answer for the gather; where it has one already, that one stands."""
    said = Said(answer.value, answer.at, answer.by, answer.generation)
    return await _keep(blobs, asking, said, execution)


async def keep_otherwise(
    blobs: Blobs,
    asking: Asking,
    request: dict[str, Any],
    said: Said,
    execution: str,
) -> Answered:
    """Keep the answer that stands in for a human's, for this gather alone.

    Its key is another one than the question's, so it never passes for an answer of a human.
    """
    key = key_of("human", {**request, "default": said.value})
    return await _keep(blobs, replace(asking, key=key), said, execution)


async def _keep(blobs: Blobs, asking: Asking, said: Said, execution: str) -> Answered:
    content = json.dumps(said.value, ensure_ascii=False, separators=(",", ":")).encode()
    payload = await lay_down(blobs, replace(asking, shared=False), execution, content)
    receipt = _receipt(asking, said, content, payload)
    if asking.copy:
        return answered(await write_copy(blobs, asking.copy, receipt, content), asking)
    blob = KeyBlob(said.generation, receipt, keeper=execution)
    try:
        await keys.write_key(blobs, asking, keys.NOTHING, blob)
    except Conflict:
        stands = (await keys.read_key(blobs, asking)).blob.receipt
        return answered(stands or receipt, asking)
    return answered(receipt, asking)


def _receipt(asking: Asking, said: Said, content: bytes, payload: Payload) -> Receipt:
    return Receipt(
        key=asking.key,
        generation=said.generation,
        digest=digest_of(content),
        size=len(content),
        media_type=MEDIA_TYPE,
        obtained_at=said.at,
        by=said.by,
        attempts=1,
        payload=payload,
    )
