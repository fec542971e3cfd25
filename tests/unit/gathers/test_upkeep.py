"""Upkeep: repairs, follows the host, tells, forgets; a window at a time, round and round."""

import asyncio
from datetime import timedelta

import pytest

from gather_once.gathers import control
from gather_once.gathers.commands import forget
from gather_once.gathers.control import HeldBy, State
from gather_once.gathers.dossier import assemble
from gather_once.gathers.maintenance import (
    GIVES_UP_AFTER,
    REST,
    Care,
    Walk,
    forget_receipts,
    look_after_gathers,
)
from gather_once.gathers.start import begin
from gather_once.ledger.keys import Claim, FreeAt, Hold, InDoubt, KeyBlob, encode
from gather_once.ledger.old import runs
from gather_once.model import clock
from gather_once.storage.blobs import Container
from support.gathers import NOON, HostTwin, a_plan
from support.memory_blobs import Fate, MemoryBlobs, Operation

DAY = timedelta(days=1)


class Years:
    """Gathers over a long time, looked after when a test says so."""

    def __init__(self) -> None:
        self.blobs, self.host, self.now = MemoryBlobs(), HostTwin(), NOON
        self.told: list[tuple[str, int]] = []

    def begins(self, gather: str = "g", *, by_queue: bool = False) -> None:
        plan = a_plan()
        asyncio.run(begin(self.blobs, self.host, gather, plan, now=self.now, by_queue=by_queue))

    def ends(self, gather: str = "g") -> None:
        asyncio.run(assemble(self.blobs, gather, 1, now=self.now))
        self.host.lets(gather, "Completed")

    def state(self, gather: str = "g") -> tuple[State, HeldBy | None]:
        found = asyncio.run(control.read(self.blobs, gather))
        assert found is not None
        return found.state, found.held

    def care(self) -> Care:
        return Care(self.blobs, self.host, self._tell, self.now, 90 * DAY, 365 * DAY)

    def looks_after(self, window: int = 200) -> int:
        return self.walks(window).seen

    def walks(self, window: int = 200) -> Walk:
        return asyncio.run(look_after_gathers(self.care(), window))

    async def _tell(self, gather: str, run: int) -> None:
        self.told.append((gather, run))


@pytest.fixture
def years(monkeypatch: pytest.MonkeyPatch) -> Years:
    years = Years()
    monkeypatch.setattr(clock, "source", lambda: years.now)
    return years


def test_what_was_claimed_and_not_started_is_started(years: Years) -> None:
    years.host.is_down = True
    years.begins()
    years.host.is_down = False
    years.looks_after()

    assert [instance for _, instance, _ in years.host.started] == ["g"]


def test_a_root_that_was_terminated_through_the_host_ends_its_gather(years: Years) -> None:
    years.begins()
    years.host.lets("g", "Terminated")
    years.looks_after()

    assert years.state() == (State.STOP, None)


def test_a_root_that_was_suspended_holds_its_gather_until_it_goes_on(years: Years) -> None:
    years.begins()
    years.host.lets("g", "Suspended")
    years.looks_after()
    assert years.state() == (State.HOLD, HeldBy.HOST)

    years.host.lets("g", "Running")
    years.looks_after()
    assert years.state() == (State.GO, None)


def test_an_end_without_a_mark_is_told_unless_the_root_lives(years: Years) -> None:
    years.begins(by_queue=True)
    years.ends()
    years.host.lets("g", "Running")
    years.looks_after()
    assert years.told == []

    years.host.lets("g", "Completed")
    years.looks_after()
    assert years.told == [("g", 1)]

    asyncio.run(runs.mark_delivery(years.blobs, "g", 1, runs.Delivery.SENT))
    years.looks_after()
    assert years.told == [("g", 1)]


def test_an_end_that_nobody_wants_to_hear_is_not_told(years: Years) -> None:
    years.begins()
    years.ends()
    years.looks_after()

    assert years.told == []


def test_what_is_past_its_retention_is_forgotten_then_erased_but_for_its_tombstone(
    years: Years,
) -> None:
    years.begins()
    years.ends()
    years.now += 90 * DAY
    years.looks_after()
    assert years.state()[0] is State.GONE

    years.now += REST
    years.looks_after()
    left = [name for container, name in years.blobs.stored if container is Container.GATHERS]
    assert left == ["g/gather"]
    assert not [name for container, name in years.blobs.stored if container is Container.INDEX]


def test_a_young_tombstone_keeps_what_a_late_activity_may_look_for(years: Years) -> None:
    years.begins()
    years.ends()
    asyncio.run(forget(years.blobs, years.host, "g", now=years.now))
    years.now += REST - timedelta(seconds=1)
    years.looks_after()

    assert (Container.GATHERS, "g/1/dossier") in years.blobs.stored


def test_it_goes_on_where_the_last_firing_stopped_and_begins_again(years: Years) -> None:
    for number in range(5):
        years.begins(f"g{number}")

    assert [years.looks_after(2) for _ in range(4)] == [2, 2, 1, 2]


def test_it_says_which_gathers_are_under_way_in_its_own_task_hub(years: Years) -> None:
    for gather in ("a", "b"):
        years.begins(gather)
    years.ends("a")
    assert [found.gather for found in years.walks().running] == ["b"]

    years.host = HostTwin("Other")
    assert years.walks().running == ()


