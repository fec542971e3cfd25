"""task_all and task_any."""

from datetime import timedelta

import azure.durable_functions as df

from parts.noting import HOUR, now, orchestrator, see


@orchestrator
def w_all(context):
    tasks = [context.call_activity("echo", number) for number in range(5)]
    return (yield context.task_all(tasks))


@orchestrator
def w_all_empty(context):
    result = see(context, "result", (yield context.task_all([])))
    return (yield context.call_activity("echo", result))


@orchestrator
def w_any_empty(context):
    see(context, "result", (yield context.task_any([])))
    return (yield context.call_activity("echo", "after"))


@orchestrator
def w_all_mixed(context):
    result = yield context.task_all(
        [
            context.call_activity("echo", "activity"),
            context.create_timer(now(context) + timedelta(seconds=2)),
            context.call_sub_orchestrator("v_output", "child"),
            context.wait_for_external_event("go"),
        ]
    )
    see(context, "result", result)
    return result


@orchestrator
def w_any_activity(context):
    asked = context.get_input() or {}
    limit = context.create_timer(now(context) + timedelta(seconds=asked.get("seconds", 3600)))
    work = context.call_activity("echo", "work")
    winner = yield context.task_any([work, limit])
    see(context, "work has won", winner is work)
    if asked.get("cancel", True):
        limit.cancel()
    return winner.result


@orchestrator
def w_any_timer(context):
    limit = context.create_timer(now(context) + timedelta(seconds=1))
    event = context.wait_for_external_event("go")
    winner = yield context.task_any([event, limit])
    see(context, "timer has won", winner is limit)
    see(context, "timer's result", limit.result)
    return "over"


@orchestrator
def w_any_event(context):
    limit = context.create_timer(now(context) + HOUR)
    event = context.wait_for_external_event("go")
    context.set_custom_status("waiting")
    winner = yield context.task_any([event, limit])
    limit.cancel()
    return [winner is event, event.result]


@orchestrator
def w_any_nested(context):
    """A task_any over a task_all and an event."""
    both = context.task_all([context.call_activity("echo", 1), context.call_activity("echo", 2)])
    event = context.wait_for_external_event("go")
    winner = yield context.task_any([both, event])
    return see(context, "winner", winner.result)


@orchestrator
def w_any_retry(context):
    """Retries against a timer."""
    asked = context.get_input()
    retried = context.call_activity_with_retry("flaky", df.RetryOptions(1500, 3), asked)
    limit = context.create_timer(now(context) + timedelta(seconds=asked["seconds"]))
    winner = yield context.task_any([retried, limit])
    see(context, "timer has won", winner is limit)
    if winner is not limit:
        limit.cancel()
    return (yield context.call_activity("echo", "after"))


@orchestrator
def w_any_failure(context):
    """The winner is a failure."""
    event = context.wait_for_external_event("go")
    try:
        winner = yield context.task_any([context.call_activity("boom", "plain"), event])
        see(context, "winner's result", str(winner.result)[:60])
    except Exception as error:
        see(context, "raised", str(error)[:60])
    return (yield context.call_activity("echo", "after"))


@orchestrator
def w_any_twice(context):
    """A task that has won is yielded again, alone."""
    work = context.call_activity("echo", 1)
    slow = context.create_timer(now(context) + timedelta(seconds=2))
    yield context.task_any([work, slow])
    again = yield work
    yield slow
    return [again, (yield context.call_activity("echo", "after"))]


@orchestrator
def w_any_losers(context):
    """The loser is still running when the function has ended."""
    quick = context.call_activity("echo", "quick")
    slow = context.call_activity("nap", {"seconds": 2, "value": "slow"})
    winner = yield context.task_any([quick, slow])
    return winner.result


@orchestrator
def w_children(context):
    tasks = [context.call_sub_orchestrator("v_output", number) for number in range(3)]
    return (yield context.task_all(tasks))
