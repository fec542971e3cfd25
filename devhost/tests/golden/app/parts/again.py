"""continue_as_new."""

from datetime import timedelta

from parts.noting import now, orchestrator, see


@orchestrator
def w_again(context):
    """continue_as_new through a list of inputs."""
    asked = context.get_input()
    see(context, "input", asked)
    see(context, "new execution starts fresh", context.is_replaying)
    if isinstance(asked, dict) and asked.get("next"):
        context.set_custom_status({"left": len(asked["next"])})
        yield context.call_activity("noop", None)
        head, *tail = asked["next"]
        context.continue_as_new(head if not tail else {"next": tail})
        return None
    yield context.call_activity("noop", None)
    return asked


@orchestrator
def w_again_value(context):
    """continue_as_new with a value of each kind."""
    asked = context.get_input()
    see(context, "input", asked)
    if isinstance(asked, dict) and "wrap" in asked:
        yield context.call_activity("noop", None)
        context.continue_as_new(asked["wrap"])
        return None
    return asked


@orchestrator
def w_again_at_once(context):
    """continue_as_new before the first yield."""
    asked = context.get_input()
    if asked < 3:
        context.continue_as_new(asked + 1)
        return None
    return asked
    yield


@orchestrator
def w_again_events(context):
    """Divergence 6: events that nobody has awaited yet."""
    asked = context.get_input()
    context.set_custom_status({"turn": asked["turn"]})
    if asked["turn"] == 0:
        yield context.create_timer(now(context) + timedelta(seconds=3))
        context.continue_as_new({"turn": 1})
        return None
    return (yield context.wait_for_external_event("go"))


@orchestrator
def w_again_spaced(context):
    """Each execution takes one event."""
    asked = context.get_input()
    context.set_custom_status({"turn": asked["turn"]})
    value = yield context.wait_for_external_event("go")
    got = [*asked["got"], value]
    if len(got) == 3:
        return got
    context.continue_as_new({"turn": asked["turn"] + 1, "got": got})


@orchestrator
def w_again_activity(context):
    """continue_as_new while an activity is running."""
    asked = context.get_input()
    if asked["turn"] == 0:
        slow = context.call_activity("nap", {"seconds": 2, "value": "slow"})
        yield context.task_any([slow, context.call_activity("echo", 1)])
        context.continue_as_new({"turn": 1})
        return None
    return (yield context.call_activity("echo", "second execution"))


@orchestrator
def w_again_return(context):
    """continue_as_new and a return value."""
    asked = context.get_input()
    yield context.call_activity("noop", None)
    if asked == 0:
        context.continue_as_new(1)
        return "a value beside it"
    return "over"


@orchestrator
def w_again_then_yield(context):
    """continue_as_new, then one more yield."""
    asked = context.get_input()
    if asked == 0:
        context.continue_as_new(1)
        yield context.call_activity("echo", "after continue_as_new")
        return "not reached"
    yield context.call_activity("noop", None)
    return "over"
