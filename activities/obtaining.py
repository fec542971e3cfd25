"""The way of one ask to its answer: needs, claim, call, receipt; each step may be the last.

Answers of the activity: `{"status": "ended", "outcome"}`; `{"status": "pause", "until"}`, a moment;
`{"status": "look_again", "waits_for"}`, where nobody knows the moment; `{"status": "stopped"}`; and
what has to be done first: `{"status": "consult"}` for a human.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, assert_never

from activities.shell import Json
from activities.surroundings import Surroundings
from ledger import claims, control, plans
from ledger.answers import Obtained
from ledger.asking import Asking, asking_of
from ledger.claims import Over, Taken
from ledger.control import Control, State
from ledger.decision import Answered, Doubtful, Exhausted, Wait
from ledger.holding import Holding, Lapsed
from ledger.needs import InTheWay, scope_of
from model.ask import AskedOfMany, BlobAsk, HumanAsk
from model.expression import NotResolved
from model.fault import Fault, FaultKind, SourceFailed
from model.outcome import AttemptRecord, Outcome, OutcomeStatus, missing
from model.patience import GiveUp, TryAgain, next_try
from model.plan import Plan
from model.request import request_of
from model.wire import moment_from_wire, moment_to_wire, outcome_to_wire
from sources.media import view
from sources.port import Answer, Call, NotThereYet


@dataclass(frozen=True, slots=True)
class Errand:
    """One ask of one run on its way: who asks, what, and until when."""

    name: str
    ask: AskedOfMany
    request: Mapping[str, Any]
    asking: Asking
    deadline: datetime


async def obtained(given: Json, around: Surroundings) -> Json:
    """Go as far as it goes for the ask that is given, and say what is next."""
    found = await control.read_with_plan(around.blobs, given["id"])
    if found is None or not found[0].carries(given["run"]):
        return {"status": "stopped"}
    if found[0].state is State.HOLD:
        return {"status": "look_again", "waits_for": "the hold to end"}
    plan = plans.read(given["id"], found[1])
    scope = await scope_of(around.blobs, given["id"], given["run"], plan, given["ask"], view)
    if isinstance(scope, InTheWay):
        return _in_the_way(given["ask"], scope)
    if isinstance(plan.asks[given["ask"]], HumanAsk):
        return {"status": "consult"}
    try:
        errand = _errand(given, found[0], plan, scope)
    except NotResolved as error:
        fault = Fault(FaultKind.BROKEN, str(error))
        return _ended(missing(given["ask"], str(fault), fault))
    return await _pursue(errand, around)


def _in_the_way(ask: str, needs: InTheWay) -> Json:
    if needs.missing:
        return _ended(missing(ask, f"needs {', '.join(needs.missing)}"))
    return {"status": "look_again", "waits_for": f"needs {', '.join(needs.open)}"}


def _errand(given: Json, found: Control, plan: Plan, scope: Mapping[str, Any]) -> Errand:
    ask = plan.asks[given["ask"]]
    if not isinstance(ask, AskedOfMany):
        raise TypeError(f"{given['ask']} asks a human, whom no source answers for")
    request = request_of(ask, scope)
    asking = asking_of(ask, request, found.gather, given["run"])
    return Errand(given["ask"], ask, request, asking, moment_from_wire(given["deadline"]))


async def _pursue(errand: Errand, around: Surroundings) -> Json:
    if around.now() >= errand.deadline:
        return await _at_the_deadline(errand, around)
    found = await claims.take(around.blobs, errand.asking, around.execution, around.now)
    if isinstance(found, Taken):
        return await _call(errand, found, around)
    return _without_call(errand, found)


def _without_call(errand: Errand, found: Over) -> Json:
    match found:
        case Answered():
            return _ended(_kept(errand, found))
        case Wait(until=until, whom=None):
            return {"status": "pause", "until": moment_to_wire(until)}
        case Wait(whom=whom):
            return {"status": "look_again", "waits_for": f"the claim of {whom}"}
        case Doubtful(attempts=attempts):
            return _ended(_in_doubt(errand, attempts))
        case Exhausted(attempts=attempts):
            return _ended(_given_up(errand, attempts))
        case _:
            assert_never(found)


async def _at_the_deadline(errand: Errand, around: Surroundings) -> Json:
    """End the ask without a call; an answer that came in time still counts."""
    found = await claims.peek(around.blobs, errand.asking, around.now())
    if isinstance(found, Answered):
        return _ended(_kept(errand, found))
    return _ended(missing(errand.name, "deadline", _last_fault(found), found))


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
    obtained = Obtained(answer.content, answer.media_type, around.now())
    kept = await claims.keep(around.blobs, errand.asking, held.taken, obtained, around.now)
    return _ended(_kept(errand, kept))


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

    return await around.in_pool(fetch)


async def _after_absence(errand: Errand, taken: Taken, fault: Fault, around: Surroundings) -> Json:
    """Wait for what is not there yet if that is wished: no attempt is counted then."""
    if not (isinstance(errand.ask, BlobAsk) and errand.ask.wait):
        return await _after_fault(errand, taken, fault, around)
    await claims.withdraw(around.blobs, errand.asking, taken, around.now)
    container, name = errand.request["container"], errand.request["name"]
    return {"status": "look_again", "waits_for": f"the blob {container}/{name}"}


async def _after_fault(errand: Errand, taken: Taken, fault: Fault, around: Surroundings) -> Json:
    now = around.now()
    decision = next_try(
        errand.ask.patience,
        made=taken.calls,
        fault=fault,
        now=now,
        deadline=errand.deadline,
        key=errand.asking.key,
    )
    free_at = decision.at if isinstance(decision, TryAgain) else fault.until or now
    released = await claims.release(around.blobs, errand.asking, taken, fault, free_at, around.now)
    if released.in_doubt:
        return _ended(_in_doubt(errand, released.attempts))
    if isinstance(decision, GiveUp):
        return _ended(missing(errand.name, decision.reason, fault, released.attempts))
    made = len(released.attempts)
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
    most = errand.ask.patience.attempts
    reason = f"{most} of {most} attempts failed"
    return missing(errand.name, reason, _last_fault(attempts), attempts)


def _last_fault(attempts: tuple[AttemptRecord, ...]) -> Fault | None:
    return attempts[-1].fault if attempts else None


def _ended(outcome: Outcome) -> Json:
    return {"status": "ended", "outcome": outcome_to_wire(outcome)}
