"""Timer functions of an unmodified app run by themselves, in virtual time and on the machine's."""

import sys
import time
from pathlib import Path
from typing import Any

import pytest

from devhost.appsettings import AppNotLoadable
from devhost.testing import DevHost
from devhost_support.app_folders import AppFolder

APP = """
SEEN = []


@app.timer_trigger(arg_name="timer", schedule="%TICKS%")
@app.durable_client_input(client_name="client")
async def ticks(timer: func.TimerRequest, client) -> None:
    SEEN.append((timer.past_due, timer.schedule_status))
    await client.start_new("flow")


@app.orchestration_trigger(context_name="context")
def flow(context):
    return (yield context.call_activity("counts", len(SEEN)))


@app.activity_trigger(input_name="number")
def counts(number: int) -> int:
    SEEN.append(number)
    return number


@app.timer_trigger(arg_name="timer", schedule="0 0 12 * * *", use_monitor=False)
@app.retry(strategy="fixed_delay", max_retry_count="2", delay_interval="00:01:00")
def noon(timer: func.TimerRequest, context: func.Context) -> None:
    SEEN.append((context.invocation_id, context.retry_context.retry_count))
    raise ValueError("never")


@app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *", run_on_startup=True)
def starts(timer: func.TimerRequest) -> None:
    SEEN.append(("starts", timer.past_due))
"""


@pytest.fixture
def folder(tmp_path: Path) -> AppFolder:
    folder = AppFolder(tmp_path / "app")
    folder.has_functions(APP)
    return folder


def host_of(folder: AppFolder, ticks: str = "0 0 * * * *", **options: Any) -> DevHost:
    return DevHost(folder.path, settings={"TICKS": ticks}, **options)


def seen() -> list[Any]:
    found: list[Any] = sys.modules["function_app"].SEEN
    return found


def test_timers_and_what_they_start_take_turns(folder: AppFolder) -> None:
    with host_of(folder) as host:
        host.settle()
        assert seen() == [("starts", False)]
        seen().clear()
        host.advance(hours=2)
        (_, first), one, (_, second), other = seen()

    assert (one, other) == (1, 3)
    assert first["Next"] == "2026-01-01T01:00:00+00:00"
    assert second["Last"] == "2026-01-01T01:00:00+00:00"


def test_a_timers_retries_are_a_minute_apart_under_one_id(folder: AppFolder) -> None:
    with host_of(folder, ticks="0 0 0 1 1 *") as host:
        host.advance(hours=11)
        seen().clear()
        host.advance(hours=2)
        calls = seen()

    assert [retry for _, retry in calls] == [0, 1, 2]
    assert len({invocation for invocation, _ in calls}) == 1


def test_a_kill_forgets_nothing_of_a_timer(folder: AppFolder) -> None:
    with host_of(folder) as host:
        host.advance(minutes=90)
        host.kill()
        host.settle()
        seen().clear()
        host.advance(minutes=30)
        (past_due, status), _ = seen()

    assert past_due is False
    assert status["Last"] == "2026-01-01T01:00:00+00:00"


def test_on_the_machines_clock_they_run_by_themselves(folder: AppFolder) -> None:
    with host_of(folder, ticks="* * * * * *", clock="real"):
        limit = time.monotonic() + 10
        while len(seen()) < 3:
            assert time.monotonic() < limit, "the timer does not run"


@pytest.mark.parametrize("ticks", ["every day", "0 0 0 31 13 *", "?"])
def test_a_schedule_that_means_nothing_is_refused_by_name(folder: AppFolder, ticks: str) -> None:
    with (
        pytest.raises(AppNotLoadable, match="The 'ticks' function is in error: "),
        host_of(folder, ticks=ticks),
    ):
        pass


def test_a_schedule_whose_setting_is_missing_is_refused(folder: AppFolder) -> None:
    with pytest.raises(AppNotLoadable, match="'%TICKS%'"), DevHost(folder.path):
        pass
