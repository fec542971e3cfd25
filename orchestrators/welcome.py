"""The orchestration of Welcome: one unreliable activity, then two at once, each tried again."""

from collections.abc import Generator
from datetime import datetime
from typing import Any

import azure.durable_functions as df

from gather_once.model.names import WELCOME_ACTIVITY

blueprint = df.Blueprint()

_FIVE_TIMES = df.RetryOptions(first_retry_interval_in_milliseconds=1000, max_number_of_attempts=5)


@blueprint.orchestration_trigger(context_name="context")
def welcome_orchestrator(
    context: df.DurableOrchestrationContext,
) -> Generator[Any, Any, str]:
    """Welcome One, then Two and Three; input `{"start_at": ISO time or null}`, returns one line.

    A `task_all` fails with the first of its tasks, while the host goes on with the others, so
    nothing may be yielded after it: here it is the last.
    """
    start_at = (context.get_input(expected_type=dict) or {}).get("start_at")
    if start_at is not None:
        context.set_custom_status(f"scheduled until {start_at}")
        yield context.create_timer(datetime.fromisoformat(start_at))
        context.set_custom_status(f"started at {start_at}, as scheduled")
    first = yield _welcome(context, "One")
    others = yield context.task_all([_welcome(context, "Two"), _welcome(context, "Three")])
    return " ".join([first, *others])


def _welcome(context: df.DurableOrchestrationContext, name: str) -> Any:  # noqa: ANN401 - the SDK's task
    return context.call_activity_with_retry(WELCOME_ACTIVITY, _FIVE_TIMES, name)
