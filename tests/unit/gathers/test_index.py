"""The index: all gathers, newest first, page by page."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from gather_once.executor.old.concluding import conclude
from gather_once.gathers import commands, control, index, start
from gather_once.gathers.dossier import assemble
from gather_once.gathers.index import Page, Wanted
from gather_once.model.errors import InvalidInput
from gather_once.model.progress import GatherStatus
from gather_once.storage import paths
from gather_once.storage.blobs import Container
from support.gathers import NOON, SECOND, HostTwin, a_plan, kept
from support.memory_blobs import MemoryBlobs


class Archive:
    """Gathers claimed a second apart, `g0` first."""

    def __init__(self, ids: Iterable[str] = ()) -> None:
        self.blobs, self.host = MemoryBlobs(), HostTwin()
        for number, gather in enumerate(ids):
            moment = NOON + number * SECOND
            asyncio.run(start.begin(self.blobs, self.host, gather, a_plan(), now=moment))

    def ends(self, gather: str, *, well: bool = True) -> None:
        if well:
            asyncio.run(conclude(self.blobs, gather, 1, kept("a")))
        asyncio.run(assemble(self.blobs, gather, 1, now=NOON))
        self.host.lets(gather, "Completed" if well else "Failed")

    def page(self, *, top: int = 10, after: str | None = None, **wanted: Any) -> Page:
        return asyncio.run(
            index.newest(self.blobs, self.host, Wanted(**wanted), top=top, after=after)
        )

    def ids(self, **wanted: Any) -> list[str]:
        return [row.control.gather for row in self.page(**wanted).rows]


def test_the_newest_comes_first() -> None:
    assert Archive(["g0", "g1", "g2"]).ids() == ["g2", "g1", "g0"]


def test_pages_follow_one_another_without_gap_or_repetition() -> None:
    archive = Archive([f"g{n}" for n in range(7)])
    seen, after = [], None
    for _ in range(4):
        page = archive.page(top=2, after=after)
        seen += [row.control.gather for row in page.rows]
        after = page.after
    assert seen == [f"g{n}" for n in reversed(range(7))]
    assert after is None


def test_pages_of_storage_are_followed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "_PAGE", 3)
    archive = Archive([f"g{n}" for n in range(8)])
    first = archive.page(top=4)
    second = archive.page(top=4, after=first.after)
    assert [row.control.gather for row in first.rows] == ["g7", "g6", "g5", "g4"]
    assert [row.control.gather for row in second.rows] == ["g3", "g2", "g1", "g0"]


def test_ids_and_moments_bound_the_list() -> None:
    archive = Archive(["x0", "g1", "g2", "x3"])
    assert archive.ids(prefix="g") == ["g2", "g1"]
    assert archive.ids(since=NOON + SECOND) == ["x3", "g2", "g1"]
    assert archive.ids(until=NOON + SECOND) == ["x0"]


def test_a_gather_is_listed_with_its_status() -> None:
    archive = Archive(["pending", "running", "held", "paused", "done", "failed", "lost"])
    for gather in ("running", "held", "lost"):
        archive.host.lets(gather, "Running")
    archive.host.lets("paused", "Suspended")
    archive.host.lets("lost", "Terminated")
    asyncio.run(commands.suspend(archive.blobs, "held"))
    archive.ends("done")
    archive.ends("failed", well=False)
    assert {row.control.gather: row.status for row in archive.page().rows} == {
        "pending": "scheduled",
        "running": "running",
        "held": "suspended",
        "paused": "suspended",
        "done": "completed",
        "failed": "failed",
        "lost": "terminating",
    }
    assert archive.ids(status=GatherStatus.SUSPENDED) == ["paused", "held"]
    assert archive.ids(status=GatherStatus.TERMINATED) == []


def test_what_no_control_blob_names_and_what_is_gone_is_not_shown() -> None:
    archive = Archive(["g0", "g1"])
    asyncio.run(index.enter(archive.blobs, f"{0:016d}-stray"))
    asyncio.run(index.enter(archive.blobs, f"{0:016d}-g0"))
    archive.ends("g1")
    asyncio.run(commands.forget(archive.blobs, archive.host, "g1", now=NOON))
    assert archive.ids() == ["g0"]


def test_a_claim_that_lost_leaves_nothing_in_the_index() -> None:
    archive = Archive()

    class Rival(MemoryBlobs):
        """Lets another caller claim the id between this one's look and its claim."""

        is_first = True

        async def create(self, container: Container, name: str, *rest: Any, **more: Any) -> str:
            if container is Container.GATHERS and self.is_first:
                self.is_first = False
                await start.begin(self, archive.host, "g", a_plan(), now=NOON + SECOND)
            return await super().create(container, name, *rest, **more)

    archive.blobs = Rival()
    asyncio.run(start.begin(archive.blobs, archive.host, "g", a_plan(), now=NOON))
    found = asyncio.run(control.read(archive.blobs, "g"))
    assert found is not None
    entries = [name for container, name in archive.blobs.stored if container is Container.INDEX]
    assert entries == [found.index]
    assert len(archive.host.started) == 1


@pytest.mark.parametrize("after", ["", "x", "bnVsbA==", "WzEsMl0=", "[]", "WyJhIiwgImIiXQ=="])
def test_a_place_that_is_not_from_here_is_refused(after: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Archive(["g0"]).page(after=after)
    assert refused.value.defects[0].pointer == "after"


def test_an_index_blob_says_whose_it_is_and_since_when() -> None:
    moment = NOON + timedelta(microseconds=123)
    assert paths.read_index(paths.index("a-b-1", moment)) == (moment, "a-b-1")