def test_a_gather_of_another_task_hub_is_left_alone(years: Years) -> None:
    years.begins()
    years.host = HostTwin("Other")
    years.looks_after()

    assert (years.host.started, years.state()) == ([], (State.GO, None))


def test_a_gather_for_which_the_host_never_answers_holds_nobody_up(years: Years) -> None:
    for number in range(4):
        years.begins(f"g{number}")
    years.host.started.clear()
    years.host.instances.clear()
    years.host.is_silent_about.add("g1")

    walks = [asyncio.run(look_after_gathers(years.care(), 2)) for _ in range(2)]

    assert [(walk.seen, walk.unanswered) for walk in walks] == [(2, ("g1",)), (2, ())]
    assert {instance for _, instance, _ in years.host.started} == {"g0", "g2", "g3"}


def test_a_host_that_answers_for_nobody_is_not_asked_about_everybody(years: Years) -> None:
    for number in range(GIVES_UP_AFTER + 2):
        years.begins(f"g{number}")
    years.host.is_down = True

    assert years.looks_after() == GIVES_UP_AFTER
    years.host.is_down = False
    assert years.looks_after() == 2


def test_a_gather_that_cannot_be_read_fails_the_firing_and_not_the_next(years: Years) -> None:
    for number in range(3):
        years.begins(f"g{number}")
    where = (Container.GATHERS, "g1/gather")
    version = years.blobs.stored[where].version
    asyncio.run(years.blobs.mark(*where, {"index": "x"}, version=version))

    with pytest.raises(KeyError):
        years.looks_after()
    assert years.looks_after() == 1


SOON = NOON + timedelta(days=366)


@pytest.mark.parametrize(
    ("hold", "is_forgotten"),
    [
        (None, True),
        (FreeAt("e", NOON), True),
        (FreeAt("e", SOON + DAY), False),
        (Claim("e", "g", NOON, NOON), False),
        (InDoubt("e"), False),
    ],
)
def test_an_old_shared_receipt_is_forgotten_unless_somebody_holds_it(
    years: Years,
    hold: Hold,
    is_forgotten: bool,  # noqa: FBT001  a column of the table
) -> None:
    content = encode(KeyBlob(hold=hold))
    asyncio.run(years.blobs.create(Container.SHARED, "key/receipt", content))
    asyncio.run(years.blobs.create(Container.SHARED, "key/payload/p", b"1"))
    years.now = SOON

    assert asyncio.run(forget_receipts(years.care())) == is_forgotten
    assert bool(years.blobs.stored.keys() & {(Container.SHARED, "key/payload/p")}) != is_forgotten


def test_a_receipt_that_is_claimed_while_it_is_to_be_forgotten_stays_with_what_comes(
    years: Years,
) -> None:
    """Somebody claims the key, and writes a payload, after upkeep has read that nobody holds it."""
    where = (Container.SHARED, "key/receipt")
    asyncio.run(years.blobs.create(*where, encode(KeyBlob())))
    years.now = SOON
    claimed = encode(KeyBlob(hold=Claim("e", "g:1", SOON, SOON)))

    async def fate(operation: Operation) -> Fate:
        if operation.verb == "delete" and years.blobs.stored[where].content != claimed:
            version = years.blobs.stored[where].version
            await years.blobs.replace(*where, claimed, version=version)
            await years.blobs.create(Container.SHARED, "key/payload/new", b"1")
        return Fate.CARRIED_OUT

    years.blobs._fates = fate
    assert asyncio.run(forget_receipts(years.care())) == 0
    assert years.blobs.stored[where].content == claimed
    assert (Container.SHARED, "key/payload/new") in years.blobs.stored


def test_a_receipt_that_a_newer_app_has_written_stays_and_stops_no_other(years: Years) -> None:
    newer = encode(KeyBlob()).replace(b'"v":1', b'"v":2')
    assert newer != encode(KeyBlob())
    asyncio.run(years.blobs.create(Container.SHARED, "a/receipt", newer))
    asyncio.run(years.blobs.create(Container.SHARED, "b/receipt", encode(KeyBlob())))
    years.now = SOON

    assert asyncio.run(forget_receipts(years.care())) == 1
    assert (Container.SHARED, "a/receipt") in years.blobs.stored


def test_a_receipt_that_may_still_be_fresh_stays(years: Years) -> None:
    asyncio.run(years.blobs.create(Container.SHARED, "key/receipt", encode(KeyBlob())))
    years.now += 364 * DAY

    assert asyncio.run(forget_receipts(years.care())) == 0


def test_payloads_that_are_left_of_a_receipt_are_erased_when_they_are_old(years: Years) -> None:
    """Upkeep was cut off after it had erased the receipt."""
    for name in ("a/payload/p", "b/payload/p"):
        asyncio.run(years.blobs.create(Container.SHARED, name, b"1"))
    claimed = encode(KeyBlob(hold=Claim("e", "g", NOON, NOON)))
    asyncio.run(years.blobs.create(Container.SHARED, "b/receipt", claimed))
    asyncio.run(forget_receipts(years.care()))
    assert (Container.SHARED, "a/payload/p") in years.blobs.stored, "somebody may be writing it"

    years.now = SOON
    asyncio.run(forget_receipts(years.care()))
    left = [name for where, name in years.blobs.stored if where is Container.SHARED]
    assert left == ["b/payload/p", "b/receipt"]
