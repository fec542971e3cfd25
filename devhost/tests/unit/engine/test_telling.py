"""What an episode and a history look like to a reader."""

from datetime import timedelta
from typing import Any

import azure.durable_functions as df
import pytest

from devhost.engine.telling import told_history
from devhost_support.durable import Bench, Benches

Context = df.DurableOrchestrationContext


def everything(context: Context) -> Any:
    limit: Any = context.create_timer(context.current_utc_datetime + timedelta(days=2))
    yield context.task_any([context.wait_for_external_event("go"), limit])
    limit.cancel()
    yield context.task_all([context.call_activity("note", n) for n in range(5)])
    yield context.call_sub_orchestrator("child", "x" * 200, "kid")
    yield context.call_activity("boom", None)


def child(context: Context) -> Any:
    return (yield context.call_activity("note", context.get_input()))


def boom(_: Any) -> None:
    raise ValueError("first line\nsecond line")


def test_a_history_is_a_table(bench: Benches) -> None:
    @bench({"everything": everything, "child": child}, {"note": lambda n: n, "boom": boom})
    async def _(bench: Bench) -> None:
        bench.engine.start_instance("everything", '"{\\"a\\": 1}"', "one")
        await bench.advance(hours=30)
        bench.engine.raise_event("one", "go", '{"ok": true}')
        record = await bench.end_of("one")
        lines = told_history(record, bench.engine.history("one")).splitlines()
        assert lines[0].startswith(
            "everything one: Failed, output Orchestrator function 'everything'"
        )
        assert lines[1:4] == [
            '  +0:00:00         instance         started    {"a": 1}',
            "  +0:00:00         timer#0          set        until 2026-01-03T00:00:00Z",
            '  +1 day, 6:00:00  event go         raised     {"ok": true}',
        ]
        assert "  +1 day, 6:00:00  child child#6    scheduled  as kid" in lines
        assert f"  +1 day, 6:00:00  child child#6    completed  {'x' * 97}..." in lines
        assert lines[-2].startswith(
            "  +1 day, 6:00:00  activity boom#7  failed     Activity function"
        )
        assert "first line second line" in lines[-2]
        assert lines[-1].split()[3:5] == ["instance", "ended"]


def test_an_instance_without_events_is_its_head_alone(bench: Benches) -> None:
    @bench({"child": child}, {"note": lambda n: n})
    async def _(bench: Bench) -> None:
        bench.engine.start_instance("child", None, "one")
        assert told_history(bench.status("one"), []) == "child one: Pending"
        await bench.settle()


def test_each_episode_and_activity_is_one_line(
    bench: Benches, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "devhost.engine")

    @bench({"everything": everything, "child": child}, {"note": lambda n: n, "boom": boom})
    async def _(bench: Bench) -> None:
        bench.engine.start_instance("everything", None, "one")
        await bench.settle()
        bench.engine.raise_event("one", "go", "null")
        await bench.end_of("one")

    told = caplog.messages
    assert told[0] == "everything one: start -> sets timer#0 -> Running, waits for go"
    assert told[1] == (
        "everything one: event go -> calls note#1, calls note#2, calls note#3, 2 more -> Running"
    )
    assert "note#1 of one: completed" in told
    assert "child kid: start -> calls note#0 -> Running" in told
    [failed] = [line for line in told if line.startswith("boom#7 of one: failed: ")]
    assert "first line second line" in failed
    assert told[-1].startswith(
        "everything one: #7 failed -> Failed: Activity function 'boom' failed: ValueError: first"
    )


def test_an_instance_that_is_terminated_says_why(
    bench: Benches, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "devhost.engine")

    @bench({"everything": everything}, {})
    async def _(bench: Bench) -> None:
        bench.engine.start_instance("everything", None, "one")
        await bench.settle()
        bench.engine.terminate("one", "enough of it")
        await bench.settle()

    assert caplog.messages[-1] == "everything one: terminate -> Terminated: enough of it"


def deaf(context: Context) -> Any:
    waits = [context.wait_for_external_event(name) for name in ("yes", "no")]
    yield context.task_all(waits)
    yield context.wait_for_external_event("and then")


def parent(context: Context) -> Any:
    yield context.call_sub_orchestrator("deaf", None, "kid")


def test_who_waits_for_which_event_is_known(bench: Benches) -> None:
    @bench({"deaf": deaf, "parent": parent}, {})
    async def _(bench: Bench) -> None:
        awaited = bench.engine.scheduler.awaited
        bench.engine.start_instance("parent", None, "one")
        bench.engine.start_instance("deaf", None, "a")
        await bench.settle()
        both = "{} waits for the event yes, no."
        assert awaited.told("kid") == f"{both.format('kid')} {both.format('a')}"
        bench.engine.raise_event("kid", "no", "null")
        await bench.settle()
        assert awaited.told("kid").startswith("kid waits for the event yes. a waits")
        bench.engine.raise_event("kid", "yes", "null")
        await bench.settle()
        assert awaited.told("kid").startswith("kid waits for the event and then. a waits")
        bench.engine.raise_event("kid", "and then", "null")
        bench.engine.terminate("a", "enough")
        await bench.settle()
        assert awaited.told("one") == ""
