"""The cases in which the SDK and the extension go different ways."""

from datetime import timedelta

import azure.durable_functions as df

from parts.noting import now, orchestrator, see


@orchestrator
def d1(context):
    """A task_all of which one task fails: what comes next waits for the timer."""
    asked = context.get_input()
    try:
        timer = context.create_timer(now(context) + timedelta(seconds=4))
        yield context.task_all([context.call_activity("boom", "d1"), timer])
    except Exception:
        if not asked["catch"]:
            raise
        context.set_custom_status("caught")
        started = now(context)
        yield context.call_activity("echo", "clean up")
        late = (now(context) - started).total_seconds()
        return {"clean up was late": late > 2}


@orchestrator
def d1_children(context):
    """The same with children: one fails, the other waits."""
    asked = context.get_input()
    tasks = [
        context.call_sub_orchestrator("f_before"),
        context.call_sub_orchestrator("s_waits", None, asked["child"]),
    ]
    try:
        yield context.task_all(tasks)
    except Exception as error:
        see(context, "caught", str(error)[:60])
    context.set_custom_status("caught")
    return (yield context.call_activity("echo", "clean up"))


@orchestrator
def d2(context):
    """The same, while another task still has retries."""
    asked = context.get_input()
    twice = df.RetryOptions(2500, 2)
    naps = {"boom": (0, 1), "flaky": (1, 0)}[asked["first"]]
    made = [
        lambda: context.call_activity_with_retry(
            "flaky", twice, {"key": asked["key"], "fails": asked["fails"], "nap": naps[1]}
        ),
    ]
    made.insert(asked["at"], lambda: context.call_activity("late_boom", naps[0]))
    tasks = [one() for one in made]
    try:
        yield context.task_all(tasks)
    except Exception as error:
        see(context, "caught", str(error)[:60])
    try:
        result = yield context.call_activity("echo", "clean up")
    except Exception as error:
        see(context, "clean up raised", str(error)[:60])
        raise
    see(context, "clean up gave", result)
    result = yield context.call_activity("echo", "and another")
    see(context, "the other gave", result)
    return result


@orchestrator
def d3(context):
    """call_http, with a 202 or without."""
    asked = context.get_input()
    answer = yield context.call_http(asked["method"], asked["url"], asked.get("content"))
    see(context, "answered", {key: value for key, value in answer.items() if key != "headers"})
    result = yield context.call_activity("echo", "use")
    see(context, "use gave", result)
    return result


@orchestrator
def d4(context):
    """A timer of more than six days in a task_any."""
    asked = context.get_input()
    limit = context.create_timer(now(context) + timedelta(days=asked["days"]))
    event = context.wait_for_external_event("go")
    context.set_custom_status("waiting")
    winner = yield context.task_any([event, limit])
    see(context, "event has won", winner is event)
    limit.cancel()
    return (yield context.call_activity("echo", "next"))


@orchestrator
def d8(context):
    """A compound of old and new tasks."""
    limit = context.create_timer(now(context) + timedelta(seconds=4))
    context.set_custom_status("first")
    yield context.task_any([context.wait_for_external_event("code"), limit])
    context.set_custom_status("second")
    winner = yield context.task_any([context.wait_for_external_event("code"), limit])
    see(context, "timer has won", winner is limit)
    return (yield context.call_activity("echo", "give up"))


@orchestrator
def d8_window(context):
    """A sliding window over task_any."""
    waiting = [
        context.call_activity("nap", {"seconds": seconds, "value": seconds}) for seconds in (1, 4)
    ]
    yield context.task_any(waiting)
    waiting = [waiting[1], context.call_activity("nap", {"seconds": 8, "value": 8})]
    before = now(context)
    yield context.task_any(waiting)
    yield context.call_activity("echo", "third")
    return {"third was late": (now(context) - before).total_seconds() > 5}
