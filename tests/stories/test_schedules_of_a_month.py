"""A month of an hourly schedule through two outages, and timers that fire at once, in any order."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from gather_once.gathers.dossier import assemble
from gather_once.model.settings import Settings
from gather_once.plans.plan import Plan, parse_plan
from gather_once.schedules import starts
from gather_once.schedules.schedule import CatchUp, Overlap, Schedule, slot_id
from gather_once.schedules.starts import Kept
from support.gathers import HostTwin, plan_json
from support.memory_blobs import Fate, MemoryBlobs, Operation

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
SLOTS = [BEGAN + number * HOUR for number in range(1, 31 * 24 + 1)]
OUTAGES = (  # two days and more, and one that is over a minute after a start
    (BEGAN.replace(day=3, hour=5, minute=20), BEGAN.replace(day=5, hour=14, minute=40)),
    (BEGAN.replace(day=20, hour=23, minute=50), BEGAN.replace(day=21, minute=1)),
)
LONG = [slot for slot in SLOTS if OUTAGES[0][0] <= slot < OUTAGES[0][1]]
"""The starts of the first outage: nobody was there when they were due."""


def read_plan(plan: Mapping[str, Any], id: str) -> Plan:
    return parse_plan(dict(plan), Settings(), id=id)


def firings() -> Iterator[datetime]:
    """Yield when the timer fires: each half hour, and as soon as an outage is over."""
    moment = BEGAN
    while moment < SLOTS[-1]:
        moment += timedelta(minutes=30)
        for begins, ends in OUTAGES:
            if begins <= moment < ends:
                yield ends
                moment = ends.replace(minute=ends.minute // 30 * 30)
                break
        else:
            yield moment


class Month:
    """An hourly schedule; its gathers end at once, or after so many hours."""

    def __init__(self, *, lasting: timedelta = timedelta(), **fields: Any) -> None:
        self.blobs, self.host = MemoryBlobs(), HostTwin()
        self._lasting = lasting
        self._schedule = Schedule(cron="0 0 * * * *", plan=plan_json("a"), **fields)
        self._ends: dict[str, datetime] = {}

    async def goes_by(self) -> list[str]:
        """Return the ids of the gathers that were begun, in the order of their beginning."""
        await starts.put(self.blobs, "h", self._schedule, now=BEGAN)
        begun: list[str] = []
        for now in firings():
            await self._ends_what_is_over(now)
            kept = await starts.get(self.blobs, "h")
            assert isinstance(kept, Kept)
            started = await starts.start_due(
                self.blobs, self.host, kept, now=now, read_plan=read_plan
            )
            self._ends |= dict.fromkeys(started, now + self._lasting)
            begun += started
        assert len(begun) == len(self.host.started)
        return begun

    async def _ends_what_is_over(self, now: datetime) -> None:
        for gather in [one for one, end in self._ends.items() if end <= now]:
            await assemble(self.blobs, gather, 1, now=self._ends.pop(gather))


def ids_of(slots: list[datetime]) -> list[str]:
    return [slot_id("h", slot) for slot in slots]


@pytest.mark.parametrize(
    ("catch_up", "left_out"),
    [(CatchUp.NONE, LONG), (CatchUp.LATEST, LONG[:-1]), (CatchUp.ALL, [])],
)
def test_a_month_through_two_outages(catch_up: CatchUp, left_out: list[datetime]) -> None:
    begun = asyncio.run(Month(catch_up=catch_up, overlap=Overlap.ALLOW).goes_by())

    assert len(LONG) == 57
    assert begun == ids_of([slot for slot in SLOTS if slot not in left_out])


def test_a_month_of_gathers_that_overlap_and_are_skipped() -> None:
    begun = asyncio.run(Month(lasting=1.5 * HOUR, overlap=Overlap.SKIP).goes_by())

    assert begun[:3] == ids_of([SLOTS[0], SLOTS[2], SLOTS[4]])
    assert len(begun) == pytest.approx((len(SLOTS) - len(LONG)) / 2, abs=2)


def test_a_month_of_gathers_that_wait_for_each_other_makes_every_start_in_its_turn() -> None:
    month = Month(lasting=0.4 * HOUR, overlap=Overlap.QUEUE, catch_up=CatchUp.ALL)

    assert asyncio.run(month.goes_by()) == ids_of(SLOTS)


@pytest.mark.parametrize("seed", range(100))
def test_timers_that_fire_at_once_start_one_instance_in_whatever_order(seed: int) -> None:
    chance = Random(seed)  # noqa: S311  repeatable choices, no secret

    async def fate(_: Operation) -> Fate:
        for _turn in range(chance.randrange(4)):
            await asyncio.sleep(0)
        return Fate.REPEATED if chance.random() < 0.2 else Fate.CARRIED_OUT

    blobs, host = MemoryBlobs(fate), HostTwin()

    async def fires(now: datetime) -> list[str]:
        kept = await starts.get(blobs, "h")
        assert isinstance(kept, Kept)
        return await starts.start_due(blobs, host, kept, now=now, read_plan=read_plan)

    async def all_fire() -> None:
        schedule = Schedule(cron="0 0 * * * *", plan=plan_json("a"), overlap=Overlap.ALLOW)
        await starts.put(blobs, "h", schedule, now=BEGAN)
        for hour in (1, 2):
            await asyncio.gather(*(fires(BEGAN + hour * HOUR) for _ in range(3)))

    asyncio.run(all_fire())
    assert [instance for _, instance, _ in host.started] == ids_of(SLOTS[:2])
