"""What is suspended, terminated, rewound, restarted."""

from parts.noting import count, orchestrator, see


@orchestrator
def s_waits(context):
    """Waits for "go"; with a child and an activity before, if asked."""
    asked = context.get_input() or {}
    if asked.get("activity"):
        yield context.call_activity("echo", "before")
    context.set_custom_status("waiting")
    value = yield context.wait_for_external_event("go")
    context.set_custom_status("over")
    return value


@orchestrator
def s_parent(context):
    asked = context.get_input()
    context.set_custom_status("waiting")
    try:
        return (yield context.call_sub_orchestrator("s_waits", None, asked["child"]))
    except Exception as error:
        return see(context, "child's failure", str(error))


@orchestrator
def s_steps(context):
    """Three events, the status after each."""
    got = []
    for name in ("one", "two", "three"):
        context.set_custom_status({"got": got, "waits": name})
        got.append((yield context.wait_for_external_event(name)))
    return got


@orchestrator
def s_naps(context):
    context.set_custom_status("napping")
    return (yield context.call_activity("nap", {"seconds": 3, "value": "slept"}))


@orchestrator
def s_flaky(context):
    asked = context.get_input()
    yield context.call_activity("echo", "before")
    return (yield context.call_activity("flaky", asked))


@orchestrator
def s_flaky_parent(context):
    asked = context.get_input()
    first = yield context.call_activity("echo", "before")
    return [first, (yield context.call_sub_orchestrator("s_flaky", asked))]


@orchestrator
def s_raises_once(context):
    """Its own code fails the first time."""
    yield context.call_activity("noop", None)
    if count(f"raises once {context.instance_id}") == 1:
        raise ValueError("the first time")
    return "over"


@orchestrator
def CaseSensitive(context):  # noqa: N802  its case is what is tried
    return context.get_input()
    yield
