"""Orchestrations through the real SDK on the engine, on a clock that only tests move."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import azure.durable_functions as df
import pytest

from devhost.engine import errors
from devhost.engine.messages import Commit
from devhost.engine.records import InstanceFilter, Status
from devhost.engine.scheduler import EngineOptions
from devhost_support.durable import Bench, Benches, Functions


def failing(times: int) -> Callable[[Any], Any]:
    """An activity that fails so many times, then returns how often it was called."""
    calls: list[Any] = []

    def activity(value: Any) -> int:
        calls.append(value)
        if len(calls) <= times:
            raise ValueError("boom")
        return len(calls)

    return activity


THREE_TIMES = df.RetryOptions(first_retry_interval_in_milliseconds=1000, max_number_of_attempts=3)


def test_a_chain_hands_each_answer_on(bench: Benches) -> None:
    def chain(context: df.DurableOrchestrationContext) -> Any:
        first = yield context.call_activity("double", context.get_input())
        return (yield context.call_activity("double", first))

    @bench({"chain": chain}, {"double": lambda n: n * 2})
    async def _(bench: Bench) -> None:
        record = await bench.run("chain", 5)
        assert (record.status, record.output) == (Status.COMPLETED, "20")
        assert bench.worker.calls == [("double", 5), ("double", 10)]
        assert bench.ids(record.instance_id) == [("task", 0), ("task", 1)]


def test_a_history_has_the_order_of_the_extension(bench: Benches) -> None:
    def one(context: df.DurableOrchestrationContext) -> Any:
        return (yield context.call_activity("double", 1))

    @bench({"one": one}, {"double": lambda n: n * 2})
    async def _(bench: Bench) -> None:
        record = await bench.run("one")
        kinds = [e["EventType"] for e in bench.engine.history(record.instance_id)]
        assert kinds == [12, 0, 4, 13, 12, 5, 1, 13]


@pytest.mark.parametrize(
    ("stores", "shown"), [(False, [None, None]), (True, ['["5"]', '"{\\"a\\": 1}"'])]
)
def test_a_history_keeps_inputs_where_the_app_wants_it(
    bench: Benches, *, stores: bool, shown: list[str | None]
) -> None:
    def parent(context: df.DurableOrchestrationContext) -> Any:
        yield context.call_activity("double", 5)
        return (yield context.call_sub_orchestrator("child", {"a": 1}))

    def child(context: df.DurableOrchestrationContext) -> Any:
        yield context.call_activity("double", 1)

    functions = ({"parent": parent, "child": child}, {"double": lambda n: n * 2})

    @bench(*functions, options=EngineOptions(stores_inputs=stores))
    async def _(bench: Bench) -> None:
        record = await bench.run("parent")
        assert record.status is Status.COMPLETED
        events = bench.engine.history(record.instance_id)
        assert [e["Input"] for e in events if e["EventType"] in {4, 7}] == shown


def test_a_retry_pauses_on_virtual_time_and_succeeds(bench: Benches) -> None:
    def patient(context: df.DurableOrchestrationContext) -> Any:
        return (yield context.call_activity_with_retry("flaky", THREE_TIMES, None))

    @bench({"patient": patient}, {"flaky": failing(2)})
    async def _(bench: Bench) -> None:
        began = bench.now
        record = await bench.run("patient")
        assert (record.status, record.output) == (Status.COMPLETED, "3")
        assert bench.now - began == timedelta(seconds=2)
        assert bench.ids(record.instance_id) == [
            *[("task", 0), ("timer", 1), ("task", 2), ("timer", 3), ("task", 4)]
        ]


def test_the_last_failure_costs_one_more_timer_that_fires_at_once(bench: Benches) -> None:
    def patient(context: df.DurableOrchestrationContext) -> Any:
        return (yield context.call_activity_with_retry("flaky", THREE_TIMES, None))

    @bench({"patient": patient}, {"flaky": failing(9)})
    async def _(bench: Bench) -> None:
        began = bench.now
        record = await bench.run("patient")
        assert record.status is Status.FAILED
        assert bench.now - began == timedelta(seconds=2)
        assert len(bench.worker.calls) == 3
        assert bench.ids(record.instance_id)[-1] == ("timer", 5)
        assert record.output is not None
        assert record.output.startswith(
            "Orchestrator function 'patient' failed: "
            "Activity function 'flaky' failed:  ValueError: boom \n "
        )


@pytest.mark.parametrize("one_at_a_time", [False, True])
def test_retries_inside_task_all_take_their_ids_in_the_order_of_events(
    bench: Benches, *, one_at_a_time: bool
) -> None:
    def wide(context: df.DurableOrchestrationContext) -> Any:
        tasks = [
            context.call_activity_with_retry(name, THREE_TIMES, None)
            for name in ("a", "b", "c", "d")
        ]
        yield context.task_all(tasks)
        return (yield context.call_activity("d", None))

    activities = {"a": failing(2), "b": failing(0), "c": failing(1), "d": failing(0)}

    @bench({"wide": wide}, activities)
    async def _(bench: Bench) -> None:
        bench.engine.scheduler.one_message_per_episode = one_at_a_time
        record = await bench.run("wide")
        assert (record.status, record.output) == (Status.COMPLETED, "2")
        assert sorted(number for _, number in bench.ids(record.instance_id)) == list(range(11))
        assert bench.ids(record.instance_id)[-1] == ("task", 10)


def test_a_timer_waits_thirty_virtual_days_in_hops_of_at_most_six(bench: Benches) -> None:
    def sleeper(context: df.DurableOrchestrationContext) -> Any:
        yield context.create_timer(context.current_utc_datetime + timedelta(days=30))
        return context.current_utc_datetime.isoformat()

    @bench({"sleeper": sleeper})
    async def _(bench: Bench) -> None:
        began = bench.now
        record = await bench.run("sleeper")
        assert record.output is not None
        assert json.loads(record.output) == (began + timedelta(days=30)).isoformat()
        assert len(bench.ids(record.instance_id)) == 9


def test_children_are_awaited_and_their_failure_reaches_the_parent(bench: Benches) -> None:
    def parent(context: df.DurableOrchestrationContext) -> Any:
        good = yield context.call_sub_orchestrator("child", 1, "kid-1")
        try:
            yield context.call_sub_orchestrator("child", 0)
        except Exception as error:  # noqa: BLE001  the SDK raises nothing narrower
            return [good, str(error)]

    def child(context: df.DurableOrchestrationContext) -> Any:
        value = yield context.call_activity("invert", context.get_input())
        return value

    @bench({"parent": parent, "child": child}, {"invert": lambda n: 10 // n})
    async def _(bench: Bench) -> None:
        record = await bench.run("parent")
        assert record.output is not None
        good, text = json.loads(record.output)
        assert good == 10
        assert text.startswith("Orchestrator function 'child' failed: Activity function 'invert'")
        assert text.count("ZeroDivisionError") > 1
        assert bench.status("kid-1").status is Status.COMPLETED


def test_an_event_wakes_its_wait_whatever_its_case_on_the_host(bench: Benches) -> None:
    def waiter(context: df.DurableOrchestrationContext) -> Any:
        return (yield context.wait_for_external_event("go"))

    @bench({"waiter": waiter})
    async def _(bench: Bench) -> None:
        instance_id = bench.engine.start_instance("waiter", None)
        await bench.settle()
        bench.engine.raise_event(instance_id, "go", '{"ok": true}')
        record = await bench.end_of(instance_id)
        assert record.output == '{"ok": true}'


def test_a_timer_that_was_not_cancelled_keeps_the_instance_running(bench: Benches) -> None:
    def racer(context: df.DurableOrchestrationContext) -> Any:
        limit: Any = context.create_timer(context.current_utc_datetime + timedelta(minutes=10))
        event = context.wait_for_external_event("go")
        winner = yield context.task_any([event, limit])
        if winner == event and context.get_input() == "cancel":
            limit.cancel()
        return winner == event

    @bench({"racer": racer})
    async def _(bench: Bench) -> None:
        for value, minutes in (("cancel", 1), ("leave", 10)):
            began = bench.now
            instance_id = bench.engine.start_instance("racer", json.dumps(json.dumps(value)))
            await bench.advance(minutes=1)
            bench.engine.raise_event(instance_id, "go", "1")
            record = await bench.end_of(instance_id)
            assert record.output == "true"
            assert bench.now - began == timedelta(minutes=minutes)


def test_terminate_ends_the_instance_and_leaves_its_children(bench: Benches) -> None:
    def parent(context: df.DurableOrchestrationContext) -> Any:
        yield context.call_sub_orchestrator("sleeper", None, "kid")

    def sleeper(context: df.DurableOrchestrationContext) -> Any:
        yield context.create_timer(context.current_utc_datetime + timedelta(hours=1))

    @bench({"parent": parent, "sleeper": sleeper})
    async def _(bench: Bench) -> None:
        instance_id = bench.engine.start_instance("parent", None)
        await bench.settle()
        bench.engine.terminate(instance_id, "enough")
        await bench.settle()
        record = bench.status(instance_id)
        assert (record.status, record.output) == (Status.TERMINATED, "enough")
        assert bench.status("kid").status is Status.RUNNING
        with pytest.raises(errors.InstanceFinished):
            bench.engine.terminate(instance_id, "again")


def test_a_suspended_instance_acts_only_after_it_is_resumed(bench: Benches) -> None:
    def chain(context: df.DurableOrchestrationContext) -> Any:
        yield context.wait_for_external_event("go")
        return (yield context.call_activity("note", None))

    @bench({"chain": chain}, {"note": lambda _: "done"})
    async def _(bench: Bench) -> None:
        instance_id = bench.engine.start_instance("chain", None)
        await bench.settle()
        bench.engine.suspend(instance_id, "hold")
        bench.engine.raise_event(instance_id, "go", "null")
        await bench.advance(days=1)
        assert bench.status(instance_id).status is Status.SUSPENDED
        assert bench.worker.calls == []
        bench.engine.resume(instance_id, "on")
        record = await bench.end_of(instance_id)
        assert (record.status, record.output) == (Status.COMPLETED, '"done"')


def test_a_custom_status_is_shown_and_kept(bench: Benches) -> None:
    def teller(context: df.DurableOrchestrationContext) -> Any:
        context.set_custom_status({"phase": 1})
        yield context.create_timer(context.current_utc_datetime + timedelta(seconds=1))

    @bench({"teller": teller})
    async def _(bench: Bench) -> None:
        record = await bench.run("teller")
        assert record.custom_status == '{"phase": 1}'


def test_continue_as_new_begins_a_new_execution_with_a_new_history(bench: Benches) -> None:
    def counter(context: df.DurableOrchestrationContext) -> Any:
        count: Any = context.get_input()
        yield context.create_timer(context.current_utc_datetime + timedelta(minutes=1))
        if count == 3:
            return count
        context.continue_as_new(count + 1)
        return None

    @bench({"counter": counter})
    async def _(bench: Bench) -> None:
        began = bench.now
        record = await bench.run("counter", 1)
        assert record.output == "3"
        assert bench.now - began == timedelta(minutes=3)
        assert bench.ids(record.instance_id) == [("timer", 0)]


def test_an_unknown_activity_fails_the_instance_in_words(bench: Benches) -> None:
    def lost(context: df.DurableOrchestrationContext) -> Any:
        yield context.call_activity("nowhere", None)

    @bench({"lost": lost})
    async def _(bench: Bench) -> None:
        record = await bench.run("lost")
        assert record.status is Status.FAILED
        assert record.output is not None
        assert "The function 'nowhere' doesn't exist" in record.output


def test_changed_code_is_found_out(bench: Benches) -> None:
    names = iter(["first", "second"])

    def fickle(context: df.DurableOrchestrationContext) -> Any:
        yield context.call_activity(next(names), None)

    @bench({"fickle": fickle}, {"first": lambda _: 1, "second": lambda _: 2})
    async def _(bench: Bench) -> None:
        record = await bench.run("fickle")
        assert record.status is Status.FAILED
        assert record.output is not None
        assert record.output.startswith("Non-Deterministic workflow detected")


def test_entities_are_refused_by_name(bench: Benches) -> None:
    def caller(context: df.DurableOrchestrationContext) -> Any:
        yield context.call_entity(df.EntityId("counter", "a"), "get")

    @bench({"caller": caller})
    async def _(bench: Bench) -> None:
        record = await bench.run("caller")
        assert record.status is Status.FAILED
        assert "devhost does not run call_entity" in (record.output or "")


def test_a_live_id_is_refused_and_a_finished_one_replaced(bench: Benches) -> None:
    def waiter(context: df.DurableOrchestrationContext) -> Any:
        yield context.wait_for_external_event("go")

    @bench({"waiter": waiter})
    async def _(bench: Bench) -> None:
        bench.engine.start_instance("waiter", None, "one")
        with pytest.raises(errors.InstanceExists, match="status Pending already exists"):
            bench.engine.start_instance("waiter", None, "one")
        await bench.settle()
        bench.engine.raise_event("one", "go", "null")
        await bench.end_of("one")
        bench.engine.start_instance("waiter", None, "one")
        await bench.settle()
        assert bench.status("one").status is Status.RUNNING


def test_a_live_instance_is_replaced_where_host_json_lets_it(bench: Benches) -> None:
    """`overridableExistingInstanceStates`: what the old one is doing is dropped when it is done."""
    has_begun, is_released = asyncio.Event(), asyncio.Event()

    async def slow(value: int) -> int:
        if value == 1:
            has_begun.set()
            await is_released.wait()
        return value

    def chain(context: df.DurableOrchestrationContext) -> Any:
        return (yield context.call_activity("slow", context.get_input()))

    @bench({"chain": chain}, {"slow": slow}, options=EngineOptions(replaces_live=True))
    async def _(bench: Bench) -> None:
        bench.engine.start_instance("chain", '"1"', "one")
        await has_begun.wait()
        bench.engine.start_instance("chain", '"2"', "one")
        is_released.set()
        record = await bench.end_of("one")
        assert (record.status, record.output) == (Status.COMPLETED, "2")
        assert len(bench.ids("one")) == 1


def test_an_episode_of_a_replaced_instance_writes_nothing(bench: Benches) -> None:
    def chain(context: df.DurableOrchestrationContext) -> Any:
        return (yield context.call_activity("same", context.get_input()))

    @bench({"chain": chain}, {"same": lambda value: value})
    async def _(bench: Bench) -> None:
        bench.engine.start_instance("chain", '"1"', "one")
        old = bench.store.execution("one")
        assert old is not None
        bench.store.create(replace(old, execution_id="new", input='"2"'), bench.now)
        assert bench.store.history("one") == []
        bench.store.commit(Commit(old, (), ({"EventType": 13},), Status.COMPLETED, bench.now))
        assert bench.store.history("one") == []
        assert (await bench.end_of("one")).output == "2"


def test_more_histories_than_are_remembered_are_read_again(bench: Benches) -> None:
    def waiter(context: df.DurableOrchestrationContext) -> Any:
        return (yield context.wait_for_external_event("go"))

    @bench({"waiter": waiter})
    async def _(bench: Bench) -> None:
        ids = [bench.engine.start_instance("waiter", None, f"w-{n}") for n in range(70)]
        await bench.settle()
        for one in ids:
            bench.engine.raise_event(one, "go", f'"{one}"')
        await bench.settle()
        assert [bench.status(one).output for one in ids] == [f'"{one}"' for one in ids]
        kept = bench.engine.history("w-0")
        await bench.kill_and_restart()
        assert bench.engine.history("w-0") == kept


def test_a_child_with_the_id_of_a_live_instance_fails_at_its_parent(bench: Benches) -> None:
    def parent(context: df.DurableOrchestrationContext) -> Any:
        yield context.call_sub_orchestrator("waiter", None, "one")

    def waiter(context: df.DurableOrchestrationContext) -> Any:
        yield context.wait_for_external_event("go")

    @bench({"parent": parent, "waiter": waiter})
    async def _(bench: Bench) -> None:
        bench.engine.start_instance("waiter", None, "one")
        await bench.settle()
        record = await bench.run("parent")
        assert record.status is Status.FAILED
        assert "already running" in (record.output or "")
        assert bench.status("one").status is Status.RUNNING


def test_a_killed_engine_goes_on_where_it_had_committed(bench: Benches) -> None:
    def chain(context: df.DurableOrchestrationContext) -> Any:
        total = 0
        for number in range(4):
            total += yield context.call_activity("note", number)
            yield context.create_timer(context.current_utc_datetime + timedelta(minutes=1))
        return total

    @bench({"chain": chain}, {"note": lambda n: n})
    async def _(bench: Bench) -> None:
        instance_id = bench.engine.start_instance("chain", None)
        for _ in range(4):
            await bench.advance(seconds=30)
            await bench.kill_and_restart()
            await bench.advance(seconds=30)
        record = await bench.end_of(instance_id)
        assert (record.status, record.output) == (Status.COMPLETED, "6")


def test_instances_are_listed_in_pages_and_purged_when_they_have_ended(bench: Benches) -> None:
    def empty(context: df.DurableOrchestrationContext) -> Any:
        yield context.create_timer(context.current_utc_datetime)

    def waiter(context: df.DurableOrchestrationContext) -> Any:
        yield context.wait_for_external_event("go")

    @bench({"empty": empty, "waiter": waiter})
    async def _(bench: Bench) -> None:
        for number in range(5):
            bench.engine.start_instance("empty", None, f"a-{number}")
        bench.engine.start_instance("waiter", None, "b-0")
        await bench.settle()
        first = bench.engine.query(InstanceFilter(prefix="a-"), 3, None)
        rest = bench.engine.query(InstanceFilter(prefix="a-"), 3, first.token)
        assert [r.instance_id for r in first.records] == ["a-0", "a-1", "a-2"]
        assert [r.instance_id for r in rest.records] == ["a-3", "a-4"]
        assert rest.token is None
        running = bench.engine.query(InstanceFilter(statuses=frozenset({"Running"})), 9, None)
        assert [r.instance_id for r in running.records] == ["b-0"]
        with pytest.raises(errors.InstanceNotFinished):
            bench.engine.purge("b-0")
        assert bench.engine.purge_many(InstanceFilter()) == 5
        assert bench.engine.status("a-0") is None


def test_a_restart_copies_name_and_input(bench: Benches) -> None:
    def echo(context: df.DurableOrchestrationContext) -> Any:
        return (yield context.call_activity("same", context.get_input()))

    functions: Functions = {"same": lambda value: value}

    @bench({"echo": echo}, functions)
    async def _(bench: Bench) -> None:
        record = await bench.run("echo", {"a": 1})
        again = bench.engine.restart(record.instance_id, with_new_id=True)
        assert again != record.instance_id
        assert (await bench.end_of(again)).output == '{"a": 1}'
