"""Orchestrators made by chance, killed by chance: they end as they would have."""

import asyncio
import json
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path
from typing import Any

import azure.durable_functions as df
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devhost.engine.faults import Faults, Point
from devhost.engine.records import Status
from devhost_support.durable import Bench, Functions
from devhost_support.longhistories import parse_each_timestamp_once

Context = df.DurableOrchestrationContext
RETRY = df.RetryOptions(first_retry_interval_in_milliseconds=1000, max_number_of_attempts=4)
IN_MEMORY = Path(":memory:")

Script = list[Any]

plain_steps = st.one_of(
    st.tuples(st.just("call"), st.integers(0, 9)),
    st.tuples(st.just("retry"), st.integers(0, 3)),
    st.tuples(st.just("sleep"), st.integers(1, 90)),
    st.tuples(st.just("all"), st.lists(st.integers(0, 9), min_size=1, max_size=3)),
)
scripts: st.SearchStrategy[Script] = st.recursive(
    st.lists(plain_steps, min_size=1, max_size=2),
    lambda inner: st.lists(
        st.one_of(
            plain_steps,
            st.tuples(st.just("child"), inner),
            st.tuples(st.just("children"), st.lists(inner, min_size=1, max_size=2)),
        ),
        min_size=1,
        max_size=3,
    ),
    max_leaves=3,
)


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


async def outcome(script: Script, seed: int | None, *, one_at_a_time: bool) -> tuple[Status, Any]:
    activities: Functions = {"note": lambda n: n, "flaky": Flaky()}
    async with Bench(IN_MEMORY, {"scripted": scripted}, activities) as bench:
        bench.engine.scheduler.one_message_per_episode = one_at_a_time
        if seed is not None:
            bench.engine.scheduler.faults = faults = Faults(seed)
            for point in Point:
                faults.at(point, chance=0.15)
        bench.engine.start_instance("scripted", json.dumps(json.dumps(script)), "root")
        record = await bench.end_of("root")
        return record.status, record.output


@pytest.fixture(autouse=True, scope="module")
def _quick_replay() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        parse_each_timestamp_once(patch)
        yield


@settings(
    max_examples=500, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
@given(scripts, st.integers(0, 2**16), st.booleans())
def test_random_orchestrators_end_alike_with_and_without_crashes(
    script: Script,
    seed: int,
    one_at_a_time: bool,  # noqa: FBT001  drawn by position
) -> None:
    undisturbed = asyncio.run(outcome(script, None, one_at_a_time=False))
    assert undisturbed[0] is Status.COMPLETED
    assert asyncio.run(outcome(script, seed, one_at_a_time=one_at_a_time)) == undisturbed
