"""Acquire a key's claim, call, then store the answer or release the claim.

Every write is conditional on the version just read; after a lost condition the execution reads and
decides again. If it finds its own execution id in the blob, only the reply was lost. `execution` is
a fresh random id per activity call, `now` a clock that is read whenever time matters. Every step
may be repeated by the same execution, for example after `OutOfReach`.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from gather_once.ledger.keys import (
    NOTHING,
    SKEW,
    Asking,
    Claim,
    FreeAt,
    Hold,
    InDoubt,
    KeyBlob,
    Standing,
    claimed,
    doubted,
    freed,
    kept,
    lapsed,
    noted,
    read_key,
    renewed,
    withdrawn,
    write_key,
    write_while_mine,
)
from gather_once.ledger.payloads import (
    Obtained,
    content_of,
    lay_down,
    read_copy,
    receipt_for,
    write_copy,
)
from gather_once.model.fault import Fault
from gather_once.model.outcome import AttemptRecord
from gather_once.model.receipt import Elsewhere, Payload, Receipt
from gather_once.storage.blobs import Blobs, Conflict


@dataclass(frozen=True, slots=True)
class Answered:
    """A receipt answers; `reused` says that another gather obtained it."""

    receipt: Receipt
    reused: bool
    attempts: tuple[AttemptRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Wait:
    """Look again at `until`; `whom` is the run that holds the key now, None where nobody does."""

    until: datetime
    whom: str | None


@dataclass(frozen=True, slots=True)
class Doubtful:
    """The source may have acted, and only a human may say what follows."""

    attempts: tuple[AttemptRecord, ...]


@dataclass(frozen=True, slots=True)
class Exhausted:
    """This run's patience with the source is at its end."""

    attempts: tuple[AttemptRecord, ...]


@dataclass(frozen=True, slots=True)
class Mine:
    """The claim that stands is this execution's own: a reply was lost, and it has won."""


@dataclass(frozen=True, slots=True)
class TakeOver:
    """Write this claim on the condition that nothing changed, then call."""

    blob: KeyBlob


@dataclass(frozen=True, slots=True)
class Doubt:
    """Write this doubt on the condition that nothing changed, then look again."""

    blob: KeyBlob


Decision = Answered | Wait | Doubtful | Exhausted | Mine | TakeOver | Doubt


def decide(blob: KeyBlob, asking: Asking, execution: str, now: datetime) -> Decision:
    """Return what `execution` may do for `asking` at `now`; writes nothing itself."""
    if blob.receipt and blob.receipt.is_fresh(now, asking.fresh_for):
        return answered(blob.receipt, asking, blob.attempts_by(asking.by))
    if isinstance(blob.hold, InDoubt):
        return Doubtful(blob.attempts_by(asking.by))
    if isinstance(blob.hold, Claim) and blob.hold.execution == execution:
        return Mine()
    return _pause(blob.hold, now) or _go_on(blob, asking, execution, now)


def yields_to(
    blob: KeyBlob, obtained_at: datetime, asking: Asking, execution: str, now: datetime
) -> bool:
    """Say whether what stands gives way to an answer that was obtained and paid for.

    A receipt stands if it is fresh for this reader, newer, or this execution's own; another's
    claim, a pause and a doubt give way, since else the answer is lost if the other one crashes.
    """
    receipt = blob.receipt
    if receipt is None:
        return True
    is_newer = receipt.obtained_at > obtained_at
    return not (receipt.is_fresh(now, asking.fresh_for) or is_newer or blob.keeper == execution)


def answered(
    receipt: Receipt, asking: Asking, attempts: tuple[AttemptRecord, ...] = ()
) -> Answered:
    """Return the answer that a receipt gives to an asking."""
    return Answered(receipt, receipt.by != asking.gather, attempts)


def _pause(hold: Hold, now: datetime) -> Wait | None:
    if isinstance(hold, Claim) and hold.is_live(now):
        return Wait(hold.until + SKEW, hold.by)
    if isinstance(hold, FreeAt) and now < hold.at:
        return Wait(hold.at, None)
    return None


def _go_on(blob: KeyBlob, asking: Asking, execution: str, now: datetime) -> Decision:
    if isinstance(blob.hold, Claim) and not asking.may_repeat:
        return Doubt(lapsed(blob, blob.hold))
    if blob.counts.get(asking.by, 0) >= asking.attempts:
        return Exhausted(blob.attempts_by(asking.by))
    return TakeOver(claimed(blob, execution, asking.by, now))


Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Taken:
    """The claim of an execution, as it stood when it was written last."""

    standing: Standing
    claim: Claim

    @property
    def generation(self) -> int:
        """Which asking of the key this is."""
        return self.standing.blob.generation

    @property
    def calls(self) -> int:
        """The calls of this run in this asking, the one to come included."""
        return self.standing.blob.counts[self.claim.by]


@dataclass(frozen=True, slots=True)
class Released:
    """A claim given back after a fault; `in_doubt` says that a human must decide first."""

    in_doubt: bool
    attempts: tuple[AttemptRecord, ...]


Over = Answered | Wait | Doubtful | Exhausted


async def take(blobs: Blobs, asking: Asking, execution: str, now: Clock) -> Taken | Over:
    """Take the claim of a key, or learn why no call is to be made.

    A claim that is returned was live a moment ago; look at the clock again right before the call
    (`gather_once.ledger.holding` does), for the source must not be asked under an expired one.
    """
    if asking.copy and (own := await read_copy(blobs, asking.copy)):
        return answered(own, asking)
    found = await _contend(blobs, asking, execution, now)
    return await _copied(blobs, asking, found) if isinstance(found, Answered) else found


