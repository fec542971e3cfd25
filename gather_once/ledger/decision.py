"""What an execution may do next with a key, decided from what stands in the key's blob."""

from dataclasses import dataclass
from datetime import datetime

from gather_once.ledger.asking import Asking
from gather_once.ledger.keys import SKEW, Claim, FreeAt, Hold, InDoubt, KeyBlob, claimed, lapsed
from gather_once.model.outcome import AttemptRecord
from gather_once.model.receipt import Receipt


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
