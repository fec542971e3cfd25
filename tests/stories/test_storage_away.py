"""Storage may be away for an hour; and after days without it the end can still be read."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from devhost.engine.records import InstanceRecord
from ledger.dossiers import read
from model.fault import Fault, FaultKind
from support.paper_app import PaperApp, PaperSources, paper_app

DEPTH = 30
READABLE = 4096
LAST = f"a{DEPTH}"


def a_deep_plan() -> dict[str, Any]:
    """Each ask needs the one before it; the last pauses for an hour after its first attempt."""
    names = [f"a{number}" for number in range(1, DEPTH + 1)]
    asks: dict[str, Any] = {
        name: {"from": "http", "url": f"http://127.0.0.1/{name}", "needs": names[:number][-1:]}
        for number, name in enumerate(names)
    }
    asks[LAST]["patience"] = {"first": "PT1H", "longest": "PT1H", "jitter": 0}
    return {"asks": asks, "deadline": "P20D"}


def at_full_depth(story: Callable[[PaperApp], Awaitable[None]]) -> None:
    """Play a story from where the whole chain stands, its last ask pausing."""

    async def played(app: PaperApp) -> None:
        async with app.bench:
            await app.begins("g", a_deep_plan())
            await app.bench.settle()
            assert [name for name, _ in app.sources.asked][-1] == LAST
            await story(app)

    sources = PaperSources({LAST: [Fault(FaultKind.PASSING, "503")]})
    with paper_app(sources) as app:
        asyncio.run(played(app))


async def away_for(app: PaperApp, span: timedelta) -> InstanceRecord:
    app.storage_is_away = True
    await app.bench.advance(seconds=span.total_seconds())
    app.storage_is_away = False
    return await app.bench.end_of("g")


def test_an_hour_without_storage_is_ridden_out_at_any_depth() -> None:
    async def story(app: PaperApp) -> None:
        # The last ask pauses during the first of these hours; it misses storage in the second.
        root = await away_for(app, timedelta(hours=2))

        assert root.status.value == "Completed"
        assert [name for name, _ in app.sources.asked].count(LAST) == 2
        dossier = await read(app.blobs, "g", 1)
        assert dossier
        assert len(dossier.answered) == DEPTH

    at_full_depth(story)


def test_days_without_storage_give_an_end_that_can_be_read_and_no_child_fails() -> None:
    async def story(app: PaperApp) -> None:
        root = await away_for(app, timedelta(days=2))

        assert root.status.value == "Failed"
        assert f"{LAST} (broken: crashed)" in str(root.output)
        assert len(str(root.output).encode()) < READABLE
        children = [app.bench.status(f"g:1:a{number}") for number in range(1, DEPTH + 1)]
        assert {child.status.value for child in children} == {"Completed"}

    at_full_depth(story)
