"""Whatever dies on the way, every instance ends as it would have."""

from datetime import timedelta
from typing import Any

import azure.durable_functions as df
import pytest

from devhost.engine.faults import Faults, Point
from devhost.engine.records import Status
from devhost_support.durable import Bench, Benches

Context = df.DurableOrchestrationContext


def chain(context: Context) -> Any:
    total = 0
    for number in range(5):
        total += yield context.call_activity("note", number)
    return total


@pytest.mark.parametrize(
    "point", [one for one in Point if one.value.endswith("commit")], ids=lambda one: one.value
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


def test_a_late_answer_comes_later_and_is_the_same(bench: Benches) -> None:
    @bench({"chain": chain}, {"note": lambda n: n})
    async def _(bench: Bench) -> None:
        began = bench.now
        bench.engine.scheduler.faults.late(timedelta(hours=1), times=2)
        record = await bench.run("chain")
        assert record.output == "10"
        assert timedelta(minutes=1) < bench.now - began < timedelta(hours=2)


def test_faults_stop_when_they_are_told_to_and_begin_anew() -> None:
    faults = Faults()
    faults.twice(times=1)
    assert [faults.strikes(Point.ACTIVITY_TWICE) for _ in range(2)] == [True, False]
    faults.twice(times=1)
    assert faults.strikes(Point.ACTIVITY_TWICE)
    faults.twice()
    faults.stop()
    assert not faults.strikes(Point.ACTIVITY_TWICE)


def test_faults_of_one_seed_strike_alike() -> None:
    runs = []
    for _ in range(2):
        faults = Faults(seed=7)
        faults.at(Point.ACTIVITY_TWICE, chance=0.5)
        runs.append([faults.strikes(Point.ACTIVITY_TWICE) for _ in range(50)])
    assert runs[0] == runs[1]
    assert 10 < sum(runs[0]) < 40
