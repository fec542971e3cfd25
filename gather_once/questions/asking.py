"""The way of a question to a human's answer: ask once, then see whether there is a last word.

Answers of the activity: `{"status": "ended", "outcome"}`; `{"status": "wait", "waits_for"}`, to be
followed by a wait for the event of this very `k`; `{"status": "look_again", "waits_for"}` during a
hold; `{"status": "stopped"}`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, assert_never

from gather_once.gathers.admission import Ready, ready
from gather_once.ledger.claims import Answered
from gather_once.ledger.keys import Asking, asking_of
from gather_once.model.fault import Fault, FaultKind
from gather_once.model.key import canonical
from gather_once.model.outcome import AttemptRecord, Outcome, OutcomeStatus, missing
from gather_once.model.wire import Json, ended, moment_from_wire
from gather_once.plans.asks import HumanAsk
from gather_once.plans.expressions import NotResolved, read_template
from gather_once.plans.plan import Plan
from gather_once.plans.requests import request_of
from gather_once.questions import registration
from gather_once.questions.question import Answer, Asker, Child, Heard, Over, Waits
from gather_once.questions.registration import Said, Tell
from gather_once.storage.blobs import Blobs

LONGEST_REQUEST: Final = 64 * 1024
"""Bytes of a question with all that is shown beside it."""
LONGEST_TEXTS: Final = {"question": 2_000, "assignee": 200}
"""Characters that a message to humans has room for, as in the plan: answers may have made more."""
UNANSWERED: Final = "nobody answered in time"

Attempts = tuple[AttemptRecord, ...]


@dataclass(frozen=True, slots=True)
class QuestionContext:
    """What asking a person works with; `execution` is a fresh random id of this activity call."""

    blobs: Blobs
    tell: Tell
    execution: str
    now: Callable[[], datetime]


class TooMuchToShow(Exception):
    """A human is shown a page, not a file."""


@dataclass(frozen=True, slots=True)
class Errand:
    """One question of one run on its way: what is asked, for whom, and until when."""

    name: str
    ask: HumanAsk
    request: dict[str, Any]
    asking: Asking
    deadline: datetime

    def child(self, k: int, now: datetime) -> Child:
        """Return the entry of who asks, as it is when it registers for the first time now."""
        return Child(
            gather=self.asking.gather,
            run=self.asking.run,
            ask=self.name,
            k=k,
            since=now,
            until=min(self.deadline, now + self.ask.timeout) if self.ask.timeout else self.deadline,
            remind_every=self.ask.remind_every,
        )


async def questioned(given: Json, around: QuestionContext) -> Json:
    """Ask a human for the ask that is given, or read what was said, and say what is next.

    `given` has the child's own count of waits as `k`, from 1: a name that were drawn here would
    differ in a late double, and the child would wait under another name than is registered.
    """
    found = await ready(given, around.blobs, around.now())
    if not isinstance(found, Ready):
        return found
    try:
        errand = _errand(given, found.plan, found.scope)
    except (NotResolved, TooMuchToShow) as error:
        fault = Fault(FaultKind.BROKEN, str(error))
        return ended(missing(given["ask"], str(fault), fault))
    return await _ask(errand, given["k"], around)


def _errand(given: Json, plan: Plan, scope: Mapping[str, Any]) -> Errand:
    ask = plan.asks[given["ask"]]
    if not isinstance(ask, HumanAsk):
        raise TypeError(f"{given['ask']} asks no human")
    request = request_of(ask, scope)
    _check_size(request)
    asking = asking_of(ask, request, given["id"], given["run"])
    return Errand(given["ask"], ask, request, asking, moment_from_wire(given["deadline"]))


def _check_size(request: Mapping[str, Any]) -> None:
    for field, most in LONGEST_TEXTS.items():
        length = len(request[field] or "")
        if length > most:
            raise TooMuchToShow(
                f"the `{field}` has become {length:,} characters long, {most:,} can be told; select"
                " less for it, and show the rest as `context`"
            )
    size = len(canonical(request))
    if size > LONGEST_REQUEST:
        raise TooMuchToShow(
            f"question and context have {size:,} bytes, {LONGEST_REQUEST:,} can be shown; select"
            " less for the `context`"
        )


async def _ask(errand: Errand, k: int, around: QuestionContext) -> Json:
    asking, name = errand.asking, registration.name_of(errand.asking)
    child = errand.child(k, around.now())
    asker = Asker(child, asking.key, errand.request, around.execution, asking.fresh_for)

    async def own() -> Answered | None:
        return await registration.own_answer(around.blobs, asking)

    word = await registration.register(around.blobs, name, asker, own, around.tell, around.now)
    match word:
        case Waits():
            return {"status": "wait", "waits_for": _whom(errand)}
        case Answered():
            return ended(_kept(errand, word))
        case Heard():
            return ended(await _ended(errand, word, around))
        case _:
            assert_never(word)


async def _ended(errand: Errand, heard: Heard, around: QuestionContext) -> Outcome:
    """End an ask with what its child has heard; having waited for it counts as an attempt."""
    match heard.word:
        case Answer() as answer:
            keeping = registration.keep_answer(
                around.blobs, errand.asking, answer, around.execution
            )
            return _kept(errand, await keeping, _waited(errand, heard.since, answer.at))
        case Over() as over:
            fault = Fault(FaultKind.PASSING, UNANSWERED)
            waited = _waited(errand, heard.since, over.until, fault)
            return await _without_answer(errand, over, waited, around)
        case never:
            assert_never(never)


def _waited(
    errand: Errand, since: datetime | None, until: datetime, fault: Fault | None = None
) -> Attempts:
    return (AttemptRecord(since, until, fault, errand.asking.by),) if since else ()


async def _without_answer(
    errand: Errand, over: Over, waited: Attempts, around: QuestionContext
) -> Outcome:
    """End an ask whose limit has passed, whichever of the two it was."""
    timeout, otherwise = errand.ask.timeout, errand.ask.default
    if timeout is None or over.since + timeout > errand.deadline:
        return missing(errand.name, "deadline", attempts=waited)
    if otherwise is None:
        return missing(errand.name, UNANSWERED, attempts=waited)
    said = Said(otherwise, over.until, errand.asking.gather, generation=1)
    kept = registration.keep_otherwise(
        around.blobs, errand.asking, errand.request, said, around.execution
    )
    return _kept(errand, await kept, waited)


def _kept(errand: Errand, answered: Answered, waited: Attempts = ()) -> Outcome:
    status = OutcomeStatus.REUSED if answered.reused else OutcomeStatus.KEPT
    return Outcome(errand.name, status, receipt=answered.receipt.summary, attempts=waited)


def _whom(errand: Errand) -> str:
    """Return whom progress names; what an earlier answer put there goes into no history."""
    to = errand.ask.assignee
    if to is None or read_template(to).names:
        return "the answer of a human"
    return f"the answer of {errand.request['assignee']}"
