"""The examples of docs/divergences.md: found out as written, and running through as advised."""

import json
import re
import textwrap
import warnings
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import azure.durable_functions as df
import pytest

from devhost.engine.records import Status
from devhost.engine.scheduler import EngineOptions
from devhost_support.durable import Bench, Benches

GUIDE = Path(__file__).parents[3] / "docs" / "divergences.md"
GIVEN = """
in_an_hour = context.current_utc_datetime + timedelta(hours=1)
ones, url = [1, 2], "http://127.0.0.1/"
state = context.get_input() or {"turn": 0}
"""
TWICE = df.RetryOptions(first_retry_interval_in_milliseconds=60_000, max_number_of_attempts=2)
Stage = Callable[[Bench, str], Awaitable[None]]


def boom(_: Any) -> None:
    raise ValueError("boom")


ACTIVITIES: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("boom", "flaky"), boom),
    **dict.fromkeys(("clean_up", "use", "next", "give_up"), lambda _: None),
    "try_it": lambda one: {"failed": one == 1},
    "post_to": lambda url: f"called {url}",
    "read_inbox": lambda _: ["a letter"],
}


def raising(*names: str, after: timedelta = timedelta(0)) -> Stage:
    async def stage(bench: Bench, instance_id: str) -> None:
        await bench.advance(seconds=after.total_seconds())
        for name in names:
            bench.engine.raise_event(instance_id, name, "1")
            await bench.settle()

    return stage


on_day_four = timedelta(days=3, hours=12)
WRITTEN = {
    4: raising("go", after=on_day_four),
    5: raising("go"),
    6: raising("go"),
    7: raising("go"),
    8: raising("code"),
}
ADVISED = {
    4: raising("go:1", after=on_day_four),
    5: raising("go:1", "go:2"),
    6: raising("wake:0"),
    7: raising("go"),
    8: raising("code:0", after=timedelta(minutes=5)),
}
TAKES = {
    2: timedelta(minutes=1),
    4: on_day_four,
    5: timedelta(hours=1),
    6: timedelta(0),
    7: timedelta(0),
    8: timedelta(minutes=25),
}
"""When what is advised has ended: at once with its event, and not by the limit it races against."""


@pytest.fixture(autouse=True)
def _early_events_are_expected() -> Iterator[None]:
    """The SDK itself warns of an event that nobody waits for."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Potential duplicate Task completion")
        yield


def blocks(number: int) -> list[str]:
    """Return the examples of a section, in their order."""
    section = re.split(r"^## ", GUIDE.read_text(), flags=re.MULTILINE)[number]
    assert section.startswith(f"{number}. ")
    return re.findall(r"```python\n(.*?)```", section, re.DOTALL)


def orchestrators(*sources: str) -> dict[str, Any]:
    """Make functions of the examples: whole ones under their name, a body as `o`."""
    found: dict[str, Any] = {"timedelta": timedelta, "twice": TWICE}
    for source in sources:
        is_whole = source.startswith("def ")
        body = textwrap.indent(GIVEN + source, "    ")
        exec(source if is_whole else f"def o(context):\n{body}", found)  # noqa: S102  our own guide
    return {name: one for name, one in found.items() if name in {"o", "careful"}}


async def on_stage(bench: Bench, stage: Stage | None) -> str:
    text = json.dumps(json.dumps({"turn": 0}))
    instance_id = bench.engine.start_instance("o", text)
    await bench.settle()
    if stage:
        await stage(bench, instance_id)
    await bench.end_of(instance_id)
    return instance_id


@pytest.mark.parametrize("number", range(1, 9))
def test_what_was_written_is_found_out(bench: Benches, number: int) -> None:
    written = orchestrators(blocks(number)[0])

    @bench(written, ACTIVITIES, options=EngineOptions(is_strict=True))
    async def _(bench: Bench) -> None:
        record = bench.status(await on_stage(bench, WRITTEN.get(number)))
        assert record.status is Status.FAILED
        assert [one.case.number for one in bench.engine.scheduler.divergences] == [number]


@pytest.mark.parametrize("number", range(1, 9))
def test_what_is_advised_runs_through(bench: Benches, number: int) -> None:
    advised = orchestrators(*blocks(number)[1:])

    @bench(advised, ACTIVITIES, options=EngineOptions(is_strict=True))
    async def _(bench: Bench) -> None:
        record = bench.status(await on_stage(bench, ADVISED.get(number)))
        assert record.status is Status.COMPLETED, record.output
        took = record.updated_at - record.created_at
        assert took == TAKES.get(number, timedelta(0))
        assert bench.engine.scheduler.divergences == []
