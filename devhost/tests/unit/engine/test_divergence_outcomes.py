"""What becomes of an instance where host and SDK differ: as on the host, not as the code reads."""

import json
import warnings
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import azure.durable_functions as df
import pytest

from devhost.engine.divergence import Case
from devhost.engine.records import Status
from devhost_support.durable import Bench, Benches

Context = df.DurableOrchestrationContext
HOUR = timedelta(hours=1)
TWICE = df.RetryOptions(first_retry_interval_in_milliseconds=60_000, max_number_of_attempts=2)

pytestmark = pytest.mark.parametrize("one_at_a_time", [False, True], ids=["batched", "one by one"])


def boom(_: Any) -> None:
    raise ValueError("boom")


ACTIVITIES = {"boom": boom, "note": lambda value: value}


@pytest.fixture(autouse=True)
def _early_events_are_expected() -> Iterator[None]:
    """The SDK itself warns of an event that nobody waits for."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Potential duplicate Task completion")
        yield


def later(context: Context, **span: float) -> Any:
    return context.create_timer(context.current_utc_datetime + timedelta(**span))


def started(bench: Bench, *, one_at_a_time: bool) -> str:
    bench.engine.scheduler.one_message_per_episode = one_at_a_time
    return bench.engine.start_instance("o", None)


def scheduled_at(bench: Bench, instance_id: str, name: str) -> timedelta:
    """When an activity was scheduled, from the instance's beginning."""
    history = bench.engine.history(instance_id)
    [found] = [e for e in history if e["EventType"] == 4 and e["Name"] == name]
    moments = [timedelta_of(e["Timestamp"]) for e in (history[0], found)]
    return moments[1] - moments[0]


def timedelta_of(timestamp: str) -> timedelta:
    day, hour, minute = int(timestamp[8:10]), int(timestamp[11:13]), int(timestamp[14:16])
    return timedelta(days=day, hours=hour, minutes=minute)


def cases(bench: Bench) -> set[Case]:
    return {found.case for found in bench.engine.scheduler.divergences}


def test_1_what_follows_a_failed_task_all_waits_for_every_sibling(
    bench: Benches, *, one_at_a_time: bool
) -> None:
    def orchestrator(context: Context) -> Any:
        try:
            yield context.task_all([context.call_activity("boom", 1), later(context, hours=1)])
        except Exception:  # noqa: BLE001  the SDK raises nothing narrower
            return (yield context.call_activity("note", "caught"))

    @bench({"o": orchestrator}, ACTIVITIES)
    async def _(bench: Bench) -> None:
        instance_id = started(bench, one_at_a_time=one_at_a_time)
        record = await bench.end_of(instance_id)
        assert record.output == '"caught"'
        assert scheduled_at(bench, instance_id, "note") == HOUR


def test_2_a_caught_failure_comes_back_through_the_retry_of_a_sibling(
    bench: Benches, *, one_at_a_time: bool
) -> None:
    def orchestrator(context: Context) -> Any:
        retried = context.call_activity_with_retry("boom", TWICE, 1)
        try:
            yield context.task_all([retried, context.call_activity("boom", 2)])
        except Exception:  # noqa: BLE001  the SDK raises nothing narrower
            return (yield context.call_activity("note", "caught"))

    @bench({"o": orchestrator}, ACTIVITIES)
    async def _(bench: Bench) -> None:
        record = await bench.end_of(started(bench, one_at_a_time=one_at_a_time))
        assert record.status is Status.FAILED
        assert "boom" in (record.output or "")
        assert Case.FAILED_ALL_WITH_RETRIES in cases(bench)


def test_3_call_http_is_refused_at_once(bench: Benches, *, one_at_a_time: bool) -> None:
    def orchestrator(context: Context) -> Any:
        yield context.call_http("GET", "http://127.0.0.1/")

    @bench({"o": orchestrator})
    async def _(bench: Bench) -> None:
        record = await bench.end_of(started(bench, one_at_a_time=one_at_a_time))
        assert record.status is Status.FAILED
        assert "devhost does not run call_http" in (record.output or "")
        assert cases(bench) == {Case.CALL_HTTP}


@pytest.mark.parametrize(("days", "end_at"), [(10, 10), (5, 4)])
def test_4_an_event_on_the_fourth_day_waits_for_the_hop_of_a_long_timer(
    bench: Benches, days: int, end_at: int, *, one_at_a_time: bool
) -> None:
    """A timer of at most six days, cancelled, is no trouble."""

    def orchestrator(context: Context) -> Any:
        limit: Any = later(context, days=days)
        yield context.task_any([context.wait_for_external_event("go"), limit])
        limit.cancel()
        yield context.call_activity("note", 1)

    @bench({"o": orchestrator}, ACTIVITIES)
    async def _(bench: Bench) -> None:
        began = bench.now
        instance_id = started(bench, one_at_a_time=one_at_a_time)
        await bench.advance(days=4)
        bench.engine.raise_event(instance_id, "go", "1")
        record = await bench.end_of(instance_id)
        assert record.status is Status.COMPLETED
        assert bench.now - began == timedelta(days=end_at)
        assert cases(bench) == ({Case.LONG_TIMER} if days > 6 else set())


def two_waits(context: Context) -> Any:
    yield later(context, hours=1)
    first = yield context.wait_for_external_event("go")
    second = yield context.wait_for_external_event("go")
    return [first, second]


