"""Retry policies: how many attempts an ask has, and how long it backs off between them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gather_once.model.fault import Fault
from gather_once.plans.fields import Span, Whole, at_most

_LONGEST_PAUSE = timedelta(days=365)


class RetryPolicy(BaseModel):
    """How many attempts an ask has, and the exponential backoff between them.

    The pause after attempt n is `first_interval` times `backoff_coefficient` to the power n - 1, at
    most `max_interval`, and up to the share `jitter` longer or shorter.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_attempts: Annotated[Whole, at_most("attempts")] = 5
    first_interval: Annotated[Span, Field(ge=timedelta(0), le=_LONGEST_PAUSE)] = timedelta(
        seconds=1
    )
    backoff_coefficient: Annotated[float, Field(ge=1, le=10, strict=True)] = 2.0
    max_interval: Annotated[Span, Field(ge=timedelta(0), le=_LONGEST_PAUSE)] = timedelta(minutes=5)
    jitter: Annotated[float, Field(ge=0, le=1, strict=True)] = 0.2

    @model_validator(mode="after")
    def _first_is_not_above_max(self) -> "RetryPolicy":
        if self.first_interval > self.max_interval:
            raise ValueError("`first_interval` is longer than `max_interval`; make it shorter")
        return self

    def pause_after(self, attempt: int, key: str) -> timedelta:
        """Return the pause after this attempt (from 1): always the same for the same key."""
        if self.first_interval == timedelta(0):
            return timedelta(0)
        growth = min(
            self.backoff_coefficient ** (attempt - 1), self.max_interval / self.first_interval
        )
        swing = 1 + self.jitter * (2 * _fraction(key, attempt) - 1)
        return min(self.first_interval * growth, self.max_interval) * swing


@dataclass(frozen=True, slots=True)
class TryAgain:
    """The next attempt, no earlier than `at`."""

    at: datetime


@dataclass(frozen=True, slots=True)
class GiveUp:
    """No further attempt: the ask fails for this reason."""

    reason: str


NextTry = TryAgain | GiveUp


def next_try(  # the decision depends on all of these
    retry: RetryPolicy, *, made: int, fault: Fault, now: datetime, deadline: datetime, key: str
) -> NextTry:
    """Decide what follows the attempt that just failed, the `made`-th of this gather.

    A Retry-After is respected. A pause that would pass the deadline ends at the deadline, where the
    ask fails.
    """
    if not fault.kind.may_pass:
        return GiveUp(str(fault.kind))
    if made >= retry.max_attempts:
        return GiveUp(f"{made} of {retry.max_attempts} attempts failed")
    if now >= deadline:
        return GiveUp("deadline")
    at = now + retry.pause_after(made, key)
    return TryAgain(min(max(at, fault.until or at), deadline))


def _fraction(key: str, attempt: int) -> float:
    """Return a pseudo-random number from 0 to 1, equal for equal arguments."""
    return int.from_bytes(sha256(f"{key}{attempt}".encode()).digest()[:8]) / 2**64
