"""A second gather with the same id is the same gather, whoever starts it and when."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gather_once.gathers.reconcile import settle
from support.story import Story, a_plan

PLAN = a_plan(id="mine").asking("rates")


def test_ten_racing_starters_start_one(story: Story) -> None:
    story.source("rates").gives({"eur": 4})

    answers = story.at_once(*[lambda: story.puts("mine", PLAN)] * 10)

    assert {answer.status_code for answer in answers} <= {200, 202}
    story.host.wait("mine")
    assert story.source("rates").attempts == 1
    listed = story.host.get("/api/gathers").json()["gathers"]
    assert [one["id"] for one in listed] == ["mine"]


def test_starting_a_running_gather_again_schedules_nothing(story: Story) -> None:
    story.source("rates").gives({"eur": 4})
    plan = a_plan(id="mine", start_in="PT1H").asking("rates")
    first = story.sends(plan)
    story.pass_time(minutes=30)
    created = story.host.status("mine")["createdTime"]
    second = story.sends(plan)

    assert (second.status_code, second.json()) == (202, first.json())
    assert story.host.status("mine")["createdTime"] == created


def test_starting_a_finished_gather_again_gives_its_dossier(story: Story) -> None:
    story.source("rates").gives({"eur": 4})
    gather = story.gathers(PLAN)
    told = story.sends(PLAN)

    assert (told.status_code, told.json()) == (200, gather.whole_dossier)
    story.pass_time(days=1)
    assert story.source("rates").attempts == 1


def test_another_plan_under_the_same_id_is_refused_for_ever(story: Story) -> None:
    story.source("rates").gives({"eur": 4})
    other = a_plan(id="mine").asking("rates", query={"day": "today"})
    gather = story.start(PLAN)

    while_running = story.sends(other)
    gather.end()

    assert [while_running.status_code, story.sends(other).status_code] == [409, 409]
    assert gather.dossier == {"rates": {"eur": 4}}


def test_racing_runs_again_are_one_run_and_are_all_told_the_same(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.source("rates").gives(404, {"eur": 4})
    gather = story.gathers(PLAN)
    monkeypatch.setattr("gather_once.gathers.commands.settle", StartLine(5, settle))

    answers = story.at_once(*[lambda: gather.post("/rerun")] * 5)

    assert {one.status_code for one in answers} == {202}
    assert {one.json()["instanceId"] for one in answers} == {"mine:2"}
    assert len({one.text for one in answers}) == 1
    assert gather.end().whole_dossier["run"] == 2
    assert story.source("rates").attempts == 2


def test_a_wish_that_comes_when_the_next_run_is_under_way_is_refused(story: Story) -> None:
    story.source("rates").gives(404, 503, {"eur": 4})
    gather = story.gathers(PLAN)
    gather.again()
    story.host.settle()

    assert gather.post("/rerun").status_code == 409
    assert gather.end().whole_dossier["run"] == 2


class StartLine:
    """Lets no racer go on before as many as are named have read where the gather stands."""

    def __init__(self, racers: int, read: Callable[..., Awaitable[Any]]) -> None:
        self._left, self._read, self._everybody = racers, read, asyncio.Barrier(racers)

    async def __call__(self, *args: Any, **kwargs: Any) -> Any:
        found = await self._read(*args, **kwargs)
        self._left -= 1
        if self._left >= 0:
            await self._everybody.wait()
        return found
