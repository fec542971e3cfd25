"""When an answer that was paid for gives way to what stands, and when it does not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gather_once.ledger.claims import yields_to
from gather_once.ledger.keys import Asking, KeyBlob
from gather_once.model.receipt import Inline, Receipt

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ASKING = Asking("ab" * 32, "g", 1, attempts=5, may_repeat=True, shared=True, fresh_for=HOUR)


def blob(obtained_at: datetime, keeper: str = "theirs") -> KeyBlob:
    receipt = Receipt(
        *(ASKING.key, 1, "cd" * 32, 2, "application/json", obtained_at, "other", 1, Inline(b"{}"))
    )
    return replace(KeyBlob(), receipt=receipt, keeper=keeper)


@pytest.mark.parametrize(
    ("age", "keeper", "gives_way"),
    [
        pytest.param(timedelta(minutes=5), "theirs", False, id="a fresh one stands"),
        pytest.param(2 * HOUR, "theirs", True, id="a stale one gives way"),
        pytest.param(2 * HOUR, "mine", False, id="one's own stands, its reply was lost"),
    ],
)
def test_a_receipt_that_stands(age: timedelta, keeper: str, *, gives_way: bool) -> None:
    assert yields_to(blob(NOON - age, keeper), NOON, ASKING, "mine", NOON) is gives_way


def test_a_newer_one_stands_even_when_it_is_stale_by_now() -> None:
    late = NOON + 3 * HOUR
    assert not yields_to(blob(NOON + HOUR), NOON, ASKING, "mine", late)


def test_nothing_gives_way() -> None:
    assert yields_to(KeyBlob(), NOON, ASKING, "mine", NOON)
