"""The timers: schedules start what is due, each for itself; upkeep repairs, tells and forgets."""

import asyncio
import logging
from datetime import timedelta
from typing import Any

import pytest

from gather_once.model.names import PURSUE
from gather_once.schedules import starts
from gather_once.schedules.schedule import Schedule
from gather_once.storage.blobs import Container
from support.backdoors import Backdoors
from support.doors import NOON, Doors, a_plan_of
from support.memory_blobs import Fate, Operation
from triggers import maintenance, schedules
from triggers.context import Workplace

FIRST = "hourly-20260504t1300z"


@pytest.fixture
def behind(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> Backdoors:
    behind = Backdoors(doors)
    monkeypatch.setattr(Workplace, "of", behind.workplace)
    monkeypatch.setattr(schedules, "_said", set())
    monkeypatch.setattr(maintenance, "_looked", {})
    return behind


def puts_schedule(doors: Doors, name: str, plan: dict[str, Any]) -> None:
    schedule = Schedule(cron="0 0 * * * *", plan=plan)
    asyncio.run(starts.put(doors.blobs, name, schedule, now=NOON))


def spoils_schedule(doors: Doors, name: str) -> None:
    """Keep what an older or newer app may have kept under the name."""
    content = b'{"cron": "0 0 * * * *", "plan": {}, "zone": "CET"}'
    asyncio.run(doors.blobs.create(Container.SCHEDULES, f"schedule/{name}", content))


def started(doors: Doors) -> list[str]:
    return [instance for _, instance, _ in doors.hub.started]


def test_what_is_due_starts_once_however_often_the_timer_fires(behind: Backdoors) -> None:
    puts_schedule(behind.doors, "hourly", a_plan_of(a={}))
    behind.fires("timer_schedules")
    assert started(behind.doors) == []

    behind.doors.now += timedelta(hours=1)
    behind.fires("timer_schedules")
    behind.fires("timer_schedules")
    assert started(behind.doors) == [FIRST]


def test_a_schedule_that_fails_is_logged_and_stops_no_other(
    behind: Backdoors, caplog: pytest.LogCaptureFixture
) -> None:
    puts_schedule(behind.doors, "broken", {"asks": {"a": {"from": "telepathy"}}})
    puts_schedule(behind.doors, "hourly", a_plan_of(a={}))
    behind.doors.now += timedelta(hours=1)
    with caplog.at_level(logging.ERROR):
        behind.fires("timer_schedules")

    assert started(behind.doors) == [FIRST]
    assert ["schedule broken" in record.getMessage() for record in caplog.records] == [True]


def test_a_plan_that_is_refused_again_and_again_is_logged_once_for_each_start(
    behind: Backdoors, caplog: pytest.LogCaptureFixture
) -> None:
    puts_schedule(behind.doors, "refused", {"asks": {"a": {"from": "telepathy"}}})
    for minutes in (60, 1, 1, 58, 1):
        behind.doors.now += timedelta(minutes=minutes)
        with caplog.at_level(logging.ERROR):
            behind.fires("timer_schedules")

    said = [record.getMessage() for record in caplog.records]
    assert ["schedule refused" in one for one in said] == [True, True]


def test_a_schedule_that_can_be_read_no_more_is_logged_once_and_stops_no_other(
    behind: Backdoors, caplog: pytest.LogCaptureFixture
) -> None:
    spoils_schedule(behind.doors, "broken")
    puts_schedule(behind.doors, "hourly", a_plan_of(a={}))
    behind.doors.now += timedelta(hours=1)
    with caplog.at_level(logging.ERROR):
        behind.fires("timer_schedules")
        behind.fires("timer_schedules")

    assert started(behind.doors) == [FIRST]
    assert ["schedule broken" in record.getMessage() for record in caplog.records] == [True]
    assert "/zone" in caplog.text


def test_a_schedule_that_storage_does_not_give_stops_no_other(
    behind: Backdoors, monkeypatch: pytest.MonkeyPatch
) -> None:
    puts_schedule(behind.doors, "away", a_plan_of(a={}))
    puts_schedule(behind.doors, "hourly", a_plan_of(a={}))
    behind.doors.now += timedelta(hours=1)

    async def fate(operation: Operation) -> Fate:
        is_away = operation.name == "schedule/away"
        return Fate.OUT_OF_REACH if is_away else Fate.CARRIED_OUT

    monkeypatch.setattr(behind.doors.blobs, "_fates", fate)
    behind.fires("timer_schedules")

    assert started(behind.doors) == [FIRST]


def test_upkeep_names_the_gathers_for_which_the_host_does_not_answer(
    behind: Backdoors, caplog: pytest.LogCaptureFixture
) -> None:
    behind.doors.begins("g")
    behind.doors.hub.is_silent = True
    with caplog.at_level(logging.WARNING):
        behind.fires("timer_upkeep")

    assert "did not answer for g;" in caplog.text


def test_upkeep_names_a_gather_that_only_its_operator_can_move_every_two_hours(
    behind: Backdoors, caplog: pytest.LogCaptureFixture
) -> None:
    behind.doors.begins("g")
    behind.doors.opens("g")
    said = []
    for minutes in (119, 1, 1, 118, 1):
        behind.doors.now += timedelta(minutes=minutes)
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            behind.fires("timer_upkeep")
        said.append(len(caplog.records))

    assert said == [0, 1, 0, 0, 1]
    assert "gather g has made no progress since 2026-05-04T12:00:00Z" in caplog.text
    assert "a: The host has no instance of it." in caplog.text


def test_upkeep_says_nothing_of_a_gather_that_will_go_on_by_itself(
    behind: Backdoors, caplog: pytest.LogCaptureFixture
) -> None:
    doors = behind.doors
    waits = {"attempts": 0, "next_attempt_at": None, "waits_for": "the answer of a human"}
    for gather in ("g", "held"):
        doors.begins(gather)
        doors.opens(gather)
        doors.hub.knows(f"{gather}:1:a", "Running", name=PURSUE, custom_status=waits)
    doors.post("/gathers/held/suspend")
    doors.now += timedelta(days=30)
    with caplog.at_level(logging.WARNING):
        behind.fires("timer_upkeep")

    assert caplog.records == []


def test_upkeep_starts_what_was_only_claimed(behind: Backdoors) -> None:
    behind.doors.hub.is_silent = True
    assert behind.doors.call("PUT", "/gathers/g", a_plan_of(a={})).status == 503
    behind.doors.hub.is_silent = False
    behind.fires("timer_upkeep")

    assert started(behind.doors) == ["g"]


def test_upkeep_tells_an_end_that_nobody_told(behind: Backdoors) -> None:
    behind.delivers({"id": "g", **a_plan_of(a={})})
    behind.doors.lets_root("g", "Terminated")
    behind.fires("timer_upkeep")
    behind.fires("timer_upkeep")

    assert behind.told_on_queues == [("g:1", "terminated", "completions")]


def test_upkeep_forgets_what_is_past_its_retention(behind: Backdoors) -> None:
    behind.doors.answered()
    behind.doors.now += timedelta(days=91)
    behind.fires("timer_upkeep")

    assert behind.doors.get("/gathers/g").status == 410


def test_a_part_of_upkeep_that_is_out_of_reach_does_not_stop_the_other(
    behind: Backdoors, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Container] = []

    async def fate(operation: Operation) -> Fate:
        seen.append(operation.container)
        is_index = operation.container is Container.INDEX
        return Fate.OUT_OF_REACH if is_index else Fate.CARRIED_OUT

    monkeypatch.setattr(behind.doors.blobs, "_fates", fate)
    behind.fires("timer_upkeep")

    assert Container.SHARED in seen
