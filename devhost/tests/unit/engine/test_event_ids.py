"""Which event ids each construct takes: host and SDK count them apart, and must agree."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import azure.durable_functions as df
import pytest

from devhost.engine.records import Status
from devhost_support.durable import Bench, Benches

Context = df.DurableOrchestrationContext
THREE_TIMES = df.RetryOptions(first_retry_interval_in_milliseconds=60_000, max_number_of_attempts=3)

pytestmark = pytest.mark.parametrize("one_at_a_time", [False, True], ids=["batched", "one by one"])


class Failing:
    """Activities that fail so many times for each input, then return how often they were called."""

    def __init__(self) -> None:
        self.calls: dict[int, int] = {}

    def __call__(self, failures: int) -> int:
        self.calls[failures] = self.calls.get(failures, 0) + 1
        if self.calls[failures] <= failures:
            raise ValueError("boom")
        return self.calls[failures]


def later(context: Context, **span: float) -> Any:
    return context.create_timer(context.current_utc_datetime + timedelta(**span))


def single(context: Context) -> Any:
    yield context.call_activity("note", 1)
    yield later(context, minutes=1)
    yield context.call_sub_orchestrator("child")
    yield context.call_activity("note", 2)


def compound(context: Context) -> Any:
    """Children left to right, depth first."""
    inner: Any = context.task_all([context.call_activity("note", 2), later(context, minutes=1)])
    yield context.task_all(
        [context.call_activity("note", 1), inner, context.call_sub_orchestrator("child")]
    )
    yield context.call_activity("note", 3)


def waits(context: Context) -> Any:
    """A wait for an event takes none."""
    yield context.task_any([context.wait_for_external_event("go"), later(context, minutes=1)])
    yield context.call_activity("note", 1)


def never_yielded(context: Context) -> Any:
    """What is made and never yielded takes none."""
    context.call_activity("note", 0)
    context.new_guid()
    yield context.call_activity("note", 1)


def continued(context: Context) -> Any:
    """Each execution counts anew."""
    turn: Any = context.get_input()
    yield context.call_activity("note", turn)
    yield later(context, minutes=1)
    if not turn:
        context.continue_as_new("second")


def exhausted(context: Context) -> Any:
    """One more timer after the last failure."""
    try:
        yield context.call_activity_with_retry("failing", THREE_TIMES, 9)
    except Exception:  # noqa: BLE001  the SDK raises nothing narrower
        yield context.call_activity("note", 1)


def retried_side_by_side(context: Context) -> Any:
    tasks = [context.call_activity_with_retry("failing", THREE_TIMES, n) for n in (2, 0, 1)]
    yield context.task_all([*tasks, context.call_activity("note", 0)])
    yield context.call_activity("note", 1)


def retried_child(context: Context) -> Any:
    yield context.call_sub_orchestrator_with_retry("failing_child", THREE_TIMES, 1)


def cancelled(context: Context) -> Any:
    """The timer keeps its id, and holds nothing up."""
    limit: Any = later(context, days=1)
    yield context.task_any([context.call_activity("note", 1), limit])
    limit.cancel()
    yield context.call_activity("note", 2)


def twenty_days(context: Context) -> Any:
    """Five hops of three days, one of five."""
    yield later(context, days=20)


def raced_again(context: Context) -> Any:
    """A compound with nothing new in it takes none."""
    tasks: list[Any] = [later(context, minutes=n) for n in (1, 2, 3)]
    while tasks:
        tasks.remove((yield context.task_any(tasks)))
    yield context.call_activity("note", 1)


def child(context: Context) -> Any:
    yield context.call_activity("note", 0)


def failing_child(context: Context) -> Any:
    return (yield context.call_activity("failing", context.get_input()))


def tasks(*numbers: int) -> list[tuple[str, int]]:
    return [("task", number) for number in numbers]


def timers(*numbers: int) -> list[tuple[str, int]]:
    return [("timer", number) for number in numbers]


ROWS = [
    (single, [*tasks(0), *timers(1), ("child", 2), *tasks(3)]),
    (compound, [*tasks(0, 1), *timers(2), ("child", 3), *tasks(4)]),
    (waits, [*timers(0), *tasks(1)]),
    (never_yielded, tasks(0)),
    (continued, [*tasks(0), *timers(1)]),
    (exhausted, [*tasks(0), *timers(1), *tasks(2), *timers(3), *tasks(4), *timers(5), *tasks(6)]),
    (
        retried_side_by_side,  # fail0 -> timer 4, fail2 -> timer 5; both fire; fail6 -> timer 8
        [*tasks(0, 1, 2, 3), *timers(4, 5), *tasks(6, 7), *timers(8), *tasks(9, 10)],
    ),
    (retried_child, [("child", 0), *timers(1), ("child", 2)]),
    (cancelled, [*tasks(0), *timers(1), *tasks(2)]),
    (twenty_days, timers(0, 1, 2, 3, 4, 5)),
    (raced_again, [*timers(0, 1, 2), *tasks(3)]),
]
ORCHESTRATORS = {"child": child, "failing_child": failing_child}


@pytest.mark.parametrize(("orchestrator", "ids"), ROWS, ids=[row[0].__name__ for row in ROWS])
def test_ids_are_taken_in_the_order_of_the_extension(
    bench: Benches,
    orchestrator: Callable[..., Any],
    ids: list[tuple[str, int]],
    *,
    one_at_a_time: bool,
) -> None:
    activities = {"note": lambda value: value, "failing": Failing()}

    @bench({"o": orchestrator, **ORCHESTRATORS}, activities)
    async def _(bench: Bench) -> None:
        bench.engine.scheduler.one_message_per_episode = one_at_a_time
        record = await bench.run("o")
        assert record.status is Status.COMPLETED, record.output
        assert bench.ids(record.instance_id) == ids
        assert bench.engine.scheduler.divergences == []


def hops(fires: Iterable[str]) -> list[str]:
    return [at[:10] for at in fires]


def test_a_long_timer_hops_by_three_days_while_more_than_six_are_left(
    bench: Benches, *, one_at_a_time: bool
) -> None:
    @bench({"o": twenty_days})
    async def _(bench: Bench) -> None:
        bench.engine.scheduler.one_message_per_episode = one_at_a_time
        record = await bench.run("o")
        history = bench.engine.history(record.instance_id)
        assert hops(e["FireAt"] for e in history if e["EventType"] == 10) == [
            *("2026-01-04", "2026-01-07", "2026-01-10", "2026-01-13", "2026-01-16", "2026-01-21")
        ]


def test_a_child_without_an_id_of_its_own_gets_one_from_execution_and_event(
    bench: Benches, *, one_at_a_time: bool
) -> None:
    @bench({"o": retried_child, **ORCHESTRATORS}, {"failing": Failing()})
    async def _(bench: Bench) -> None:
        bench.engine.scheduler.one_message_per_episode = one_at_a_time
        record = await bench.run("o")
        history = bench.engine.history(record.instance_id)
        execution = history[1]["OrchestrationInstance"]["ExecutionId"]
        children = [e["InstanceId"] for e in history if e["EventType"] == 7]
        assert children == [f"{execution}:0", f"{execution}:2"]


def test_a_childs_own_id_is_used_again_by_each_attempt(
    bench: Benches, *, one_at_a_time: bool
) -> None:
    def named(context: Context) -> Any:
        retried = context.call_sub_orchestrator_with_retry
        return (yield retried("failing_child", THREE_TIMES, 2, "kid"))

    @bench({"o": named, **ORCHESTRATORS}, {"failing": Failing()})
    async def _(bench: Bench) -> None:
        bench.engine.scheduler.one_message_per_episode = one_at_a_time
        record = await bench.run("o")
        history = bench.engine.history(record.instance_id)
        assert [e["InstanceId"] for e in history if e["EventType"] == 7] == ["kid"] * 3
        assert record.output == "3"


def test_retries_are_paused_from_the_episodes_beginning(
    bench: Benches, *, one_at_a_time: bool
) -> None:
    @bench({"o": exhausted}, {"note": lambda value: value, "failing": Failing()})
    async def _(bench: Bench) -> None:
        bench.engine.scheduler.one_message_per_episode = one_at_a_time
        began = bench.now
        record = await bench.run("o")
        history = bench.engine.history(record.instance_id)
        pauses = [e["FireAt"][14:19] for e in history if e["EventType"] == 10]
        assert pauses == ["01:00", "02:00", "02:00"]
        assert bench.now - began == timedelta(minutes=2)
