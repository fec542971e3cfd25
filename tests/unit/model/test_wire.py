import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gather_once.model import wire
from gather_once.model.fault import Fault, FaultKind
from gather_once.model.outcome import AttemptRecord, Outcome, OutcomeStatus
from gather_once.model.receipt import Elsewhere, Inline, Receipt, ReceiptSummary, digest_of

TEXTS = st.text(max_size=20)
MOMENTS = st.datetimes(
    min_value=datetime(1980, 1, 1),  # noqa: DTZ001  # Hypothesis adds the zone
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001  # same
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))]),
)
FAULTS = st.builds(
    Fault,
    kind=st.sampled_from(FaultKind),
    message=st.text(max_size=600),
    until=MOMENTS,
    may_have_acted=st.booleans(),
)
ATTEMPTS = st.builds(
    AttemptRecord,
    started_at=MOMENTS,
    ended_at=MOMENTS,
    fault=st.none() | FAULTS,
    by=TEXTS,
)
PAYLOADS = st.builds(Inline, st.binary(max_size=50))
SUMMARIES = st.builds(
    ReceiptSummary,
    key=TEXTS,
    digest=TEXTS,
    size=st.integers(0, 2**40),
    media_type=TEXTS,
    obtained_at=MOMENTS,
    etag=st.none() | TEXTS,
)


@st.composite
def receipts(draw: st.DrawFn) -> Receipt:
    content = draw(st.binary(max_size=50))
    return Receipt(
        key=draw(TEXTS),
        generation=draw(st.integers(1, 9)),
        digest=digest_of(content),
        size=len(content),
        media_type=draw(TEXTS),
        obtained_at=draw(MOMENTS),
        by=draw(TEXTS),
        attempts=draw(st.integers(0, 9)),
        payload=draw(st.just(Inline(content)) | st.builds(Elsewhere, TEXTS)),
        etag=draw(st.none() | TEXTS),
    )


OUTCOMES = st.one_of(
    st.builds(
        Outcome,
        ask=TEXTS,
        status=st.sampled_from([OutcomeStatus.KEPT, OutcomeStatus.REUSED]),
        receipt=SUMMARIES,
        attempts=st.lists(ATTEMPTS, max_size=2).map(tuple),
    ),
    st.builds(
        Outcome,
        ask=TEXTS,
        status=st.sampled_from([OutcomeStatus.MISSING, OutcomeStatus.IN_DOUBT]),
        reason=st.text(min_size=1, max_size=9),
        fault=st.none() | FAULTS,
        attempts=st.lists(ATTEMPTS, max_size=2).map(tuple),
    ),
)


def through_json(value: dict[str, Any]) -> dict[str, Any]:
    again: dict[str, Any] = json.loads(json.dumps(value))
    return again


@given(FAULTS)
def test_a_fault_comes_back_as_it_went(fault: Fault) -> None:
    assert wire.fault_from_wire(through_json(wire.fault_to_wire(fault))) == fault


@given(ATTEMPTS)
def test_an_attempt_comes_back_as_it_went(attempt: AttemptRecord) -> None:
    assert wire.attempt_from_wire(through_json(wire.attempt_to_wire(attempt))) == attempt


@given(receipts())
def test_a_receipt_comes_back_as_it_went(receipt: Receipt) -> None:
    assert wire.receipt_from_wire(through_json(wire.receipt_to_wire(receipt))) == receipt


@given(OUTCOMES)
def test_an_outcome_comes_back_as_it_went(outcome: Outcome) -> None:
    assert wire.outcome_from_wire(through_json(wire.outcome_to_wire(outcome))) == outcome


@pytest.mark.parametrize(
    "read",
    [
        wire.fault_from_wire,
        wire.attempt_from_wire,
        wire.receipt_from_wire,
        wire.outcome_from_wire,
    ],
)
@pytest.mark.parametrize("version", [{}, {"v": 2}, {"v": "1"}])
def test_another_version_is_not_guessed_at(
    read: Callable[[dict[str, Any]], object], version: dict[str, Any]
) -> None:
    with pytest.raises(wire.UnknownVersion, match="only 1 is known"):
        read(version)


def test_moments_are_written_in_utc() -> None:
    moment = datetime(2030, 1, 31, 6, tzinfo=timezone(timedelta(hours=1)))
    assert wire.moment_to_wire(moment) == "2030-01-31T05:00:00Z"
