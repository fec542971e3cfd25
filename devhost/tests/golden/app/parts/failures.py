"""Failures of activities, children and orchestrators, retries, what does not exist."""

import azure.durable_functions as df

from parts.activities import OwnError
from parts.noting import count, note, now, orchestrator, see


@orchestrator
def f_activity(context):
    yield context.call_activity("boom", context.get_input())


@orchestrator
def f_caught(context):
    try:
        yield context.call_activity("boom", context.get_input())
    except Exception as error:
        see(context, "type", type(error).__name__)
        see(context, "text", str(error))
        see(context, "args", error.args)
    return (yield context.call_activity("echo", "went on"))


@orchestrator
def f_before(context):
    raise OwnError("before the first yield")
    yield


@orchestrator
def f_plain_function(context):
    raise ValueError("no generator\nat all \u00fc")


@orchestrator
def f_after(context):
    yield context.call_activity("noop", None)
    raise ValueError("after the yield, gr\u00fc\u00dfe \U0001f600\nsecond line")


@orchestrator
def f_child(context):
    asked = context.get_input()
    try:
        return (yield context.call_sub_orchestrator(asked["child"], asked.get("input")))
    except Exception as error:
        see(context, "text", str(error))
        if not asked.get("catch"):
            raise
    return "caught"


@orchestrator
def f_grandchild(context):
    return (
        yield context.call_sub_orchestrator("f_child", {"child": "f_activity", "input": "plain"})
    )


@orchestrator
def f_retry(context):
    asked = context.get_input()
    options = df.RetryOptions(asked.get("first", 1000), asked.get("attempts", 3))
    try:
        result = yield context.call_activity_with_retry("flaky", options, asked)
    except Exception as error:
        see(context, "text", str(error))
        if not asked.get("catch"):
            raise
        result = "caught"
    yield context.call_activity("noop", None)
    return result


@orchestrator
def flaky_child(context):
    asked = context.get_input()
    note(
        asked["key"], "attempt's id is the asked one", context.instance_id == asked.get("child_id")
    )
    return (yield context.call_activity("flaky", asked))


@orchestrator
def f_retry_child(context):
    asked = context.get_input()
    options = df.RetryOptions(1000, 3)
    return (
        yield context.call_sub_orchestrator_with_retry(
            "flaky_child", options, asked, asked.get("child_id")
        )
    )


@orchestrator
def f_unknown_activity(context):
    try:
        return (yield context.call_activity("nobody", 1))
    except Exception as error:
        see(context, "text", str(error))
        raise


@orchestrator
def f_unknown_child(context):
    try:
        return (yield context.call_sub_orchestrator("nobody", 1))
    except Exception as error:
        see(context, "text", str(error))
        raise


@orchestrator
def f_unknown_entity(context):
    try:
        return (yield context.call_entity(df.EntityId("nobody", "k"), "get"))
    except Exception as error:
        see(context, "text", str(error))
        raise


@orchestrator
def f_nondeterministic(context):
    """Another activity, kind or number of tasks in each replay."""
    turn = count(f"nondeterministic {context.instance_id}")
    match context.get_input():
        case "name":
            result = yield context.call_activity("echo" if turn == 1 else "describe", turn)
        case "kind":
            if turn == 1:
                result = yield context.call_activity("echo", 1)
            else:
                result = yield context.create_timer(now(context))
        case "fewer":
            if turn == 1:
                result = yield context.call_activity("echo", 1)
            else:
                result = "nothing asked"
        case "more":
            if turn > 1:
                yield context.call_activity("describe", 0)
            result = yield context.call_activity("echo", 1)
        case "input":
            result = yield context.call_activity("echo", turn)
            yield context.call_activity("noop", None)
    return result


@orchestrator
def f_yields_number(context):
    result = yield 5
    return result


@orchestrator
def f_yields_list(context):
    result = yield [context.call_activity("echo", 1)]
    return result
