"""Whatever dies on the way, every instance ends as it would have."""

import asyncio
import json
import tempfile
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path
from typing import Any

import azure.durable_functions as df
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devhost.engine.faults import Faults, Point
from devhost.engine.records import Status
from support.durable import Bench, Benches, Functions

Context = df.DurableOrchestrationContext
RETRY = df.RetryOptions(first_retry_interval_in_milliseconds=1000, max_number_of_attempts=4)


def chain(context: Context) -> Any:
    total = 0
    for number in range(5):
        total += yield context.call_activity("note", number)
    return total


@pytest.mark.parametrize(
    "point", [p for p in Point if p is not Point.ACTIVITY_TWICE], ids=lambda p: p.value
)
def test_a_crash_at_any_point_changes_nothing(bench: Benches, point: Point) -> None:
    @bench({"chain": chain}, {"note": lambda n: n})
    async def _(bench: Bench) -> None:
        bench.engine.scheduler.faults.at(point, times=3)
        record = await bench.run("chain")
        assert (record.status, record.output) == (Status.COMPLETED, "10")
        assert bench.engine.scheduler.faults.struck == {point: 3}


def test_a_lost_result_makes_the_activity_run_again(bench: Benches) -> None:
    @bench({"chain": chain}, {"note": lambda n: n})
    async def _(bench: Bench) -> None:
        bench.engine.scheduler.faults.at(Point.ACTIVITY_BEFORE_COMMIT, times=1)
        await bench.run("chain")
        assert bench.worker.calls[:3] == [("note", 0), ("note", 0), ("note", 1)]


def test_a_second_delivery_runs_the_activity_and_is_ignored(bench: Benches) -> None:
    @bench({"chain": chain}, {"note": lambda n: n})
    async def _(bench: Bench) -> None:
        bench.engine.scheduler.faults.at(Point.ACTIVITY_TWICE)
        record = await bench.run("chain")
        assert record.output == "10"
        assert len(bench.worker.calls) == 10


def test_faults_of_one_seed_strike_alike() -> None:
    runs = []
    for _ in range(2):
        faults = Faults(seed=7)
        faults.at(Point.ACTIVITY_TWICE, chance=0.5)
        runs.append([faults.strikes(Point.ACTIVITY_TWICE) for _ in range(50)])
    assert runs[0] == runs[1]
    assert 10 < sum(runs[0]) < 40


# -- random orchestrators ----------------------------------------------------------------------

Script = list[Any]

steps = st.deferred(
    lambda: st.one_of(
        st.tuples(st.just("call"), st.integers(0, 9)),
        st.tuples(st.just("retry"), st.integers(0, 3)),
        st.tuples(st.just("sleep"), st.integers(1, 90)),
        st.tuples(st.just("child"), scripts),
        st.tuples(st.just("all"), st.lists(st.integers(0, 9), min_size=1, max_size=4)),
        st.tuples(st.just("children"), st.lists(scripts, min_size=1, max_size=3)),
    )
)
scripts: st.SearchStrategy[Script] = st.lists(steps, min_size=1, max_size=4)


def scripted(context: Context) -> Generator[Any, Any, list[Any]]:
    """Do what the script says, in shapes that are safe on the real host."""
    answers: list[Any] = []
    script: Any = context.get_input()
    for number, (kind, value) in enumerate(script):
        answers.append((yield step(context, kind, value, f"{context.instance_id}-{number}")))
    return answers


def step(context: Context, kind: str, value: Any, child: str) -> Any:
    match kind:
        case "call":
            return context.call_activity("note", value)
        case "retry":
            return context.call_activity_with_retry("flaky", RETRY, [child, value])
        case "sleep":
            return context.create_timer(context.current_utc_datetime + timedelta(minutes=value))
        case "child":
            return context.call_sub_orchestrator("scripted", value, child)
        case "all":
            return context.task_all([context.call_activity("note", one) for one in value])
        case _:
            return context.task_all(
                [
                    context.call_sub_orchestrator("scripted", one, f"{child}-{n}")
                    for n, one in enumerate(value)
                ]
            )


class Flaky:
    """Fails so many times for each name, however often it is delivered."""

    def __init__(self) -> None:
        self.failures: dict[str, int] = {}

    def __call__(self, given: Any) -> str:
        name, times = given
        self.failures[name] = self.failures.get(name, 0) + 1
        if self.failures[name] <= times:
            raise ValueError("not yet")
        return str(name)


async def outcome(script: Script, seed: int | None) -> tuple[Status, Any]:
    with tempfile.TemporaryDirectory() as folder:
        activities: Functions = {"note": lambda n: n, "flaky": Flaky()}
        async with Bench(Path(folder) / "e.sqlite", {"scripted": scripted}, activities) as bench:
            if seed is not None:
                bench.engine.scheduler.faults = faults = Faults(seed)
                for point in Point:
                    faults.at(point, chance=0.15)
            bench.engine.start_instance("scripted", json.dumps(json.dumps(script)), "root")
            record = await bench.end_of("root")
            return record.status, record.output


@settings(max_examples=60, deadline=None, derandomize=True)
@given(scripts, st.integers(0, 2**16))
def test_random_orchestrators_end_alike_with_and_without_crashes(script: Script, seed: int) -> None:
    assert asyncio.run(outcome(script, seed)) == asyncio.run(outcome(script, None))
