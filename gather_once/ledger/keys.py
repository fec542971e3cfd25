"""The one blob of a key: its generation, its receipt or none, and what holds the key now.

Everything here is a value or a pure step from one value to the next; who writes, and on which
condition, is the business of `gather_once.ledger.claims`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from gather_once.model.fault import Fault, FaultKind
from gather_once.model.outcome import AttemptRecord
from gather_once.model.receipt import Receipt

CLAIM_LIVES: Final = timedelta(seconds=30)
"""How long a claim gives the right to call, unless it is renewed."""
RENEW_EVERY: Final = timedelta(seconds=10)
"""How often a claim is renewed while the attempt runs."""
SKEW: Final = timedelta(seconds=30)
"""How far clocks may differ: nobody takes a claim over before it has been expired for so long."""
ATTEMPTS_KEPT: Final = 50
"""The newest attempts of an asking that stay in the blob."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The leased, exclusive right of one execution to call the source.

    `execution` is the fresh random id of the holder, `by` the run that it works for.
    """

    execution: str
    by: str
    since: datetime
    until: datetime

    def is_live(self, now: datetime) -> bool:
        """Say whether others must respect it, clock skew included."""
        return now < self.until + SKEW


@dataclass(frozen=True, slots=True)
class FreeAt:
    """Nobody holds the key, and nobody is to call before `at`; `execution` left it so."""

    execution: str
    at: datetime


@dataclass(frozen=True, slots=True)
class InDoubt:
    """The source may have acted for `execution`, must not be asked twice, and gave no answer."""

    execution: str


Hold = Claim | FreeAt | InDoubt | None


@dataclass(frozen=True, slots=True)
class KeyBlob:
    """What stands under a key.

    A claim stands beside the old receipt, so a refresh that fails destroys nothing. `keeper` is the
    execution that wrote the receipt. `counts` has the calls of this asking by run: they outlive
    claims and pauses, so that a crash or somebody else's turn does not set a run's patience back.
    """

    generation: int = 1
    receipt: Receipt | None = None
    keeper: str | None = None
    hold: Hold = None
    counts: Mapping[str, int] = field(default_factory=dict)
    attempts: tuple[AttemptRecord, ...] = ()

    def attempts_by(self, run: str) -> tuple[AttemptRecord, ...]:
        """Return the attempts that a run made in this asking, oldest first."""
        return tuple(record for record in self.attempts if record.by == run)


def claimed(blob: KeyBlob, execution: str, by: str, now: datetime) -> KeyBlob:
    """Return the blob with a new claim, one more call counted for `by`.

    Where nothing holds the key its stale receipt is asked anew, which is another generation. An
    expired claim that is taken over leaves its attempt behind.
    """
    if blob.receipt and blob.hold is None:
        blob = replace(blob, generation=blob.generation + 1, counts={}, attempts=())
    if isinstance(blob.hold, Claim):
        blob = noted(blob, _never_ended(blob.hold))
    counts = {**blob.counts, by: blob.counts.get(by, 0) + 1}
    return replace(blob, hold=Claim(execution, by, now, now + CLAIM_LIVES), counts=counts)


def renewed(blob: KeyBlob, claim: Claim, now: datetime) -> KeyBlob:
    """Return the blob with its claim living on from `now`."""
    return replace(blob, hold=replace(claim, until=now + CLAIM_LIVES))


def kept(blob: KeyBlob, receipt: Receipt, execution: str, attempt: AttemptRecord | None) -> KeyBlob:
    """Return the blob with a new receipt and nothing that holds the key; counts start anew."""
    if attempt:
        blob = noted(blob, attempt)
    return replace(blob, receipt=receipt, keeper=execution, hold=None, counts={})


def freed(blob: KeyBlob, execution: str, at: datetime, attempt: AttemptRecord) -> KeyBlob:
    """Return the blob after a fault: free for everybody, but not before `at`."""
    return replace(noted(blob, attempt), hold=FreeAt(execution, at))


def withdrawn(blob: KeyBlob, claim: Claim, now: datetime) -> KeyBlob:
    """Return the blob after a claim under which nothing was there yet: its call is uncounted."""
    counts = {**blob.counts, claim.by: blob.counts.get(claim.by, 1) - 1}
    return replace(blob, hold=FreeAt(claim.execution, now), counts=counts)


def doubted(blob: KeyBlob, execution: str, attempt: AttemptRecord) -> KeyBlob:
    """Return the blob after a call that may have acted and must not be made twice."""
    return replace(noted(blob, attempt), hold=InDoubt(execution))


def lapsed(blob: KeyBlob, claim: Claim) -> KeyBlob:
    """Return the blob whose holder was not heard of again, where a second call is forbidden."""
    return doubted(blob, claim.execution, _never_ended(claim))


def asked_again(blob: KeyBlob, execution: str, now: datetime) -> KeyBlob:
    """Return the blob after a human's "ask again": another generation, free at once."""
    generation = blob.generation + 1
    return replace(blob, generation=generation, hold=FreeAt(execution, now), counts={}, attempts=())


def noted(blob: KeyBlob, attempt: AttemptRecord) -> KeyBlob:
    """Return the blob with one more attempt; one believed lost that did end is not told twice."""
    others = [a for a in blob.attempts if (a.started_at, a.by) != (attempt.started_at, attempt.by)]
    return replace(blob, attempts=(*others, attempt)[-ATTEMPTS_KEPT:])


def _never_ended(claim: Claim) -> AttemptRecord:
    fault = Fault(FaultKind.BROKEN, "crashed: the attempt never ended", may_have_acted=True)
    return AttemptRecord(claim.since, claim.until, fault, claim.by)
