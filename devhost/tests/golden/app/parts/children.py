"""Children, and what a context offers."""

from datetime import timedelta

from parts.noting import note, now, orchestrator, see


@orchestrator
def w_child(context):
    asked = context.get_input()
    context.set_custom_status("calls")
    result = yield context.call_sub_orchestrator(
        asked["child"], asked.get("input"), asked.get("id")
    )
    return see(context, "result", result)


@orchestrator
def w_who(context):
    """Who am I? Ids in comparison, since they are made up."""
    parent = context.parent_instance_id
    note(parent or context.instance_id, "child", {"parent": parent, "id": context.instance_id})
    return {"parent": parent, "id": context.instance_id}
    yield


@orchestrator
def w_nested(context):
    depth = context.get_input()
    if depth == 0:
        return (yield context.call_activity("echo", "deepest"))
    return [depth, (yield context.call_sub_orchestrator("w_nested", depth - 1))]


@orchestrator
def w_guids(context):
    first, second = context.new_uuid(), context.new_guid()
    yield context.call_activity("noop", None)
    third = context.new_uuid()
    yield context.call_activity("noop", None)
    see(context, "type", [type(first).__name__, type(second).__name__])
    note(context.instance_id, "first", first)
    note(context.instance_id, "second", second)
    note(context.instance_id, "third", third)
    return {"distinct": len({first, str(second), third}) == 3, "length": len(first)}


@orchestrator
def w_clock(context):
    """The time moves on between episodes, not within one; it is the same in each replay."""
    times = [now(context)]
    times.append(now(context))
    yield context.create_timer(now(context) + timedelta(seconds=1))
    times.append(now(context))
    yield context.call_activity("noop", None)
    times.append(now(context))
    note(context.instance_id, "zone", str(times[0].tzinfo))
    note(context.instance_id, "first", str(times[0]))
    return {
        "within an episode": times[0] == times[1],
        "after a timer": times[2] > times[1],
        "never backwards": times == sorted(times),
        "timer's length": timedelta(seconds=1) <= times[2] - times[1] < timedelta(seconds=6),
    }


@orchestrator
def w_replaying(context):
    seen = []
    seen.append(context.is_replaying)
    note(context.instance_id, "at the start", context.is_replaying)
    yield context.call_activity("noop", None)
    note(context.instance_id, "after one", context.is_replaying)
    yield context.call_activity("noop", None)
    note(context.instance_id, "after two", context.is_replaying)
    return "over"


@orchestrator
def w_context(context):
    """What else the context offers."""
    note(context.instance_id, "parent", context.parent_instance_id)
    note(context.instance_id, "version", getattr(context, "version", "no such attribute"))
    note(context.instance_id, "function_context", context.function_context.__dict__)
    note(context.instance_id, "histories", [str(one.event_type) for one in context.histories])
    yield context.call_activity("noop", None)
    return "over"
