"""Outcomes: the last word on an ask, and the attempts that led there."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gather_once.model.fault import Fault
from gather_once.model.receipt import ReceiptSummary


class OutcomeStatus(StrEnum):
    """How an ask ended."""

    KEPT = "kept"
    """Asked for in this gather, and answered."""
    REUSED = "reused"
    """Answered by a receipt that was there already; no call."""
    MISSING = "missing"
    """No answer, and the reason why."""
    IN_DOUBT = "in_doubt"
    """The source may have acted, and nobody knows: a human decides."""

    @property
    def has_answer(self) -> bool:
        """Whether there is something to read."""
        return self in {OutcomeStatus.KEPT, OutcomeStatus.REUSED}


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One try: when, whether a fault ended it, and by which gather."""

    started_at: datetime
    ended_at: datetime
    fault: Fault | None
    by: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The last word on an ask: an answer has a receipt, what is missing has a reason.

    `calls` is how many attempts there were, also where `attempts` itself is left out. `partial` is
    what there is of a list of which some items are missing.
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
        """The answer, or what there is of it: a list with null where an item is missing."""
        return self.receipt or self.partial


def missing(
    ask: str, reason: str, fault: Fault | None = None, attempts: tuple[AttemptRecord, ...] = ()
) -> Outcome:
    """Return the outcome of an ask without an answer: "deadline", "needs rates", "3 of 9"."""
    return Outcome(ask, OutcomeStatus.MISSING, reason=reason, fault=fault, attempts=attempts)