@pytest.mark.parametrize(
    ("events", "status", "output"),
    [([1, 2], Status.COMPLETED, [2, 2]), ([1], Status.RUNNING, None)],
)
def test_5_early_events_of_one_name_are_one_to_python_and_many_to_the_host(
    bench: Benches, events: list[int], status: Status, output: Any, *, one_at_a_time: bool
) -> None:
    @bench({"o": two_waits})
    async def _(bench: Bench) -> None:
        instance_id = started(bench, one_at_a_time=one_at_a_time)
        await bench.settle()
        for event in events:
            bench.engine.raise_event(instance_id, "go", str(event))
        record = await bench.end_of(instance_id)
        assert record.status is status
        assert json.loads(record.output or "null") == output


def test_5_waits_side_by_side_are_served_last_first(bench: Benches, *, one_at_a_time: bool) -> None:
    def orchestrator(context: Context) -> Any:
        waits = [context.wait_for_external_event("go") for _ in range(2)]
        return (yield context.task_all(waits))

    @bench({"o": orchestrator})
    async def _(bench: Bench) -> None:
        instance_id = started(bench, one_at_a_time=one_at_a_time)
        await bench.settle()
        for event in (1, 2):
            bench.engine.raise_event(instance_id, "go", str(event))
        record = await bench.end_of(instance_id)
        assert record.output == "[2, 1]"
        assert cases(bench) == set()


def counting(context: Context) -> Any:
    seen: Any = context.get_input() or 0
    yield context.wait_for_external_event("go")
    yield later(context, minutes=1)
    if seen == 2:
        return "all three"
    context.continue_as_new(seen + 1)


@pytest.mark.parametrize(("spaced", "status"), [(False, Status.RUNNING), (True, Status.COMPLETED)])
def test_6_continue_as_new_drops_events_that_nobody_awaited(
    bench: Benches, status: Status, *, spaced: bool, one_at_a_time: bool
) -> None:
    @bench({"o": counting})
    async def _(bench: Bench) -> None:
        instance_id = started(bench, one_at_a_time=one_at_a_time)
        await bench.settle()
        for event in (1, 2, 3):
            bench.engine.raise_event(instance_id, "go", str(event))
            await bench.advance(minutes=2 if spaced else 0)
        record = await bench.end_of(instance_id)
        assert record.status is status
        assert cases(bench) == (set() if spaced else {Case.DROPPED_EVENT})


def test_7_an_event_in_another_case_is_taken_and_wakes_nobody(
    bench: Benches, *, one_at_a_time: bool
) -> None:
    def orchestrator(context: Context) -> Any:
        return (yield context.wait_for_external_event("Go"))

    @bench({"o": orchestrator})
    async def _(bench: Bench) -> None:
        instance_id = started(bench, one_at_a_time=one_at_a_time)
        await bench.settle()
        bench.engine.raise_event(instance_id, "go", "1")
        record = await bench.end_of(instance_id)
        assert record.status is Status.RUNNING
        assert cases(bench) == {Case.EVENT_CASE}


def test_8_a_sliding_window_stalls_behind_the_new_task(
    bench: Benches, *, one_at_a_time: bool
) -> None:
    """Due when the timer of an hour fires; the host waits for the newest one, until 2:30."""

    def orchestrator(context: Context) -> Any:
        old, older = later(context, hours=1), later(context, minutes=30)
        yield context.task_any([older, old])
        yield context.task_any([old, later(context, hours=2)])
        return (yield context.call_activity("note", "D"))

    @bench({"o": orchestrator}, ACTIVITIES)
    async def _(bench: Bench) -> None:
        instance_id = started(bench, one_at_a_time=one_at_a_time)
        await bench.end_of(instance_id)
        assert scheduled_at(bench, instance_id, "note") == timedelta(hours=2, minutes=30)
        assert cases(bench) == {Case.OLD_AND_NEW}


def test_8_a_retry_in_a_window_gives_its_failure_to_another_task(
    bench: Benches, *, one_at_a_time: bool
) -> None:
    def orchestrator(context: Context) -> Any:
        old, older = later(context, minutes=1), later(context, seconds=30)
        yield context.task_any([older, old])
        retried = context.call_activity_with_retry("boom", TWICE, 1)
        yield context.task_any([old, retried])
        return (yield context.call_activity("note", "safe"))

    @bench({"o": orchestrator}, ACTIVITIES)
    async def _(bench: Bench) -> None:
        record = await bench.end_of(started(bench, one_at_a_time=one_at_a_time))
        assert record.status is Status.FAILED
        assert "boom" in (record.output or "")
        assert Case.OLD_AND_NEW in cases(bench)


def test_8_a_used_limit_leaves_an_instance_hanging_that_has_returned(
    bench: Benches, *, one_at_a_time: bool
) -> None:
    """A wrong code once, then nothing: Python is done, the host waits for a second code."""

    def orchestrator(context: Context) -> Any:
        limit = later(context, hours=1)
        for _ in range(3):
            code: Any = context.wait_for_external_event("code")
            if (yield context.task_any([code, limit])) is limit or code.result == "42":
                break
        return "done"

    @bench({"o": orchestrator})
    async def _(bench: Bench) -> None:
        instance_id = started(bench, one_at_a_time=one_at_a_time)
        await bench.settle()
        bench.engine.raise_event(instance_id, "code", '"41"')
        record = await bench.end_of(instance_id)
        assert record.status is Status.RUNNING
        assert cases(bench) == {Case.OLD_AND_NEW}
