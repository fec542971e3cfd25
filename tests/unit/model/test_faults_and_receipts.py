import pickle
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gather_once.model.fault import Fault, FaultKind, SourceFailed
from gather_once.model.outcome import Outcome, OutcomeStatus, missing
from gather_once.model.receipt import Inline, Receipt, digest_of

NOW = datetime(2030, 1, 31, 6, tzinfo=UTC)


def a_receipt(**changes: Any) -> Receipt:
    fields: dict[str, Any] = {
        "key": "k",
        "generation": 1,
        "digest": digest_of(b"{}"),
        "size": 2,
        "media_type": "application/json",
        "obtained_at": NOW,
        "by": "q3",
        "attempts": 1,
        "payload": Inline(b"{}"),
    }
    return Receipt(**fields | changes)


def test_a_long_message_is_cut_at_500_characters() -> None:
    fault = Fault(FaultKind.BROKEN, "x" * 501)
    assert len(fault.message) == 500
    assert fault.message.endswith("…")
    assert Fault(FaultKind.BROKEN, "x" * 500).message == "x" * 500


def test_a_throttled_fault_says_until_when() -> None:
    with pytest.raises(ValueError, match="until"):
        Fault(FaultKind.THROTTLED, "429")


def test_the_moment_of_a_fault_has_a_time_zone() -> None:
    with pytest.raises(ValueError, match="aware"):
        Fault(FaultKind.THROTTLED, "429", until=NOW.replace(tzinfo=None))


def test_a_failed_source_carries_its_fault_also_between_processes() -> None:
    failed = SourceFailed(Fault(FaultKind.REFUSED, "404"))
    copy = pickle.loads(pickle.dumps(failed))  # noqa: S301  # our own, made one line above
    assert copy.fault == failed.fault
    assert str(failed) == "refused: 404"


def test_a_receipt_answers_as_long_as_its_reader_says() -> None:
    receipt = a_receipt()
    day = timedelta(days=1)
    assert receipt.is_fresh(NOW + day - timedelta(seconds=1), day)
    assert not receipt.is_fresh(NOW + day, day)
    assert receipt.is_fresh(NOW + 10_000 * day, None)


@pytest.mark.parametrize(
    "wrong",
    [{"size": 3}, {"generation": 0}, {"attempts": -1}, {"obtained_at": NOW.replace(tzinfo=None)}],
)
def test_a_receipt_that_contradicts_itself_cannot_be_made(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"size|generations|aware"):
        a_receipt(**wrong)


@pytest.mark.parametrize("status", [OutcomeStatus.KEPT, OutcomeStatus.REUSED])
def test_an_answer_has_a_receipt_and_no_reason(status: OutcomeStatus) -> None:
    assert Outcome("a", status, receipt=a_receipt().summary).status.has_answer
    with pytest.raises(ValueError, match="receipt"):
        Outcome("a", status)
    with pytest.raises(ValueError, match="neither"):
        Outcome("a", status, reason="why not", receipt=a_receipt().summary)


def test_what_is_missing_has_a_reason_and_no_receipt() -> None:
    assert missing("a", "deadline").reason == "deadline"
    with pytest.raises(ValueError, match="reason"):
        Outcome("a", OutcomeStatus.MISSING)
    with pytest.raises(ValueError, match="receipt"):
        Outcome("a", OutcomeStatus.MISSING, reason="deadline", receipt=a_receipt().summary)


def test_doubt_has_no_receipt() -> None:
    assert not Outcome("a", OutcomeStatus.IN_DOUBT).status.has_answer
    with pytest.raises(ValueError, match="receipt"):
        Outcome("a", OutcomeStatus.IN_DOUBT, receipt=a_receipt().summary)
