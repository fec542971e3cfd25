"""Outcomes: the final status of an ask, and its attempts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gather_once.model.fault import Fault
from gather_once.model.receipt import ReceiptSummary


class OutcomeStatus(StrEnum):
    """The final status of an ask."""

    KEPT = "kept"
    """Called for in this gather, and answered."""
    REUSED = "reused"
    """Answered by an existing receipt, without a call."""
    MISSING = "missing"
    """Failed; the outcome has the reason."""
    IN_DOUBT = "in_doubt"
    """The source may have executed the request; an operator resolves the ask."""

    @property
    def has_answer(self) -> bool:
        """Whether there is an answer."""
        return self in {OutcomeStatus.KEPT, OutcomeStatus.REUSED}


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One attempt: start, end, the fault if it failed, and the gather that made it."""

    started_at: datetime
    ended_at: datetime
    fault: Fault | None
    by: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The final status of an ask: with a receipt if it is answered, with a reason if it failed.

    `calls` is the number of attempts, also where `attempts` itself is left out. `partial` has the
    answers of a list of which some items failed.
    """

    ask: str
    status: OutcomeStatus
    reason: str | None = None
    fault: Fault | None = None
    receipt: ReceiptSummary | None = None
    attempts: tuple[AttemptRecord, ...] = ()
    calls: int = 0
    partial: ReceiptSummary | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "calls", max(self.calls, len(self.attempts)))
        if self.status.has_answer != (self.receipt is not None):
            raise ValueError(f"{self.status} and a receipt: one without the other, at {self.ask}")
        if self.status is OutcomeStatus.MISSING and not self.reason:
            raise ValueError(f"what is missing has a reason: give one for {self.ask}")
        if self.status.has_answer and (self.reason or self.fault):
            raise ValueError(f"an answer has neither reason nor fault, at {self.ask}")
        if self.partial is not None and self.status is not OutcomeStatus.MISSING:
            raise ValueError(f"only what is missing may be there in part, at {self.ask}")

    @property
    def readable(self) -> ReceiptSummary | None:
        """The answer, or the partial one: a list with null for each item that failed."""
        return self.receipt or self.partial


def missing(
    ask: str, reason: str, fault: Fault | None = None, attempts: tuple[AttemptRecord, ...] = ()
) -> Outcome:
    """Return the outcome of a failed ask; reasons are "deadline", "needs rates", "3 of 9"."""
    return Outcome(ask, OutcomeStatus.MISSING, reason=reason, fault=fault, attempts=attempts)
