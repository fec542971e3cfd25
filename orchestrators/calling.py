"""Calls activities so that no caller fails: crashes are retried, lost storage is waited out."""

from collections.abc import Generator
from datetime import datetime, timedelta
from typing import Any, Final

import azure.durable_functions as df

Steps = Generator[Any, Any, Any]
"""What an orchestrator yields are the SDK's tasks; their results are plain JSON."""

OUT_OF_REACH: Final = "out_of_reach"
"""What every activity answers while storage does not."""
CRASHED: Final[dict[str, Any]] = {"status": "crashed"}
"""What stands for the answer of an activity that never came to one."""

_CRASHES: Final = df.RetryOptions(
    first_retry_interval_in_milliseconds=5_000, max_number_of_attempts=12
)
_PATIENCE_WITH_STORAGE: Final = timedelta(days=1)
_SHORTEST, _LONGEST = timedelta(seconds=2), timedelta(hours=1)


def received(context: df.DurableOrchestrationContext) -> dict[str, Any]:
    """Return what the orchestrator was started with; always an object here."""
    given: dict[str, Any] = context.get_input(expected_type=dict) or {}
    return given


def call(context: df.DurableOrchestrationContext, activity: str, given: object) -> Steps:
    """Call an activity and return its answer, CRASHED when that cannot be had.

    The call is yielded alone: a task that may still have retries ahead must have no siblings. A
    failure is caught here, since on its way up its text doubles at each level.
    """
    began = context.current_utc_datetime
    while True:
        try:
            answer = yield context.call_activity_with_retry(activity, _CRASHES, given)
        except Exception:  # noqa: BLE001  the SDK raises nothing narrower for a failed activity
            return CRASHED
        if answer["status"] != OUT_OF_REACH:
            return answer
        if context.current_utc_datetime - began > _PATIENCE_WITH_STORAGE:
            return CRASHED
        yield context.create_timer(next_look(context.current_utc_datetime, began))


def next_look(now: datetime, began: datetime) -> datetime:
    """Return when to look again for what was waited for since `began`.

    After a tenth of the time waited so far, from 2 seconds to an hour: a month takes fewer than 800
    looks, and none is late by more than a tenth.
    """
    return now + min(max((now - began) / 10, _SHORTEST), _LONGEST)
