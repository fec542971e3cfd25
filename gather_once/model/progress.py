"""Progress: the public view of a gather, while it runs and afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gather_once.model.outcome import Outcome, OutcomeStatus


class GatherStatus(StrEnum):
    """The status of a gather, wherever it is shown; a deleted one has none."""

    SCHEDULED = "scheduled"
    """Its start is to come."""
    RUNNING = "running"
    SUSPENDED = "suspended"
    """No call begins until it is resumed."""
    TERMINATING = "terminating"
    """Terminated; calls in flight end, the dossier is to be written."""
    COMPLETED = "completed"
    """Ended: every required ask has an answer."""
    FAILED = "failed"
    """Ended: a required ask has none."""
    TERMINATED = "terminated"
    """Ended before every ask had its outcome."""


@dataclass(frozen=True, slots=True)
class ItemCounts:
    """Items of a list by status; the lanes report it at every pause, so it may lag behind."""

    all: int
    kept: int = 0
    failed: int = 0
    in_doubt: int = 0

    @property
    def open(self) -> int:
        """The items without a final status."""
        return self.all - self.kept - self.failed - self.in_doubt


@dataclass(frozen=True, slots=True)
class AskProgress:
    """The status of one ask: its outcome if it has one, else what it waits for.

    `attempts` counts its calls, `next_attempt_at` is when the next one is due, `waits_for` names
    the needs without an outcome, or the gather with the claim, or the person. `items` counts those
    of a list in progress.
    """

    ask: str
    outcome: OutcomeStatus | None = None
    reason: str | None = None
    attempts: int = 0
    next_attempt_at: datetime | None = None
    waits_for: tuple[str, ...] = ()
    items: ItemCounts | None = None

    @property
    def is_called(self) -> bool:
        """Whether its source is being called, as far as is known."""
        return self.outcome is None and not self.waits_for and self.next_attempt_at is None

    def __post_init__(self) -> None:
        if self.outcome is not None and (self.next_attempt_at or self.waits_for):
            raise ValueError(f"{self.ask} has an outcome, so it waits for nothing")


@dataclass(frozen=True, slots=True)
class Progress:
    """The status of a gather, ask by ask in the plan's order."""

    id: str
    run: int
    status: GatherStatus
    asks: tuple[AskProgress, ...]

    @property
    def reused_asks(self) -> int:
        """How many asks were answered by a receipt that existed, without a call."""
        return sum(ask.outcome is OutcomeStatus.REUSED for ask in self.asks)

    @property
    def open(self) -> tuple[str, ...]:
        """The asks without an outcome."""
        return tuple(ask.ask for ask in self.asks if ask.outcome is None)


def progress_of(
    id: str,
    run: int,
    status: GatherStatus,
    needs: Mapping[str, frozenset[str]],
    outcomes: Mapping[str, Outcome],
) -> Progress:
    """Return the view of a run, computed from its outcomes; `needs` has every ask in order."""
    asks = (_ask_progress(ask, needs, outcomes) for ask in needs)
    return Progress(id, run, status, tuple(asks))


def _ask_progress(
    ask: str, needs: Mapping[str, frozenset[str]], outcomes: Mapping[str, Outcome]
) -> AskProgress:
    outcome = outcomes.get(ask)
    if outcome is None:
        waits_for = tuple(other for other in needs if other in needs[ask] and other not in outcomes)
        return AskProgress(ask, waits_for=waits_for)
    return AskProgress(ask, outcome.status, outcome.reason, attempts=outcome.calls)
