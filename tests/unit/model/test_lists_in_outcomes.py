"""What outcomes and progress tell of lists."""

from datetime import UTC, datetime

import pytest

from gather_once.model.outcome import Outcome, OutcomeStatus
from gather_once.model.receipt import ReceiptSummary
from gather_once.model.wire import (
    outcome_from_wire,
    outcome_to_wire,
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
