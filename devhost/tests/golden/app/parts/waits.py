"""Timers and external events."""

from datetime import timedelta, timezone

from parts.noting import HOUR, now, orchestrator, see


@orchestrator
def w_timer(context):
    asked = context.get_input()
    for seconds in asked["seconds"]:
        result = yield context.create_timer(now(context) + timedelta(seconds=seconds))
        see(context, "result", result)
    return "over"


@orchestrator
def w_timer_naive(context):
    yield context.create_timer(now(context).replace(tzinfo=None) + timedelta(seconds=1))
    return "over"


@orchestrator
def w_timer_zone(context):
    zone = timezone(timedelta(hours=5, minutes=30))
    yield context.create_timer(now(context).astimezone(zone) + timedelta(seconds=1))
    return "over"


@orchestrator
def w_timer_cancelled(context):
    """Cancelled before it was ever yielded, and after."""
    never = context.create_timer(now(context) + HOUR)
    quick = context.create_timer(now(context) + timedelta(seconds=1))
    yield context.task_any([never, quick])
    never.cancel()
    return (yield context.call_activity("echo", "over"))


@orchestrator
def w_timers(context):
    tasks = [context.create_timer(now(context) + timedelta(seconds=one)) for one in (3, 1, 2)]
    order = []
    left = list(tasks)
    for task in left:
        yield task
        order.append(tasks.index(task))
    return order


@orchestrator
def w_event(context):
    asked = context.get_input() or {}
    context.set_custom_status("waiting")
    results = []
    for name in asked.get("names", ["go"]):
        results.append((yield context.wait_for_external_event(name)))  # noqa: PERF401  it yields
    return results


@orchestrator
def w_event_late_wait(context):
    """Divergence 5: events come while a timer runs."""
    asked = context.get_input()
    context.set_custom_status("timer")
    yield context.create_timer(now(context) + timedelta(seconds=3))
    context.set_custom_status("waits")
    results = []
    for name in asked["names"]:
        results.append((yield context.wait_for_external_event(name)))
        see(context, "results", list(results))
    return results


@orchestrator
def w_event_together(context):
    context.set_custom_status("waiting")
    tasks = [context.wait_for_external_event("go"), context.wait_for_external_event("go")]
    return (yield context.task_all(tasks))
