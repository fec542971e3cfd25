"""Schedules on their real timer: outages, overlaps and pauses end as each schedule says."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from devhost.clock import VirtualClock
from devhost.testing import DevHost
from devhost_support.azurite import SharedAzurite
from support.app import app_settings
from support.deployed import ROOT
from support.sources import Town
from support.story import PlanInTheMaking, Story, a_plan

SIX_HOURLY, HOURLY = "0 0 */6 * * *", "0 0 * * * *"


class TimerStory(Story):
    """A story whose gathers begin by the clock; the machine may be off for a while."""

    def has_schedule(self, name: str, plan: PlanInTheMaking, **fields: Any) -> None:
        body = {"plan": plan.in_town(self._town.base), **fields}
        answer = self.host.request("PUT", f"/api/schedules/{name}", json=body)
        assert answer.ok, answer.text

    def starts(self, name: str) -> list[str]:
        """When the gathers of a schedule began, as their ids say it: day of the month and time."""
        answer = self.host.get(f"/api/gathers?prefix={name}-&top=100").json()
        moments = (gather["id"].removeprefix(f"{name}-") for gather in answer["gathers"])
        return sorted(f"{moment[6:8]} {moment[9:11]}:{moment[11:13]}" for moment in moments)

    def shown(self, name: str) -> dict[str, Any]:
        shown: dict[str, Any] = self.host.get(f"/api/schedules/{name}").json()
        return shown


class Machine:
    """Where the app runs, and what is left of it when it is switched off."""

    def __init__(self, state: Path, azurite: SharedAzurite, every: str) -> None:
        self._state, self._azurite = state, azurite
        self._connection = azurite.fresh_account()
        self._settings = {
            "AzureWebJobs.timer_schedules.Disabled": "0",
            "GATHER_SCHEDULES_CRON": every,
            "GATHER_ALLOW_LOOPBACK": "1",
            "GATHER_ALLOWED_HOSTS": "*",
        }
        self._off_at: datetime | None = None

    @contextmanager
    def is_on(self, town: Town, *, after: timedelta = timedelta()) -> Iterator[TimerStory]:
        """Let the app run, `after` it was off for so long."""
        host = DevHost(
            ROOT,
            publish="gather_once.model.clock:source",
            settings=app_settings(AzureWebJobsStorage=self._connection, **self._settings),
            azurite_clock=self._azurite.clock,
            state=self._state,
        )
        if self._off_at is not None:
            assert isinstance(host.clock, VirtualClock)
            host.clock.move_to(self._off_at + after)
        with host:
            yield TimerStory(host, town, self._connection)
            self._off_at = host.now


@pytest.fixture
def town() -> Iterator[Town]:
    with Town() as town:
        town.source("rates").gives({"eur": 4})
        yield town


def test_what_an_outage_missed_is_made_up_for_as_each_schedule_says(
    azurite: SharedAzurite, tmp_path: Path, town: Town
) -> None:
    machine = Machine(tmp_path, azurite, HOURLY)
    with machine.is_on(town) as story:
        for catch_up in ("none", "latest", "all"):
            plan = a_plan().asking("rates")
            story.has_schedule(catch_up, plan, cron=SIX_HOURLY, overlap="allow", catch_up=catch_up)
        story.pass_time(hours=13)

    with machine.is_on(town, after=timedelta(days=1, hours=2, minutes=30)) as story:
        story.pass_time(hours=4)

        before, after = ["01 06:00", "01 12:00"], ["02 18:00"]
        missed = ["01 18:00", "02 00:00", "02 06:00", "02 12:00"]
        assert story.starts("none") == before + after
        assert story.starts("latest") == [*before, "02 12:00", *after]
        assert story.starts("all") == before + missed + after
        ends = story.host.get("/api/gathers?status=completed&top=100").json()["gathers"]
        assert len(ends) == 3 + 4 + 7


def test_a_gather_that_takes_longer_than_the_time_between_two_starts(
    azurite: SharedAzurite, tmp_path: Path, town: Town
) -> None:
    machine = Machine(tmp_path, azurite, "0 */15 * * * *")
    pause = {"retry": {"first_interval": "PT80M", "max_interval": "PT80M", "jitter": 0}}
    with machine.is_on(town) as story:
        for overlap in ("skip", "queue", "allow"):
            story.source(overlap).gives(503, {"eur": 4}, 503, {"eur": 4}, 503, {"eur": 4}, 503)
            plan = a_plan().asking("rates", overlap, **pause)
            story.has_schedule(overlap, plan, cron=HOURLY, overlap=overlap)
        story.pass_time(hours=3, minutes=50)

        assert story.starts("allow") == ["01 01:00", "01 02:00", "01 03:00"]
        assert story.starts("skip") == ["01 01:00", "01 03:00"]
        assert story.starts("queue") == ["01 01:00", "01 02:00"]
        queued = story.host.get("/api/gathers/queue-20260101t0200z").json()
        assert queued["created_at"].startswith("2026-01-01T02:30:00")


def test_a_paused_schedule_starts_nothing_and_makes_up_for_nothing(
    azurite: SharedAzurite, tmp_path: Path, town: Town
) -> None:
    machine = Machine(tmp_path, azurite, HOURLY)
    with machine.is_on(town) as story:
        plan = a_plan().asking("rates")
        fields = {"cron": HOURLY, "catch_up": "all"}
        story.has_schedule("s", plan, **fields)
        story.pass_time(minutes=90)
        story.has_schedule("s", plan, **fields, paused=True)
        assert story.shown("s")["next_runs"] == []
        story.pass_time(hours=3)
        story.has_schedule("s", plan, **fields)
        story.pass_time(hours=1)

        assert story.starts("s") == ["01 01:00", "01 05:00"]
        assert story.shown("s")["next_runs"][0] == "2026-01-01T06:00:00Z"
