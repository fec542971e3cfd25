"""One errand at a source: claim, call, receipt; each step may be the last.

Answers of the activity: `{"status": "ended", "outcome"}`; `{"status": "pause", "until"}`, a moment;
`{"status": "look_again", "waits_for"}`, where nobody knows the moment.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, assert_never

from gather_once.executor.context import Surroundings
from gather_once.http_client.call import Answer, Call
from gather_once.ledger import claims
from gather_once.ledger.claims import Answered, Doubtful, Exhausted, Over, Taken, Wait
from gather_once.ledger.holding import Holding, Lapsed
from gather_once.ledger.keys import ATTEMPTS_KEPT, Asking
from gather_once.ledger.payloads import Obtained
from gather_once.model.fault import Fault, SourceFailed
from gather_once.model.outcome import AttemptRecord, Outcome, OutcomeStatus, missing
from gather_once.model.wire import Json, moment_to_wire
from gather_once.model.wire import ended as last_word
from gather_once.plans.asks import AskedOfMany, BlobAsk
from gather_once.plans.retry import GiveUp, TryAgain, next_try
from gather_once.sources.port import NotThereYet


@dataclass(frozen=True, slots=True)
class Errand:
    """One ask of one run on its way: who asks, what, and until when.

    `before` are attempts that led here under other keys, at the ask's shards.
    """

    name: str
    ask: AskedOfMany
    request: Mapping[str, Any]
    asking: Asking
    deadline: datetime
    before: tuple[AttemptRecord, ...] = ()


async def carried_out(errand: Errand, around: Surroundings) -> Json:
    """Go as far as it goes without a pause, and say how it ended or what is next."""
    if around.now() >= errand.deadline:
        return await _at_the_deadline(errand, around)
    found = await claims.take(around.blobs, errand.asking, around.execution, around.now)
    if isinstance(found, Taken):
        return await _call(errand, found, around)
    return _without_call(errand, found)


def ended(errand: Errand, outcome: Outcome) -> Json:
    """Return the last word on an errand, which counts all attempts and shows the newest."""
    attempts = sorted((*errand.before, *outcome.attempts), key=lambda one: one.started_at)
    whole = replace(outcome, attempts=tuple(attempts[-ATTEMPTS_KEPT:]), calls=len(attempts))
    return last_word(whole)


def _without_call(errand: Errand, found: Over) -> Json:
    match found:
        case Answered():
            return ended(errand, _kept(errand, found))
        case Wait(until=until, whom=None):
            return {"status": "pause", "until": moment_to_wire(until)}
        case Wait(whom=whom):
            return {"status": "look_again", "waits_for": f"the claim of {whom}"}
        case Doubtful(attempts=attempts):
            return ended(errand, _in_doubt(errand, attempts))
        case Exhausted(attempts=attempts):
            return ended(errand, _given_up(errand, attempts))
        case _:
            assert_never(found)


async def _at_the_deadline(errand: Errand, around: Surroundings) -> Json:
    """End the ask without a call; an answer that came in time still counts."""
    found = await claims.peek(around.blobs, errand.asking, around.now())
    if isinstance(found, Answered):
        return ended(errand, _kept(errand, found))
    return ended(errand, missing(errand.name, "deadline", _last_fault(found), found))


async def _call(errand: Errand, taken: Taken, around: Surroundings) -> Json:
    """Ask the source under the claim, and write down what came of it."""
    try:
        async with Holding(around.blobs, errand.asking, taken, around.now) as held:
            answer = await _fetch(errand, held, around)
    except Lapsed:
        return {"status": "pause", "until": moment_to_wire(around.now())}
    except NotThereYet as absent:
        return await _after_absence(errand, held.taken, absent.fault, around)
    except SourceFailed as failed:
        return await _after_fault(errand, held.taken, failed.fault, around)
    obtained = Obtained(answer.content, answer.media_type, around.now(), answer.etag)
    kept = await claims.keep(around.blobs, errand.asking, held.taken, obtained, around.now)
    return ended(errand, _kept(errand, kept))


async def _fetch(errand: Errand, held: Holding, around: Surroundings) -> Answer:
    source = around.source_for(errand.ask.kind)
    call = Call(
        request=errand.request,
        timeout=errand.ask.timeout,
        idempotency_key=errand.asking.idempotency_key(held.taken.generation),
        secrets=around.secrets,
        settings=around.settings,
    )

    def fetch() -> Answer:
        held.check()
        return source.fetch(call)

    return await around.calls(errand.ask.kind, fetch)


async def _after_absence(errand: Errand, taken: Taken, fault: Fault, around: Surroundings) -> Json:
    """Wait for what is not there yet if that is wished: no attempt is counted then."""
    if not (isinstance(errand.ask, BlobAsk) and errand.ask.wait_until_exists):
        return await _after_fault(errand, taken, fault, around)
    await claims.withdraw(around.blobs, errand.asking, taken, around.now)
    container, name = errand.request["container"], errand.request["name"]
    return {"status": "look_again", "waits_for": f"the blob {container}/{name}"}


async def _after_fault(errand: Errand, taken: Taken, fault: Fault, around: Surroundings) -> Json:
    now = around.now()
    decision = next_try(
        errand.ask.retry,
        made=taken.calls,
        fault=fault,
        now=now,
        deadline=errand.deadline,
        key=errand.asking.key,
    )
    free_at = decision.at if isinstance(decision, TryAgain) else fault.until or now
    released = await claims.release(around.blobs, errand.asking, taken, fault, free_at, around.now)
    if released.in_doubt:
        return ended(errand, _in_doubt(errand, released.attempts))
    if isinstance(decision, GiveUp):
        return ended(errand, missing(errand.name, decision.reason, fault, released.attempts))
    made = len(errand.before) + len(released.attempts)
    return {"status": "pause", "until": moment_to_wire(decision.at), "attempts": made}


def _kept(errand: Errand, answered: Answered) -> Outcome:
    status = OutcomeStatus.REUSED if answered.reused else OutcomeStatus.KEPT
    return Outcome(
        errand.name, status, receipt=answered.receipt.summary, attempts=answered.attempts
    )


def _in_doubt(errand: Errand, attempts: tuple[AttemptRecord, ...]) -> Outcome:
    return Outcome(
        errand.name,
        OutcomeStatus.IN_DOUBT,
        reason="the source may have acted and gave no answer; resolve it by hand",
        fault=_last_fault(attempts),
        attempts=attempts,
    )


def _given_up(errand: Errand, attempts: tuple[AttemptRecord, ...]) -> Outcome:
    most = errand.ask.retry.max_attempts
    reason = f"{most} of {most} attempts failed"
    return missing(errand.name, reason, _last_fault(attempts), attempts)


def _last_fault(attempts: tuple[AttemptRecord, ...]) -> Fault | None:
    return attempts[-1].fault if attempts else None
