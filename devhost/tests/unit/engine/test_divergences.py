"""The eight ways in which host and SDK differ: reproduced, named, and errors when strict."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import azure.durable_functions as df
import pytest

from devhost.engine.divergence import Case
from devhost.engine.records import InstanceRecord, Status
from devhost.engine.scheduler import EngineOptions
from devhost_support.durable import Bench, Benches

Context = df.DurableOrchestrationContext
HOUR = timedelta(hours=1)
TWICE = df.RetryOptions(first_retry_interval_in_milliseconds=60_000, max_number_of_attempts=2)


def boom(_: Any) -> None:
    raise ValueError("boom")


ACTIVITIES = {"boom": boom, "note": lambda value: value}


def in_an_hour(context: Context) -> Any:
    return context.create_timer(context.current_utc_datetime + HOUR)


def failed_all(context: Context) -> Any:
    try:
        yield context.task_all([context.call_activity("boom", 1), in_an_hour(context)])
    except Exception:  # noqa: BLE001  the SDK raises nothing narrower
        return (yield context.call_activity("note", "caught"))


def failed_all_with_retries(context: Context) -> Any:
    retried = context.call_activity_with_retry("boom", TWICE, 1)
    try:
        yield context.task_all([context.call_activity("boom", 2), retried])
    except Exception:  # noqa: BLE001  the SDK raises nothing narrower
        return (yield context.call_activity("note", "caught"))


def call_http(context: Context) -> Any:
    yield context.call_http("GET", "http://127.0.0.1/")


def long_timer(context: Context) -> Any:
    limit = context.create_timer(context.current_utc_datetime + timedelta(days=10))
    yield context.task_any([context.wait_for_external_event("go"), limit])
    return (yield context.call_activity("note", "on time"))


def early_events(context: Context) -> Any:
    yield in_an_hour(context)
    first = yield context.wait_for_external_event("go")
    second = yield context.wait_for_external_event("go")
    return [first, second]


def dropped_events(context: Context) -> Any:
    yield in_an_hour(context)
    if context.get_input() == "again":
        return "done"
    context.continue_as_new("again")
    return None


def wrong_case(context: Context) -> Any:
    return (yield context.wait_for_external_event("Go"))


def old_and_new(context: Context) -> Any:
    old = in_an_hour(context)
    yield context.task_any([context.call_activity("note", 1), old])
    yield context.task_any([old, context.wait_for_external_event("never")])
    return (yield context.call_activity("note", "after the hour"))


@contextmanager
def early_events_expected() -> Iterator[None]:
    """The SDK itself warns of an event nobody waits for."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Potential duplicate Task completion")
        yield


Stage = Callable[[Bench, str], Any]


async def nothing(bench: Bench, _: str) -> None:
    await bench.advance(hours=2)


async def go_on_day_four(bench: Bench, instance_id: str) -> None:
    await bench.advance(days=4)
    bench.engine.raise_event(instance_id, "go", "1")
    await bench.settle()


async def go_at_once(bench: Bench, instance_id: str) -> None:
    bench.engine.raise_event(instance_id, "go", "1")
    await bench.advance(hours=2)


CASES = [
    pytest.param(failed_all, nothing, Case.FAILED_ALL, id="a failed task_all"),
    pytest.param(
        failed_all_with_retries, nothing, Case.FAILED_ALL_WITH_RETRIES, id="with retries pending"
    ),
    pytest.param(long_timer, go_on_day_four, Case.LONG_TIMER, id="a long timer left behind"),
    pytest.param(early_events, go_at_once, Case.EARLY_EVENT, id="an early event"),
    pytest.param(dropped_events, go_at_once, Case.DROPPED_EVENT, id="a dropped event"),
    pytest.param(wrong_case, go_at_once, Case.EVENT_CASE, id="another case"),
    pytest.param(old_and_new, nothing, Case.OLD_AND_NEW, id="old and new tasks"),
]


