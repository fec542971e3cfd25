"""Custom statuses, long texts, a signal."""

import azure.durable_functions as df

from parts.noting import orchestrator, see


@orchestrator
def w_status(context):
    """Custom status before the first yield, changed, cleared."""
    for value in context.get_input():
        context.set_custom_status(value)
        yield context.wait_for_external_event("next")
    return context.custom_status


@orchestrator
def w_status_end(context):
    """Custom status set in the last episode, after the last yield."""
    context.set_custom_status("first")
    yield context.call_activity("noop", None)
    context.set_custom_status({"last": True})
    return "over"


@orchestrator
def w_big(context):
    """Long texts as input, activity input, result, output."""
    value = context.get_input()
    see(context, "input's length", len(value))
    see(context, "activity saw", (yield context.call_activity("size", value)))
    return "over"


@orchestrator
def w_big_result(context):
    value = yield context.call_activity("big", context.get_input())
    see(context, "result's length", len(value))
    return value


@orchestrator
def w_big_event(context):
    context.set_custom_status("waiting")
    value = yield context.wait_for_external_event("go")
    return len(value)


@orchestrator
def w_big_status(context):
    asked = context.get_input()
    yield context.call_activity("noop", None)
    context.set_custom_status(asked["char"] * asked["length"])
    yield context.call_activity("echo", "after the status")
    return "over"


@orchestrator
def w_signal(context):
    context.signal_entity(df.EntityId("nobody", "k"), "add", 1)
    return (yield context.call_activity("echo", "signalled"))
