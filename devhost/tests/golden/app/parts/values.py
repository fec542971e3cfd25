"""Values on their way through inputs, results, events, statuses and children."""

from datetime import UTC, datetime

from parts.noting import note, orchestrator, see


@orchestrator
def v_pass(context):
    value = see(context, "input", context.get_input())
    see(context, "activity got", (yield context.call_activity("describe", value)))
    result = yield context.call_activity("echo", value)
    see(context, "activity result", result)
    return result


@orchestrator
def v_output(context):
    """The input is the output; nothing is yielded."""
    return see(context, "input", context.get_input())


@orchestrator
def v_status(context):
    context.set_custom_status(see(context, "input", context.get_input()))
    yield context.wait_for_external_event("go")
    return see(context, "custom status", context.custom_status)


@orchestrator
def v_event(context):
    see(context, "sdk", (yield context.wait_for_external_event("sdk")))
    value = see(context, "raw", (yield context.wait_for_external_event("raw")))
    return value


@orchestrator
def v_child(context):
    value = see(context, "input", context.get_input())
    result = yield context.call_sub_orchestrator("v_child_inner", value)
    see(context, "child result", result)
    return result


@orchestrator
def v_child_inner(context):
    value = context.get_input()
    note(context.parent_instance_id, "child input", value)
    return value


@orchestrator
def v_odd(context):
    see(context, "result", (yield context.call_activity("odd", context.get_input())))
    return "done"


@orchestrator
def v_odd_output(context):
    yield context.call_activity("noop", None)
    match context.get_input():
        case "set":
            return {1, 2}
        case "nan":
            return float("nan")
        case "datetime":
            return datetime(2001, 2, 3, tzinfo=UTC)
        case "bytes":
            return b"bytes"
        case "tuple":
            return (1, (2, 3))
        case "intkeys":
            return {1: "a", None: "b", True: "c"}


@orchestrator
def v_no_argument(context):
    """An activity called without input, and one that is async."""
    see(context, "without", (yield context.call_activity("describe")))
    see(context, "async", (yield context.call_activity("in_async", "x")))
    return "done"