@pytest.mark.parametrize(("orchestrator", "stage", "case"), CASES)
@pytest.mark.parametrize("one_at_a_time", [False, True])
def test_a_divergence_is_reported_once_with_orchestrator_and_remedy(
    bench: Benches, orchestrator: Any, stage: Stage, case: Case, *, one_at_a_time: bool
) -> None:
    @bench({"o": orchestrator}, ACTIVITIES)
    async def _(bench: Bench) -> None:
        bench.engine.scheduler.one_message_per_episode = one_at_a_time
        instance_id = bench.engine.start_instance("o", None)
        await bench.settle()
        with early_events_expected():
            await stage(bench, instance_id)
        [found] = bench.engine.scheduler.divergences
        assert (found.case, found.orchestrator) == (case, "o")
        assert f"Divergence {case.number} in orchestrator 'o'" in str(found)
        assert "Remedy: " in str(found)


@pytest.mark.parametrize(("orchestrator", "stage", "case"), CASES)
def test_a_strict_engine_fails_the_instance_with_the_same_words(
    bench: Benches, orchestrator: Any, stage: Stage, case: Case
) -> None:
    @bench({"o": orchestrator}, ACTIVITIES, options=EngineOptions(is_strict=True))
    async def _(bench: Bench) -> None:
        instance_id = bench.engine.start_instance("o", None)
        await bench.settle()
        with early_events_expected():
            await stage(bench, instance_id)
        record = bench.status(instance_id)
        assert record.status is Status.FAILED
        assert record.output is not None
        assert f"Divergence {case.number}" in record.output


def test_call_http_is_refused(bench: Benches) -> None:
    @bench({"o": call_http})
    async def _(bench: Bench) -> None:
        record = await bench.run("o")
        assert record.status is Status.FAILED
        assert "devhost does not run call_http" in (record.output or "")
        [found] = bench.engine.scheduler.divergences
        assert found.case is Case.CALL_HTTP


def test_what_follows_a_failed_task_all_waits_for_every_sibling(bench: Benches) -> None:
    """As on the host: the next activity is scheduled an hour late."""

    @bench({"o": failed_all}, ACTIVITIES)
    async def _(bench: Bench) -> None:
        began = bench.now
        record = await bench.run("o")
        assert record.output == '"caught"'
        assert bench.now - began == HOUR


def test_a_long_timer_delays_what_was_to_come_at_once(bench: Benches) -> None:
    """As on the host: an event on day four, the next activity on day seven hop's end."""

    @bench({"o": long_timer}, ACTIVITIES)
    async def _(bench: Bench) -> None:
        began = bench.now
        instance_id = bench.engine.start_instance("o", None)
        await bench.advance(days=4)
        bench.engine.raise_event(instance_id, "go", "1")
        await bench.settle()
        record = await bench.end_of(instance_id)
        assert record.output == '"on time"'
        assert bench.now - began == timedelta(days=10)


def test_a_wait_in_the_wrong_case_never_ends(bench: Benches) -> None:
    @bench({"o": wrong_case})
    async def _(bench: Bench) -> None:
        instance_id = bench.engine.start_instance("o", None)
        await bench.settle()
        with early_events_expected():
            await go_at_once(bench, instance_id)
        assert bench.status(instance_id).status is Status.RUNNING


def test_a_failed_task_all_that_nobody_catches_is_no_divergence(bench: Benches) -> None:
    def uncaught(context: Context) -> Any:
        yield context.task_all([context.call_activity("boom", 1), in_an_hour(context)])

    @bench({"o": uncaught}, ACTIVITIES, options=EngineOptions(is_strict=True))
    async def _(bench: Bench) -> None:
        began = bench.now
        record = await bench.run("o")
        assert_boom(record)
        assert bench.now - began == HOUR
        assert bench.engine.scheduler.divergences == []


def test_a_suspended_instance_is_no_divergence(bench: Benches) -> None:
    """Python goes on meanwhile and the host does not: that is what suspending means."""

    def raced(context: Context) -> Any:
        for turn in ("go:1", "go:2"):
            yield context.task_any([context.wait_for_external_event(turn), in_an_hour(context)])

    @bench({"o": raced}, options=EngineOptions(is_strict=True))
    async def _(bench: Bench) -> None:
        instance_id = bench.engine.start_instance("o", None)
        await bench.settle()
        bench.engine.suspend(instance_id, "wait")
        await bench.advance(hours=2)
        assert bench.status(instance_id).status is Status.SUSPENDED
        bench.engine.resume(instance_id, "on")
        record = await bench.end_of(instance_id)
        assert record.status is Status.COMPLETED, record.output


def assert_boom(record: InstanceRecord) -> None:
    assert record.status is Status.FAILED
    assert "boom" in (record.output or "")
