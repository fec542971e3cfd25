"""What outcomes and progress tell of lists."""

from datetime import UTC, datetime

import pytest

from gather_once.model.outcome import Outcome, OutcomeStatus
from gather_once.model.progress import AskProgress, ItemCounts, Phase, Progress
from gather_once.model.receipt import ReceiptSummary
from gather_once.model.wire import (
    outcome_from_wire,
    outcome_to_wire,
    progress_from_wire,
    progress_to_wire,
)

SUMMARY = ReceiptSummary("k", "d", 4, "application/json", datetime(2026, 5, 4, tzinfo=UTC))
PART = Outcome("a", OutcomeStatus.MISSING, reason="1 of 2 items", partial=SUMMARY)


def test_what_there_is_of_a_list_can_be_read_though_the_list_is_missing() -> None:
    assert PART.readable == SUMMARY
    assert Outcome("a", OutcomeStatus.KEPT, receipt=SUMMARY).readable == SUMMARY
    assert Outcome("a", OutcomeStatus.MISSING, reason="deadline").readable is None


def test_only_what_is_missing_may_be_there_in_part() -> None:
    with pytest.raises(ValueError, match="in part"):
        Outcome("a", OutcomeStatus.KEPT, receipt=SUMMARY, partial=SUMMARY)


def test_a_list_in_part_crosses_the_wire() -> None:
    assert outcome_from_wire(outcome_to_wire(PART)) == PART


def test_how_items_stand_crosses_the_wire() -> None:
    counts = ItemCounts(9, kept=5, failed=1, in_doubt=2)
    progress = Progress("g", 1, Phase.RUNNING, (AskProgress("a", items=counts),))
    wire = progress_to_wire(progress)

    assert wire["asks"]["a"]["items"] == {
        "all": 9,
        "open": 1,
        "kept": 5,
        "failed": 1,
        "in_doubt": 2,
    }
    assert progress_from_wire(wire) == progress
