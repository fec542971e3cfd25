from datetime import UTC, datetime

import pytest

from gather_once.model.names import WELCOME, WELCOME_ACTIVITY
from orchestrators.welcome import welcome_orchestrator
from support.orchestration import Call, Steps, Timer, user_function


def asked(name: str) -> Call:
    return Call(WELCOME_ACTIVITY, name, attempts=5, first_pause_ms=1000)


def test_the_function_has_the_name_it_is_started_by() -> None:
    assert user_function(welcome_orchestrator).__name__ == WELCOME


def test_one_is_welcomed_first_then_two_and_three_at_once() -> None:
    steps = Steps(welcome_orchestrator)

    assert steps.begin() == asked("One")
    assert steps.answer("Welcome One!") == [asked("Two"), asked("Three")]
    assert steps.answer(["Welcome Two!", "Welcome Three!"]) is None
    assert steps.output == "Welcome One! Welcome Two! Welcome Three!"


def test_a_failed_first_activity_ends_it_before_the_others_are_asked() -> None:
    steps = Steps(welcome_orchestrator)
    steps.begin()

    with pytest.raises(RuntimeError, match="Oh No"):
        steps.fail(RuntimeError("Oh No"))


def test_nothing_is_yielded_after_two_and_three() -> None:
    steps = Steps(welcome_orchestrator)
    steps.begin()
    steps.answer("Welcome One!")

    with pytest.raises(RuntimeError, match="Oh No"):
        steps.fail(RuntimeError("Oh No"))


def test_a_later_start_is_a_timer_before_everything_and_the_custom_status_says_so() -> None:
    steps = Steps(welcome_orchestrator, {"start_at": "2026-01-31T00:00:00.25Z"})

    assert steps.begin() == Timer(datetime(2026, 1, 31, 0, 0, 0, 250_000, tzinfo=UTC))
    assert steps.status == "scheduled until 2026-01-31T00:00:00.25Z"

    assert steps.answer(None) == asked("One")
    assert steps.status == "started at 2026-01-31T00:00:00.25Z, as scheduled"


@pytest.mark.parametrize("given", [None, {}, {"start_at": None}])
def test_without_a_later_start_there_is_no_timer(given: object) -> None:
    steps = Steps(welcome_orchestrator, given)

    assert steps.begin() == asked("One")
    assert steps.status is None
