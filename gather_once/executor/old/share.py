"""A lane's share as its calls see it, and what their ends mean for the journal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gather_once.executor.context import Surroundings
from gather_once.executor.journal_work import Rest
from gather_once.http_client.call import Answer, Call
from gather_once.inputs.items import AskOfMany, asking_of_item
from gather_once.ledger.journal import Attempt, Doubted, Failed, Kept
from gather_once.ledger.keys import Asking
from gather_once.model.fault import Fault, FaultKind, SourceFailed
from gather_once.model.receipt import Payload, Receipt, digest_of
from gather_once.plans.asks import BlobAsk
from gather_once.plans.retry import TryAgain, next_try
from gather_once.sources.port import NotThereYet


class NotMade(Exception):
    """A call was not made: when a thread got free for it, nothing was to be begun any more."""


@dataclass(frozen=True, slots=True)
class Share:
    """Items of one ask of one run, by their numbers, with the requests that are made for them.

    `is_over` says whether nothing more is to be begun, neither by who decides nor in a thread.
    """

    gather: str
    run: int
    ask: AskOfMany
    requests: Mapping[int, Mapping[str, Any]]
    deadline: datetime
    is_over: Callable[[], bool]

    @property
    def announces(self) -> bool:
        """Whether a call is written down before it is made, since it must not be repeated.

        Where items answer for other gathers too, their claims do that; reading a blob acts never.
        """
        is_guarded = self.ask.is_shared or isinstance(self.ask, BlobAsk)
        return not self.ask.is_idempotent and not is_guarded

    def asking(self, attempt: Attempt) -> Asking:
        """Return how the ledger knows what an attempt asks."""
        request = self.requests[attempt.item]
        return asking_of_item(self.ask, request, self.gather, self.run, attempt.item)

    def call(self, attempt: Attempt, idempotency_key: str, around: Surroundings) -> Call:
        """Return the call of an attempt."""
        return Call(
            request=self.requests[attempt.item],
            timeout=self.ask.timeout,
            idempotency_key=idempotency_key,
            secrets=around.secrets,
            settings=around.settings,
        )

    def check(self) -> None:
        """Raise `NotMade` where a call comes too late; to be asked in its thread, right before.

        Calls may wait for threads much longer than an activity works, and the host ends one that
        does not end.
        """
        if self.is_over():
            raise NotMade

    def not_made(self, attempt: Attempt, now: datetime) -> Failed | Rest:
        """Return what came of a call that was not made: no try is counted.

        One that was written down needs its end written down too.
        """
        if not self.announces:
            return Rest(now, "a free thread")
        fault = Fault(FaultKind.PASSING, "not made: no thread was free for it in time")
        return Failed(attempt, None, now, fault)

    def absence(self, attempt: Attempt, error: SourceFailed) -> Rest | None:
        """Return what is waited for where a source says that something may still come."""
        if not (
            isinstance(error, NotThereYet)
            and isinstance(self.ask, BlobAsk)
            and self.ask.wait_until_exists
        ):
            return None
        request = self.requests[attempt.item]
        return Rest(None, f"the blob {request['container']}/{request['name']}")


def kept(
    share: Share,
    attempt: Attempt,
    answer: Answer,
    payload: Payload,
    times: tuple[datetime | None, datetime],
    tries: int,
) -> Kept:
    """Return the entry of an answer; `times` are when the call began, if any, and ended."""
    receipt = Receipt(
        key=attempt.key,
        generation=attempt.generation,
        digest=digest_of(answer.content),
        size=len(answer.content),
        media_type=answer.media_type,
        obtained_at=times[1],
        by=share.gather,
        attempts=tries,
        payload=payload,
        etag=answer.etag,
    )
    return Kept(attempt, times[0], receipt)


def failed(
    share: Share,
    attempt: Attempt,
    fault: Fault,
    times: tuple[datetime | None, datetime],
    tries: int,
) -> Failed | Doubted:
    """Return the entry of the run's `tries`-th try, which came to nothing."""
    began, ended = times
    if fault.may_have_acted and not share.ask.is_idempotent:
        return Doubted(attempt, began, ended, fault)
    decision = next_try(
        share.ask.retry,
        made=tries,
        fault=fault,
        now=ended,
        deadline=share.deadline,
        key=attempt.key,
    )
    if isinstance(decision, TryAgain):
        return Failed(attempt, began, ended, fault, due=decision.at)
    return Failed(attempt, began, ended, fault, due=fault.until, last=True)
