"""A timer runs at its times, one call after the other, and makes up for one that was missed."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from devhost.call import FunctionFailed
from devhost.clock import VirtualClock
from devhost.context import RetryContext
from devhost.host import PATIENCE
from devhost.listeners.retries import RetryPolicy
from devhost.listeners.schedule import schedule_of
from devhost.listeners.timer import TimerListener
from devhost.listeners.timersettings import Timer
from devhost.listeners.timerstatus import StatusFile, TimerStatus
from devhost.timeline import Timeline
from devhost.values import Datum
from devhost_support.jumpingloop import run_jumping

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
EVERY_TEN = "0 */10 * * * *"


@dataclass
class Bench:
    """A timer on a virtual clock; each call is noted, and does what the test says."""

    folder: Path
    start: datetime = BEGAN
    schedule: str = EVERY_TEN
    is_monitored: bool = True
    options: dict[str, Any] = field(default_factory=dict)
    does: Callable[[VirtualClock], None] = lambda _clock: None
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    contexts: list[RetryContext] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = VirtualClock(self.start)
        self.status = StatusFile(self.folder, "tick")
        timer = Timer("tick", schedule_of(self.schedule, UTC), zone=UTC)
        timer = replace(timer, status=self.status if self.is_monitored else None, **self.options)
        chance = Random(1)  # noqa: S311  jitter
        self.listener = TimerListener(timer, self.call, self.clock, chance)

    async def call(self, trigger: Datum, context: RetryContext, invocation_id: str) -> None:
        self.calls.append((f"{self.clock.now():%d %H:%M:%S}", json.loads(trigger.value)))
        self.contexts.append(context)
        self.ids.append(invocation_id)
        self.does(self.clock)

    def runs_for(self, *spans: timedelta) -> None:
        """Start it, and let these spans of time pass, one after the other."""

        async def run(timeline: Timeline) -> None:
            for span in spans:
                await timeline.advance(span)

        asyncio.run(self._started(run))

    async def _started(self, story: Callable[[Timeline], Awaitable[None]]) -> None:
        loop = asyncio.create_task(self.listener.run())
        try:
            await story(Timeline(self.clock, [self.listener]))
        finally:
            loop.cancel()
            await asyncio.gather(loop, return_exceptions=True)

    @property
    def times(self) -> list[str]:
        return [time for time, _ in self.calls]

    @property
    def past_due(self) -> list[bool]:
        return [argument["IsPastDue"] for _, argument in self.calls]


def test_it_runs_at_its_times_and_not_at_the_start(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.runs_for(timedelta(), 25 * MINUTE)

    assert bench.times == ["01 00:10:00", "01 00:20:00"]
    assert bench.past_due == [False, False]


def test_three_days_take_no_time(tmp_path: Path) -> None:
    bench = Bench(tmp_path, schedule="0 0 9 * * *")
    bench.runs_for(timedelta(days=3))

    assert bench.times == ["01 09:00:00", "02 09:00:00", "03 09:00:00"]


def test_the_function_is_told_the_status_before_the_call(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.runs_for(20 * MINUTE)

    assert [argument for _, argument in bench.calls] == [
        {
            "Schedule": {"AdjustForDST": True},
            "ScheduleStatus": {
                "Last": "0001-01-01T00:00:00+00:00",
                "Next": "2026-01-01T00:10:00+00:00",
                "LastUpdated": "2026-01-01T00:00:00+00:00",
            },
            "IsPastDue": False,
        },
        {
            "Schedule": {"AdjustForDST": True},
            "ScheduleStatus": {
                "Last": "2026-01-01T00:10:00+00:00",
                "Next": "2026-01-01T00:20:00+00:00",
                "LastUpdated": "2026-01-01T00:10:00+00:00",
            },
            "IsPastDue": False,
        },
    ]


def test_a_time_span_counts_from_the_start(tmp_path: Path) -> None:
    bench = Bench(tmp_path, start=BEGAN + timedelta(seconds=7), schedule="00:05:00")
    bench.runs_for(10 * MINUTE)

    assert bench.times == ["01 00:05:07", "01 00:10:07"]
    assert bench.calls[0][1]["Schedule"] == {"AdjustForDST": False}


def test_without_a_monitor_there_is_no_status_and_nothing_is_kept(tmp_path: Path) -> None:
    bench = Bench(tmp_path, is_monitored=False)
    bench.runs_for(10 * MINUTE)

    assert bench.calls[0][1]["ScheduleStatus"] is None
    assert list(tmp_path.iterdir()) == []


# -- what was missed ---------------------------------------------------------------------------


def test_all_that_was_missed_is_one_call_at_once(tmp_path: Path) -> None:
    Bench(tmp_path).runs_for(10 * MINUTE)
    later = Bench(tmp_path, start=BEGAN + 55 * MINUTE)
    later.runs_for(timedelta(), 10 * MINUTE)

    assert later.times == ["01 00:55:00", "01 01:00:00"]
    assert later.past_due == [True, False]
    assert later.calls[0][1]["ScheduleStatus"]["Next"] == "2026-01-01T00:20:00+00:00"


def test_a_restart_in_between_changes_nothing(tmp_path: Path) -> None:
    Bench(tmp_path).runs_for(10 * MINUTE)
    later = Bench(tmp_path, start=BEGAN + 15 * MINUTE)
    later.runs_for(5 * MINUTE)

    assert (later.times, later.past_due) == (["01 00:20:00"], [False])


def test_a_call_lost_with_its_host_is_made_up_for(tmp_path: Path) -> None:
    async def dies(bench: Bench) -> None:
        async def hangs(*_: object) -> None:
            await asyncio.Event().wait()

        bench.listener._call = hangs
        loop = asyncio.create_task(bench.listener.run())
        await asyncio.sleep(0)
        bench.clock.move_to(BEGAN + 10 * MINUTE)
        bench.listener.wake()
        for _ in range(5):
            await asyncio.sleep(0)
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)

    asyncio.run(dies(Bench(tmp_path)))
    later = Bench(tmp_path, start=BEGAN + 11 * MINUTE)
    later.runs_for(timedelta())

    assert (later.times, later.past_due) == (["01 00:11:00"], [True])


def test_without_a_monitor_what_was_missed_stays_missed(tmp_path: Path) -> None:
    Bench(tmp_path, is_monitored=False).runs_for(10 * MINUTE)
    later = Bench(tmp_path, is_monitored=False, start=BEGAN + 55 * MINUTE)
    later.runs_for(timedelta())

    assert later.calls == []


def test_an_edited_schedule_is_not_past_due(tmp_path: Path) -> None:
    Bench(tmp_path).runs_for(10 * MINUTE)
    edited = Bench(tmp_path, start=BEGAN + 55 * MINUTE, schedule="0 3/10 * * * *")
    edited.runs_for(10 * MINUTE)

    assert (edited.times, edited.past_due) == (["01 01:03:00"], [False])
    assert edited.calls[0][1]["ScheduleStatus"]["Last"] == "0001-01-01T00:00:00+00:00"


@pytest.mark.parametrize("ran", [10 * MINUTE, timedelta()], ids=["called before", "never called"])
@pytest.mark.parametrize("edited_after", [15 * MINUTE, 55 * MINUTE])
def test_what_an_edited_schedule_misses_is_made_up_for(
    tmp_path: Path, ran: timedelta, edited_after: timedelta
) -> None:
    Bench(tmp_path).runs_for(ran)
    Bench(tmp_path, start=BEGAN + edited_after, schedule="0 3/10 * * * *").runs_for(timedelta())
    later = Bench(tmp_path, start=BEGAN + 70 * MINUTE, schedule="0 3/10 * * * *")
    later.runs_for(timedelta())

    assert (later.times, later.past_due) == (["01 01:10:00"], [True])


def test_after_a_long_call_the_next_follows_at_once_and_stands_for_all_missed(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path, schedule="0 * * * * *")

    def takes_long_twice(clock: VirtualClock) -> None:
        if len(bench.calls) <= 2:
            clock.move_to(clock.now() + timedelta(seconds=150))

    bench.does = takes_long_twice
    bench.runs_for(MINUTE)

    assert bench.times == ["01 00:01:00", "01 00:03:30", "01 00:06:00"]
    assert bench.past_due == [False, False, False]


# -- at the start ------------------------------------------------------------------------------


def test_run_on_startup_is_one_call_at_the_start(tmp_path: Path) -> None:
    bench = Bench(tmp_path, options={"run_on_startup": True})
    bench.runs_for(timedelta())

    assert (bench.times, bench.past_due) == (["01 00:00:00"], [False])


def test_past_due_replaces_run_on_startup(tmp_path: Path) -> None:
    Bench(tmp_path).runs_for(10 * MINUTE)
    later = Bench(tmp_path, start=BEGAN + 25 * MINUTE, options={"run_on_startup": True})
    later.runs_for(timedelta())

    assert (later.times, later.past_due) == (["01 00:25:00"], [True])


# -- at the end --------------------------------------------------------------------------------


@dataclass
class LongCall:
    """A timer's call that takes some seconds of the loop's time, stopped a second into it."""

    bench: Bench
    seconds: float

    def is_stopped(self, patience: float) -> None:
        async def story() -> None:
            self.bench.listener._call = self._takes_its_time
            loop = asyncio.create_task(self.bench.listener.run())
            await asyncio.sleep(0)
            self.bench.clock.move_to(BEGAN + 10 * MINUTE)
            self.bench.listener.wake()
            await asyncio.sleep(1)
            loop.cancel()
            await asyncio.gather(loop, return_exceptions=True)
            await self.bench.listener.finish(patience)

        run_jumping(story())

    async def _takes_its_time(self, *arguments: Any) -> None:
        await self.bench.call(*arguments)
        await asyncio.sleep(self.seconds)


def test_a_stop_waits_for_the_call_and_keeps_its_status(tmp_path: Path) -> None:
    LongCall(Bench(tmp_path), seconds=3).is_stopped(PATIENCE)
    later = Bench(tmp_path, start=BEGAN + 11 * MINUTE)
    later.runs_for(9 * MINUTE)

    assert (later.times, later.past_due) == (["01 00:20:00"], [False])


def test_a_call_that_outlasts_the_stop_is_made_again(tmp_path: Path) -> None:
    LongCall(Bench(tmp_path), seconds=PATIENCE + 2).is_stopped(PATIENCE)
    later = Bench(tmp_path, start=BEGAN + 11 * MINUTE)
    later.runs_for(timedelta())

    assert (later.times, later.past_due) == (["01 00:11:00"], [True])


# -- failures ----------------------------------------------------------------------------------


def fails(_clock: VirtualClock) -> None:
    raise FunctionFailed("ValueError", "no", "the stack")


def test_a_failure_is_logged_and_the_timer_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bench = Bench(tmp_path, does=fails)
    bench.runs_for(20 * MINUTE)

    assert bench.times == ["01 00:10:00", "01 00:20:00"]
    assert "Executed 'tick' (Failed): ValueError: no" in caplog.text
    kept = bench.status.read()
    assert kept is not None
    assert kept.last == BEGAN + 20 * MINUTE


def test_a_retry_policy_calls_again_with_the_same_id(tmp_path: Path) -> None:
    policy = RetryPolicy(2, timedelta(seconds=30))
    bench = Bench(tmp_path, does=fails, options={"retries": policy})
    bench.runs_for(15 * MINUTE)

    assert bench.times == ["01 00:10:00", "01 00:10:30", "01 00:11:00"]
    assert [one.retry_count for one in bench.contexts] == [0, 1, 2]
    assert [one.max_retry_count for one in bench.contexts] == [2, 2, 2]
    assert len(set(bench.ids)) == 1
    first, second, _ = bench.contexts
    assert first.rpc_exception is None
    assert second.rpc_exception is not None
    assert (second.rpc_exception.message, second.rpc_exception.stack_trace) == (
        "ValueError: no",
        "the stack",
    )


def test_retries_end_with_the_first_success(tmp_path: Path) -> None:
    bench = Bench(tmp_path, options={"retries": RetryPolicy(-1, timedelta(seconds=30))})
    bench.does = lambda clock: fails(clock) if len(bench.calls) < 3 else None
    bench.runs_for(20 * MINUTE)

    assert bench.times == ["01 00:10:00", "01 00:10:30", "01 00:11:00", "01 00:20:00"]
    assert len(set(bench.ids)) == 2


# -- the status file ---------------------------------------------------------------------------


def test_a_status_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = StatusFile(tmp_path / "timers", "tick")
    assert file.read() is None

    for last in (None, BEGAN + timedelta(microseconds=1230)):
        status = TimerStatus(last, BEGAN + MINUTE, BEGAN)
        file.write(status)
        assert file.read() == status


def test_it_has_the_hosts_format(tmp_path: Path) -> None:
    StatusFile(tmp_path, "tick").write(
        TimerStatus(BEGAN + timedelta(microseconds=12300), BEGAN + MINUTE, BEGAN)
    )

    assert json.loads((tmp_path / "tick.json").read_text()) == {
        "Last": "2026-01-01T00:00:00.0123+00:00",
        "Next": "2026-01-01T00:01:00+00:00",
        "LastUpdated": "2026-01-01T00:00:00+00:00",
    }


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"Last": 1, "Next": 2, "LastUpdated": 3}'])
def test_a_damaged_status_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "tick.json").write_text(text)

    assert StatusFile(tmp_path, "tick").read() is None
