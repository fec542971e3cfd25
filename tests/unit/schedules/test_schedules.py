"""Schedules: which starts are made, once each, through outages and overlaps."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gather_once.gathers import control
from gather_once.gathers.dossier import assemble
from gather_once.model.settings import Settings
from gather_once.plans.plan import Plan, parse_plan
from gather_once.schedules import starts
from gather_once.schedules.schedule import CatchUp, Overlap, Schedule
from gather_once.schedules.starts import Broken, Kept
from gather_once.storage.blobs import Container
from support.gathers import HostTwin, plan_json
from support.memory_blobs import MemoryBlobs

MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)
HOURLY = "0 0 * * * *"


def read_plan(plan: Mapping[str, Any], id: str) -> Plan:
    return parse_plan(dict(plan), Settings(), id=id)


class Clockwork:
    """One schedule, fired when a test says so."""

    def __init__(self, **fields: Any) -> None:
        self.blobs, self.host, self.now = MemoryBlobs(), HostTwin(), MIDNIGHT
        schedule = Schedule(cron=HOURLY, plan=plan_json("a"), **fields)
        asyncio.run(starts.put(self.blobs, "hourly", schedule, now=self.now))

    def fires(self, minutes: float) -> list[str]:
        """Let so many minutes pass, then fire the timer once."""
        self.now += timedelta(minutes=minutes)
        return asyncio.run(self._start())

    async def _start(self) -> list[str]:
        kept = await starts.get(self.blobs, "hourly")
        assert isinstance(kept, Kept)
        return await starts.start_due(
            self.blobs, self.host, kept, now=self.now, read_plan=read_plan
        )

    def both_fire(self, minutes: float) -> list[list[str]]:
        self.now += timedelta(minutes=minutes)

        async def both() -> list[list[str]]:
            return list(await asyncio.gather(self._start(), self._start()))

        return asyncio.run(both())

    def ends(self, gather: str) -> None:
        asyncio.run(assemble(self.blobs, gather, 1, now=self.now))


def test_each_start_is_made_once() -> None:
    clockwork = Clockwork(overlap=Overlap.ALLOW)
    made = [clockwork.fires(30) for _ in range(5)]
    assert made == [[], ["hourly-20260101t0100z"], [], ["hourly-20260101t0200z"], []]


def test_two_timers_at_once_start_one_instance() -> None:
    clockwork = Clockwork()
    clockwork.both_fire(60)
    assert [instance for _, instance, _ in clockwork.host.started] == ["hourly-20260101t0100z"]


def test_what_is_put_anew_while_starts_are_made_up_for_stops_them() -> None:
    clockwork = Clockwork(overlap=Overlap.ALLOW, catch_up=CatchUp.ALL)
    paused = Schedule(cron=HOURLY, plan=plan_json("a"), paused=True)

    async def pause(call: str) -> None:
        if call == "start":
            await starts.put(clockwork.blobs, "hourly", paused, now=clockwork.now)

    clockwork.host = HostTwin(before=pause)
    assert clockwork.fires(300) == ["hourly-20260101t0100z"]


@pytest.mark.parametrize(
    ("catch_up", "hours"),
    [(CatchUp.NONE, []), (CatchUp.LATEST, [5]), (CatchUp.ALL, [1, 2, 3, 4, 5])],
)
def test_after_an_outage(catch_up: CatchUp, hours: list[int]) -> None:
    clockwork = Clockwork(catch_up=catch_up, overlap=Overlap.ALLOW)
    assert clockwork.fires(5 * 60 + 20) == [f"hourly-20260101t0{hour}00z" for hour in hours]
    assert clockwork.fires(40) == ["hourly-20260101t0600z"]


def test_a_start_that_overlaps_is_skipped() -> None:
    clockwork = Clockwork()
    [first] = clockwork.fires(60)
    assert clockwork.fires(60) == []
    clockwork.ends(first)
    assert clockwork.fires(60) == ["hourly-20260101t0300z"]


def test_a_start_that_overlaps_is_queued_and_not_forgotten() -> None:
    clockwork = Clockwork(overlap=Overlap.QUEUE)
    [first] = clockwork.fires(60)
    assert clockwork.fires(60) == []
    assert clockwork.fires(30) == []
    clockwork.ends(first)
    assert clockwork.fires(1) == ["hourly-20260101t0200z"]


def test_a_paused_schedule_makes_up_for_nothing() -> None:
    clockwork = Clockwork(paused=True, catch_up=CatchUp.ALL)
    assert clockwork.fires(600) == []
    schedule = Schedule(cron=HOURLY, plan=plan_json("a"), catch_up=CatchUp.ALL)
    asyncio.run(starts.put(clockwork.blobs, "hourly", schedule, now=clockwork.now))
    assert clockwork.fires(60) == ["hourly-20260101t1100z"]


def test_a_gather_that_was_deleted_blocks_nobody() -> None:
    clockwork = Clockwork()
    [first] = clockwork.fires(60)
    clockwork.ends(first)
    found = asyncio.run(control.read(clockwork.blobs, first))
    assert found is not None
    asyncio.run(control.bury(clockwork.blobs, found))
    assert clockwork.fires(60) == ["hourly-20260101t0200z"]


def test_no_more_than_a_thousand_starts_are_looked_at_in_one_go() -> None:
    schedule = Schedule(cron="0 * * * * *", plan={}, catch_up=CatchUp.ALL)
    due = starts.slots(Kept("n", schedule, MIDNIGHT), MIDNIGHT + timedelta(days=30))
    assert len(due) == starts.AT_ONCE


@pytest.mark.parametrize(
    ("content", "said", "pointers"),
    [
        (b"{", {"last": "2026-01-01T00:00:00+00:00"}, [""]),
        (b"\xff", {"last": "2026-01-01T00:00:00+00:00"}, [""]),
        (b'{"cron": "0 0 * * * *", "plan": {}, "zone": 1}', {}, ["/zone"]),
        (b'{"cron": "0 61 * * * *", "plan": {}}', {}, ["/cron"]),
        (b'{"cron": "0 0 * * * *", "plan": {}}', {}, [""]),
        (b'{"cron": "0 0 * * * *", "plan": {}}', {"last": "noon"}, [""]),
    ],
)
def test_one_that_can_be_read_no_more_says_why_and_is_put_anew(
    content: bytes, said: dict[str, str], pointers: list[str]
) -> None:
    blobs = MemoryBlobs()
    asyncio.run(blobs.create(Container.SCHEDULES, "schedule/s", content, metadata=said))

    found = asyncio.run(starts.get(blobs, "s"))
    assert isinstance(found, Broken)
    assert [defect.pointer for defect in found.defects] == pointers

    schedule = Schedule(cron=HOURLY, plan=plan_json("a"))
    assert not asyncio.run(starts.put(blobs, "s", schedule, now=MIDNIGHT))
    assert isinstance(asyncio.run(starts.get(blobs, "s")), Kept)