async def peek(blobs: Blobs, asking: Asking, now: datetime) -> Answered | tuple[AttemptRecord, ...]:
    """Look without claiming: the answer if there is one, else this run's attempts so far."""
    if asking.copy and (own := await read_copy(blobs, asking.copy)):
        return answered(own, asking)
    blob = (await read_key(blobs, asking)).blob
    attempts = blob.attempts_by(asking.by)
    if blob.receipt and blob.receipt.is_fresh(now, asking.fresh_for):
        return await _copied(blobs, asking, answered(blob.receipt, asking, attempts))
    return attempts


async def _copied(blobs: Blobs, asking: Asking, found: Answered) -> Answered:
    """Give the gather a copy of its own of a shared answer."""
    if not asking.copy:
        return found
    content = await content_of(blobs, asking.container, found.receipt)
    own = await write_copy(blobs, asking.copy, found.receipt, content)
    return answered(own, asking, found.attempts)


async def renew(blobs: Blobs, asking: Asking, taken: Taken, now: Clock) -> Taken | None:
    """Let the claim live on; None where somebody has taken the key over."""
    execution = taken.claim.execution
    found = await write_while_mine(
        blobs, asking, taken.standing, execution, lambda blob, claim: renewed(blob, claim, now())
    )
    return _taken(found, execution)


async def keep(
    blobs: Blobs, asking: Asking, taken: Taken, obtained: Obtained, now: Clock
) -> Answered:
    """Write the answer down for good: the gather's copy, then the payload, then the receipt.

    What is returned is what answers for this gather from now on, its own answer or the one that
    stands instead. An answer is written over everything but a receipt that is fresh or newer.
    """
    own = None
    if asking.copy:
        receipt = receipt_for(asking, taken.standing.blob, obtained, Elsewhere(asking.copy))
        own = await write_copy(blobs, asking.copy, receipt, obtained.content)
    payload = await lay_down(blobs, asking, taken.claim.execution, obtained.content)
    stands = await _commit(blobs, asking, taken, obtained, payload, now)
    return answered(own, asking, stands.attempts) if own else stands


async def release(
    blobs: Blobs, asking: Asking, taken: Taken, fault: Fault, free_at: datetime, now: Clock
) -> Released:
    """Give the claim back after a fault: free for everybody from `free_at`, or in doubt.

    In doubt where the source may have acted and must not be asked twice. A claim that somebody
    has taken over in the meantime is left alone.
    """
    execution = taken.claim.execution
    attempt = AttemptRecord(taken.claim.since, now(), fault, asking.by)

    def after(blob: KeyBlob, _: Claim) -> KeyBlob:
        if fault.may_have_acted and not asking.may_repeat:
            return doubted(blob, execution, attempt)
        return freed(blob, execution, free_at, attempt)

    found = await write_while_mine(blobs, asking, taken.standing, execution, after)
    attempts = noted(found.blob, attempt).attempts_by(asking.by)
    return Released(isinstance(found.blob.hold, InDoubt), attempts)


async def withdraw(blobs: Blobs, asking: Asking, taken: Taken, now: Clock) -> None:
    """Give the claim back as if it had not been taken: free at once, and no call counted."""
    execution = taken.claim.execution
    await write_while_mine(
        blobs, asking, taken.standing, execution, lambda blob, claim: withdrawn(blob, claim, now())
    )


async def _contend(blobs: Blobs, asking: Asking, execution: str, now: Clock) -> Taken | Over:
    """Act on what stands until there is a live claim, or a reason for none; first on nothing."""
    result = await _act(blobs, asking, NOTHING, execution, now)
    while result is None:
        found = await read_key(blobs, asking)
        result = await _act(blobs, asking, found, execution, now)
    return result


async def _act(
    blobs: Blobs, asking: Asking, found: Standing, execution: str, now: Clock
) -> Taken | Over | None:
    """Decide and write once; None where what stands is to be read again."""
    match decide(found.blob, asking, execution, now()):
        case Mine():
            return await _live(blobs, asking, _taken(found, execution), now)
        case TakeOver(blob=blob):
            with suppress(Conflict):
                written = await write_key(blobs, asking, found, blob)
                return await _live(blobs, asking, _taken(written, execution), now)
        case Doubt(blob=blob):
            with suppress(Conflict):
                await write_key(blobs, asking, found, blob)
        case over:
            return over
    return None


async def _live(blobs: Blobs, asking: Asking, taken: Taken | None, now: Clock) -> Taken | None:
    """Renew a claim that expired while it was written, by a slow reply or a long sleep."""
    while taken and now() >= taken.claim.until:
        taken = await renew(blobs, asking, taken, now)
    return taken


async def _commit(
    blobs: Blobs, asking: Asking, taken: Taken, obtained: Obtained, payload: Payload, now: Clock
) -> Answered:
    execution, found = taken.claim.execution, taken.standing
    attempt = AttemptRecord(taken.claim.since, obtained.at, None, asking.by)
    while True:
        receipt = receipt_for(asking, found.blob, obtained, payload)
        with suppress(Conflict):
            after = kept(found.blob, receipt, execution, attempt)
            await write_key(blobs, asking, found, after)
            return answered(receipt, asking, after.attempts_by(asking.by))
        found = await read_key(blobs, asking)
        stands = found.blob.receipt
        if stands and not yields_to(found.blob, obtained.at, asking, execution, now()):
            return answered(stands, asking, found.blob.attempts_by(asking.by))


def _taken(found: Standing, execution: str) -> Taken | None:
    claim = found.claim_of(execution)
    return Taken(found, claim) if claim else None
