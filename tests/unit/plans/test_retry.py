from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gather_once.model.fault import Fault, FaultKind
from gather_once.plans.retry import GiveUp, NextTry, RetryPolicy, TryAgain, next_try

NOW = datetime(2030, 1, 31, 6, tzinfo=UTC)
PASSING = Fault(FaultKind.PASSING, "503")
STEADY = RetryPolicy(
    max_attempts=3, first_interval=timedelta(seconds=10), backoff_coefficient=2, jitter=0
)


def after(
    made: int, fault: Fault = PASSING, *, deadline: datetime = NOW + timedelta(days=1)
) -> NextTry:
    return next_try(STEADY, made=made, fault=fault, now=NOW, deadline=deadline, key="k")


def test_pauses_grow_by_the_factor_up_to_the_longest() -> None:
    retry = RetryPolicy(
        first_interval=timedelta(seconds=1), max_interval=timedelta(seconds=5), jitter=0
    )
    pauses = [retry.pause_after(n, "k").total_seconds() for n in range(1, 5)]
    assert pauses == [1, 2, 4, 5]


def test_a_pause_is_the_same_each_time_but_differs_between_keys() -> None:
    retry = RetryPolicy(jitter=1)
    assert retry.pause_after(3, "k") == retry.pause_after(3, "k")
    assert retry.pause_after(3, "k") != retry.pause_after(3, "l")
    assert retry.pause_after(3, "k") / retry.pause_after(4, "k") != 0.5


@given(st.integers(1, 100), st.text(max_size=5), st.floats(1, 10), st.floats(0, 1))
def test_a_pause_never_swings_further_than_the_jitter(
    attempt: int, key: str, factor: float, jitter: float
) -> None:
    steady = RetryPolicy(backoff_coefficient=factor, jitter=0).pause_after(attempt, key)
    pause = RetryPolicy(backoff_coefficient=factor, jitter=jitter).pause_after(attempt, key)
    assert abs(pause - steady) <= steady * jitter + timedelta(microseconds=2)


def test_jitter_goes_both_ways() -> None:
    pauses = [RetryPolicy(jitter=0.2).pause_after(1, f"key{n}").total_seconds() for n in range(200)]
    assert min(pauses) < 0.85
    assert max(pauses) > 1.15


def test_no_pause_is_a_pause_too() -> None:
    assert RetryPolicy(first_interval=timedelta(0)).pause_after(9, "k") == timedelta(0)


def test_a_passing_fault_is_tried_again_after_the_pause() -> None:
    assert after(2) == TryAgain(NOW + timedelta(seconds=20))


def test_the_last_attempt_is_the_last() -> None:
    assert after(3) == GiveUp("3 of 3 attempts failed")


@pytest.mark.parametrize("kind", [FaultKind.REFUSED, FaultKind.BROKEN])
def test_what_cannot_pass_is_not_tried_again(kind: FaultKind) -> None:
    assert after(1, Fault(kind, "no")) == GiveUp(kind.value)


def test_a_source_that_says_when_is_not_asked_before() -> None:
    later = NOW + timedelta(hours=1)
    assert after(1, Fault(FaultKind.THROTTLED, "429", until=later)) == TryAgain(later)


def test_a_source_that_says_soon_still_gets_the_pause() -> None:
    soon = Fault(FaultKind.THROTTLED, "429", until=NOW)
    assert after(1, soon) == TryAgain(NOW + timedelta(seconds=10))


def test_a_pause_is_cut_at_the_deadline() -> None:
    deadline = NOW + timedelta(seconds=3)
    assert after(1, deadline=deadline) == TryAgain(deadline)


def test_at_the_deadline_nothing_is_tried_again() -> None:
    assert after(1, deadline=NOW) == GiveUp("deadline")


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_attempts": 0},
        {"max_attempts": 1.5},
        {"max_attempts": "3"},
        {"backoff_coefficient": 0.5},
        {"backoff_coefficient": float("nan")},
        {"backoff_coefficient": "2"},
        {"jitter": 1.1},
        {"jitter": -0.1},
        {"first_interval": "PT10M"},
        {"first_interval": "P1M"},
        {"max_interval": 5},
        {"pauses": 3},
    ],
)
def test_impossible_patience_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        RetryPolicy.model_validate(wrong)


def test_patience_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        RetryPolicy().max_attempts = 9
