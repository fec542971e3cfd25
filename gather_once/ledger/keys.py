"""The one blob of a key: its generation, its receipt or none, and its holder; which key an ask has.

Values and pure transitions, their JSON, and one conditional read and write. `ledger.claims` decides
which transition is written.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from gather_once.model.fault import Fault, FaultKind
from gather_once.model.key import idempotency_key, key_of
from gather_once.model.names import root_id
from gather_once.model.outcome import AttemptRecord
from gather_once.model.receipt import Receipt
from gather_once.model.wire import (
    VERSION,
    UnknownVersion,
    attempt_from_wire,
    attempt_to_wire,
    moment_from_wire,
    moment_to_wire,
    receipt_from_wire,
    receipt_to_wire,
)
from gather_once.plans.asks import Asked
from gather_once.storage import paths
from gather_once.storage.blobs import Blobs, Conflict, Container


@dataclass(frozen=True, slots=True)
class Asking:
    """One ask, or one item of a list, of one run.

    `attempts` is its patience, `may_repeat` whether the source may be asked a second time when it
    is unknown whether it acted. `shared` says that the receipt answers for other gathers too, as
    long as it is fresh for them; `fresh_for` None is for ever. `keeps_copy` is false for the items
    of a list, whose answers lie in their lane's journal.
    """

    key: str
    gather: str
    run: int
    attempts: int
    may_repeat: bool
    shared: bool = False
    fresh_for: timedelta | None = None
    item: int | None = None
    keeps_copy: bool = True

    @property
    def by(self) -> str:
        """The run on whose account calls are counted, as its root's instance id."""
        return root_id(self.gather, self.run)

    @property
    def container(self) -> Container:
        """Where the key's blob and its payloads lie."""
        return Container.SHARED if self.shared else Container.GATHERS

    @property
    def name(self) -> str:
        """The name of the key's blob."""
        if self.shared:
            return paths.shared_receipt(self.key)
        return paths.receipt(self.gather, self.key, self.item)

    @property
    def copy(self) -> str | None:
        """The name of the gather's own copy of a shared answer, None where it needs none."""
        return paths.copy(self.gather, self.key) if self.shared and self.keeps_copy else None

    def payload_of(self, execution: str) -> str:
        """Return where what an execution got lies if it is too large for the receipt."""
        if self.shared:
            return paths.shared_payload(self.key, execution)
        item = "" if self.item is None else f"-{self.item}"
        return paths.payload(self.gather, f"{self.key}{item}-{execution}")

    def idempotency_key(self, generation: int) -> str:
        """Return the text that names this asking to its source, the same over all its attempts."""
        return idempotency_key(
            self.key, generation, None if self.shared else (self.gather, self.item)
        )


def asking_of(ask: Asked, request: Mapping[str, Any], gather: str, run: int) -> Asking:
    """Return how a run asks for an ask, whose request is given with everything worked out."""
    return Asking(
        key=key_of(ask.kind, request),
        gather=gather,
        run=run,
        attempts=ask.retry.max_attempts,
        may_repeat=ask.is_idempotent,
        shared=ask.is_shared,
        fresh_for=ask.fresh_for,
    )


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


def encode(blob: KeyBlob) -> bytes:
    """Return the bytes to store."""
    form = {
        "v": VERSION,
        "generation": blob.generation,
        "receipt": receipt_to_wire(blob.receipt) if blob.receipt else None,
        "keeper": blob.keeper,
        "hold": _hold_to_wire(blob.hold),
        "counts": dict(blob.counts),
        "attempts": [attempt_to_wire(attempt) for attempt in blob.attempts],
    }
    return json.dumps(form, separators=(",", ":")).encode()


def decode(content: bytes) -> KeyBlob:
    """Return what the bytes of a key's blob say; may raise `UnknownVersion`."""
    form = json.loads(content)
    if form["v"] != VERSION:
        raise UnknownVersion(f"version {form['v']!r} of a key's blob, and only {VERSION} is known")
    return KeyBlob(
        generation=form["generation"],
        receipt=receipt_from_wire(form["receipt"]) if form["receipt"] else None,
        keeper=form["keeper"],
        hold=_hold_from_wire(form["hold"]),
        counts=form["counts"],
        attempts=tuple(attempt_from_wire(attempt) for attempt in form["attempts"]),
    )


def _hold_to_wire(hold: Hold) -> dict[str, str] | None:
    match hold:
        case None:
            return None
        case Claim(execution, by, since, until):
            times = {"since": moment_to_wire(since), "until": moment_to_wire(until)}
            return {"what": "claim", "execution": execution, "by": by, **times}
        case FreeAt(execution, at):
            return {"what": "free", "execution": execution, "at": moment_to_wire(at)}
        case InDoubt(execution):
            return {"what": "in_doubt", "execution": execution}


def _hold_from_wire(form: dict[str, Any] | None) -> Hold:
    if form is None:
        return None
    match form["what"]:
        case "claim":
            since, until = moment_from_wire(form["since"]), moment_from_wire(form["until"])
            return Claim(form["execution"], form["by"], since, until)
        case "free":
            return FreeAt(form["execution"], moment_from_wire(form["at"]))
        case "in_doubt":
            return InDoubt(form["execution"])
    raise UnknownVersion(f"{form['what']!r} holds a key, which is unknown here")


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands under a key; without a version nothing does yet."""

    blob: KeyBlob
    version: str | None

    def claim_of(self, execution: str) -> Claim | None:
        """Return the claim that stands if it is this execution's."""
        hold = self.blob.hold
        return hold if isinstance(hold, Claim) and hold.execution == execution else None


NOTHING = Standing(KeyBlob(), None)


async def read_key(blobs: Blobs, asking: Asking) -> Standing:
    """Return what stands under the key of an asking."""
    found = await blobs.read(asking.container, asking.name)
    return Standing(decode(found.content), found.version) if found else NOTHING


async def write_key(blobs: Blobs, asking: Asking, found: Standing, blob: KeyBlob) -> Standing:
    """Write over what was found, if it still stands (else `Conflict`); return what stands now."""
    where, content = (asking.container, asking.name), encode(blob)
    if found.version is None:
        return Standing(blob, await blobs.create(*where, content))
    return Standing(blob, await blobs.replace(*where, content, version=found.version))


async def write_while_mine(
    blobs: Blobs,
    asking: Asking,
    found: Standing,
    execution: str,
    step: Callable[[KeyBlob, Claim], KeyBlob],
) -> Standing:
    """Take a step from the execution's own claim, whatever its version; return what stands then.

    Where the claim is another's, or none is there, nothing is written.
    """
    while claim := found.claim_of(execution):
        with suppress(Conflict):
            return await write_key(blobs, asking, found, step(found.blob, claim))
        found = await read_key(blobs, asking)
    return found
