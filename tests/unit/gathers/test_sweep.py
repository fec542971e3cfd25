"""Erasing what a deleted gather owned, and what nobody owns."""

import asyncio
from datetime import timedelta

from gather_once.gathers import commands, control, index, maintenance
from gather_once.gathers.dossier import assemble
from gather_once.gathers.index import Entry
from gather_once.storage import paths
from gather_once.storage.blobs import Container
from support.a_gather import AGather
from support.gathers import NOON, SECOND
from support.listed import Listed

REST = timedelta(hours=1)


def forgotten() -> AGather:
    gather = AGather("a b s:ab")
    gather.claimed()
    gather.opened()
    gather.keeps("a")
    gather.ends()
    gather.runs_again()
    gather.opened("e2", run=2)
    gather.terminates()
    gather.is_forgotten()
    return gather


def test_a_tombstone_is_due_when_nothing_can_be_under_way_any_more() -> None:
    found = forgotten().control
    assert not maintenance.is_due(found, REST, NOON + REST - SECOND)
    assert maintenance.is_due(found, REST, NOON + REST)


def test_a_gather_that_is_not_deleted_is_never_due() -> None:
    gather = AGather()
    gather.claimed()
    assert not maintenance.is_due(gather.control, REST, NOON + 1000 * REST)


def test_everything_is_erased_but_the_tombstone() -> None:
    gather = forgotten()
    neighbour = (Container.GATHERS, "g-2/1/outcome/a")
    gather.does(gather.blobs.create(*neighbour, b"{}"))
    gather.does(maintenance.sweep(gather.blobs, gather.host, gather.control))
    assert set(gather.blobs.stored) == {(Container.GATHERS, "g/gather"), neighbour}
    assert {"g", "g:1:s", "g:2", "g:2:a"} <= set(gather.host.purged)
    gather.does(maintenance.sweep(gather.blobs, gather.host, gather.control))
    assert (Container.GATHERS, "g/gather") in gather.blobs.stored


def test_of_a_list_journals_payloads_and_the_lanes_of_all_runs_are_erased() -> None:
    large = "x" * 70_000
    listed = Listed(lambda *_: large, list(range(30)), max_parallel=60, fresh_for="P1D")
    listed.expands()
    listed.lane(0)
    listed.concludes(listed.joins())
    listed.again()
    listed.concludes(listed.goes())
    asyncio.run(assemble(listed.blobs, "g", 2, now=listed.now))
    listed.host.lets("g:2", "Completed")
    asyncio.run(commands.forget(listed.blobs, listed.host, "g", now=listed.now))
    owned = " ".join(name for where, name in listed.blobs.stored if where is Container.GATHERS)
    for kind in ("/lane/a/2/0", "/1/list/a", "/2/list/a", "/payload/", "/copy/"):
        assert kind in owned

    found = asyncio.run(control.read(listed.blobs, "g"))
    assert found
    asyncio.run(maintenance.sweep(listed.blobs, listed.host, found))

    left = [name for where, name in listed.blobs.stored if where is Container.GATHERS]
    assert left == ["g/gather"]
    lanes = {f"g:{run}:a:{lane}" for run in (1, 2) for lane in range(3)}
    assert lanes <= set(listed.host.purged)


def test_an_index_blob_that_nobody_names_is_erased_when_it_is_old() -> None:
    gather = AGather()
    found = gather.claimed()
    stray = Entry(paths.index("other", NOON), "other", NOON)
    named = Entry(found.index, "g", NOON)
    gather.does(index.enter(gather.blobs, stray.name))

    def strikes(entry: Entry, age: timedelta) -> bool:
        return gather.does(maintenance.strike_stray(gather.blobs, entry, REST, NOON + age))

    assert [strikes(named, REST), strikes(stray, REST - SECOND)] == [False, False]
    assert strikes(stray, REST)
    assert (Container.INDEX, stray.name) not in gather.blobs.stored
    assert (Container.INDEX, named.name) in gather.blobs.stored
