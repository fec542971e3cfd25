"""A computation in shards: each has an errand of its own, and so has the whole made of them."""

from collections.abc import Sequence
from dataclasses import replace

from gather_once.executor.context import Surroundings
from gather_once.executor.old.errand import Errand, carried_out, ended
from gather_once.executor.parts import Part, contents_of, part_of, parts_of
from gather_once.ledger.claims import peek
from gather_once.ledger.decision import Answered
from gather_once.model.fault import Fault, FaultKind
from gather_once.model.outcome import missing
from gather_once.model.wire import Json


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
    if fault := _too_large(answers, around.settings.limits.joined_bytes):
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
    what = f"its parts have {size:,} bytes, and GATHER_MAX_JOINED_BYTES allows {most:,}"
    return Fault(FaultKind.BROKEN, f"{what}; let each shard give less")
