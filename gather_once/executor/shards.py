"""A computation in shards: each shard has a receipt of its own, beside that of the whole.

A shard's key is not below the whole's key: deleting a receipt deletes everything under its key.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gather_once.executor.context import Surroundings
from gather_once.executor.old.errand import Errand, carried_out, ended
from gather_once.ledger.claims import Answered, Clock, peek
from gather_once.ledger.keys import Asking
from gather_once.ledger.payloads import content_of
from gather_once.model.fault import Fault, FaultKind
from gather_once.model.outcome import AttemptRecord, missing
from gather_once.model.wire import Json
from gather_once.storage.blobs import Blobs, Container


@dataclass(frozen=True, slots=True)
class Part:
    """What is known of one part: its answer or none, and this run's attempts at it."""

    answer: Answered | None
    attempts: tuple[AttemptRecord, ...]


def part_of(asking: Asking, number: int, of: int) -> Asking:
    """Return how a run asks for one part, `number` from 0, of so many.

    What is for ever needs no copy: the part is read once, for the whole, which has one.
    """
    return replace(
        asking,
        key=f"{asking.key}-{number}-{of}",
        keeps_copy=asking.keeps_copy and asking.fresh_for is not None,
    )


async def parts_of(blobs: Blobs, asking: Asking, of: int, now: Clock) -> tuple[Part, ...]:
    """Look at all parts without claiming any; one request each, two where there are copies."""
    looks = (peek(blobs, part_of(asking, number, of), now()) for number in range(of))
    return tuple(map(_part, await asyncio.gather(*looks)))


async def contents_of(
    blobs: Blobs, asking: Asking, answers: Sequence[Answered]
) -> tuple[bytes, ...]:
    """Return what the parts hold; no request for those inside their receipts."""
    has_copies = part_of(asking, 0, len(answers)).copy is not None
    container = Container.GATHERS if has_copies else asking.container
    reads = (content_of(blobs, container, answer.receipt) for answer in answers)
    return tuple(await asyncio.gather(*reads))


def _part(found: Answered | tuple[AttemptRecord, ...]) -> Part:
    return Part(found, found.attempts) if isinstance(found, Answered) else Part(None, found)


async def in_shards(given: Json, errand: Errand, shards: int, around: Surroundings) -> Json:
    """Go as far as it goes: for one shard (`part`), before all, or `after` them.

    Before all it is looked whether there is an answer already. The key of the whole is claimed only
    to make the answer of the parts, so nobody waits for a gather whose shards fail.
    """
    if "part" in given:
        return await carried_out(_shard(errand, given["part"], shards), around)
    found = await peek(around.blobs, errand.asking, around.now())
    if isinstance(found, Answered) or around.now() >= errand.deadline:
        return await carried_out(errand, around)
    if given.get("after") != "shards":
        return {"status": "shards", "shards": shards}
    return await _joined(errand, shards, around)


def _shard(errand: Errand, number: int, of: int) -> Errand:
    request = {**errand.request, "shard": {"number": number, "of": of}}
    return replace(errand, request=request, asking=part_of(errand.asking, number, of))


async def _joined(errand: Errand, shards: int, around: Surroundings) -> Json:
    """Make the answer of all parts, or say how many there are not."""
    parts = await parts_of(around.blobs, errand.asking, shards, around.now)
    before = tuple(attempt for part in parts for attempt in part.attempts)
    errand = replace(errand, before=before)
    lacking = [part for part in parts if part.answer is None]
    if lacking:
        reason = f"{len(lacking)} of {shards} shards"
        return ended(errand, missing(errand.name, reason, _last_fault(lacking)))
    answers = [part.answer for part in parts if part.answer is not None]
    if fault := _too_large(answers, around.settings.limits.list_bytes):
        return ended(errand, missing(errand.name, str(fault), fault))
    contents = await contents_of(around.blobs, errand.asking, answers)
    request = {**errand.request, "parts": contents}
    return await carried_out(replace(errand, request=request), around)


def _last_fault(parts: Sequence[Part]) -> Fault | None:
    attempts = [attempt for part in parts for attempt in part.attempts if attempt.fault]
    return max(attempts, key=lambda one: one.ended_at).fault if attempts else None


def _too_large(answers: Sequence[Answered], most: int) -> Fault | None:
    size = sum(answer.receipt.size for answer in answers)
    if size <= most:
        return None
    what = f"its parts have {size:,} bytes, and GATHER_MAX_LIST_BYTES allows {most:,}"
    return Fault(FaultKind.BROKEN, f"{what}; let each shard give less")
