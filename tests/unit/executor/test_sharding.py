"""A computation in shards, errand by errand, over storage in memory and real functions."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from gather_once.executor.context import Surroundings
from gather_once.executor.old.obtaining import obtained
from gather_once.gathers import start
from gather_once.gathers.opening import open_run
from gather_once.http_client.call import Answer, Call
from gather_once.http_client.secrets import Secrets
from gather_once.model.settings import Settings
from gather_once.model.wire import moment_to_wire
from gather_once.plans.plan import parse_plan
from gather_once.sources.compute import ComputeSource
from gather_once.sources.port import Source
from gather_once.storage.blobs import Container
from support.computing import FUNCTIONS
from support.gathers import HostTwin
from support.memory_blobs import Fate, MemoryBlobs, Operation

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
TOTAL = {"from": "compute", "function": "total", "input": {"numbers": [1, 2, 4]}, "shards": 3}


async def at_once(call: Callable[[], Answer]) -> Answer:
    return call()


async def never(_: Callable[[], Answer]) -> Answer:
    raise AssertionError("computations have threads of their own")


class Watched:
    """A source that remembers what it was asked; `broken` has another function for some shards."""

    kind = "compute"

    def __init__(self, source: Source) -> None:
        self.calls: list[Call] = []
        self.broken: dict[int, str] = {}
        self._source = source

    @property
    def asked(self) -> list[str]:
        """What was asked: the number of a shard, `reduce`, or `whole`."""
        return [_what(call) for call in self.calls]

    def fetch(self, call: Call) -> Answer:
        self.calls.append(call)
        shard = call.request.get("shard")
        if shard and shard["number"] in self.broken:
            return self._source.fetch(_broken(call, self.broken[shard["number"]]))
        return self._source.fetch(call)


def _what(call: Call) -> str:
    if "parts" in call.request:
        return "reduce"
    return str(call.request["shard"]["number"]) if "shard" in call.request else "whole"


def _broken(call: Call, function: str) -> Call:
    return replace(call, request={"function": function, "version": 1, "input": None})


class Computations:
    """Gathers that compute `a`, the orchestrators' part done by hand."""

    def __init__(self, ask: dict[str, Any] | None = None, **environ: str) -> None:
        self.now = NOON
        self.settings = Settings.of(environ)
        self.blobs = MemoryBlobs(self._note)
        self.operations: list[Operation] = []
        self.source = Watched(ComputeSource(FUNCTIONS))
        self.newest = {"total": 1, "rates": 1}
        self._numbers = count(1)
        self.opens("g", ask or TOTAL)

    async def _note(self, operation: Operation) -> Fate:
        self.operations.append(operation)
        return Fate.CARRIED_OUT

    def opens(self, id: str, ask: dict[str, Any]) -> None:
        plan = parse_plan({"asks": {"a": ask}}, self.settings, id=id)

        async def opening() -> None:
            await start.begin(self.blobs, HostTwin(), id, plan, now=self.now)
            await open_run(self.blobs, id, 1, "e", now=self.now, validate=lambda _: plan)

        asyncio.run(opening())
        self.operations.clear()

    def obtains(self, id: str = "g", run: int = 1, **more: Any) -> dict[str, Any]:
        deadline = moment_to_wire(NOON + timedelta(days=1))
        around = Surroundings(
            self.blobs,
            self.settings,
            Secrets({}),
            lambda _: self.source,
            f"execution-{next(self._numbers)}",
            lambda: self.now,
            never,
            self.newest,
            on_a_processor=at_once,
        )
        given = {"id": id, "run": run, "ask": "a", "deadline": deadline, **more}
        return asyncio.run(obtained(given, around))

    def shards(self, *numbers: int, id: str = "g") -> list[dict[str, Any]]:
        return [self.obtains(id, part=number) for number in numbers]

    def joins(self, id: str = "g") -> dict[str, Any]:
        told = self.obtains(id, after="shards")
        assert told["status"] == "ended", told
        outcome: dict[str, Any] = told["outcome"]
        return outcome

    def answer(self, id: str = "g") -> Any:
        """Return what the gather keeps: its own copy of the whole."""
        (whole,) = self.copies(id)
        return whole

    def copies(self, id: str = "g") -> list[Any]:
        lines, _ = asyncio.run(self.blobs.list(Container.GATHERS, f"{id}/copy/"))
        found = [asyncio.run(self.blobs.read(Container.GATHERS, line.name)) for line in lines]
        return [json.loads(one.content) for one in found if one]


def test_what_nobody_has_computed_is_cut_into_shards() -> None:
    computations = Computations()
    assert computations.obtains() == {"status": "shards", "shards": 3}
    assert computations.source.calls == []


def test_all_shards_and_then_the_whole_each_have_one_call() -> None:
    computations = Computations()
    for told in computations.shards(0, 1, 2):
        assert told["outcome"]["status"] == "kept"
    outcome = computations.joins()
    assert outcome["status"] == "kept"
    assert computations.source.asked == ["0", "1", "2", "reduce"]
    assert computations.answer() == {"total": 7}


def test_the_outcome_shows_the_attempts_of_all_shards_and_counts_them() -> None:
    computations = Computations()
    computations.shards(0, 1, 2)
    computations.now += timedelta(minutes=1)
    outcome = computations.joins()
    assert outcome["calls"] == len(outcome["attempts"]) == 4
    assert outcome["attempts"][-1]["started_at"] == "2026-05-04T12:01:00Z"


def test_an_outcome_shows_the_newest_attempts_of_very_many_shards_and_counts_all() -> None:
    computations = Computations({**TOTAL, "shards": 60})
    computations.shards(*range(60))
    outcome = computations.joins()
    assert (outcome["calls"], len(outcome["attempts"])) == (61, 50)


def test_a_shard_is_computed_once_however_often_it_is_obtained() -> None:
    computations = Computations()
    computations.shards(0, 0, 1, 1, 2, 2)
    assert computations.source.asked == ["0", "1", "2"]


def test_a_missing_shard_makes_the_ask_missing_and_says_how_many_and_why() -> None:
    computations = Computations()
    computations.source.broken = {1: "failing"}
    computations.shards(0, 1, 2)
    outcome = computations.joins()
    assert (outcome["status"], outcome["reason"]) == ("missing", "1 of 3 shards")
    assert outcome["fault"]["message"].endswith("there was no 30th of February")
    assert outcome["calls"] == 3
    assert "reduce" not in computations.source.asked


def test_of_several_missing_shards_the_last_fault_is_told() -> None:
    computations = Computations()
    computations.source.broken = {0: "failing", 2: "opaque"}
    for number in (2, 1, 0):
        computations.shards(number)
        computations.now += timedelta(minutes=1)
    outcome = computations.joins()
    assert outcome["reason"] == "2 of 3 shards"
    assert outcome["fault"]["message"].endswith("there was no 30th of February")


def test_parts_of_another_cut_are_other_parts() -> None:
    computations = Computations()
    computations.shards(0, 1, 2)
    computations.opens("other", {**TOTAL, "shards": 2})
    computations.shards(0, 1, id="other")
    assert computations.joins("other")["status"] == "kept"
    assert computations.source.asked == ["0", "1", "2", "0", "1", "reduce"]
    assert computations.answer("other") == {"total": 7}


@pytest.mark.parametrize("fresh_for", [None, "PT1H"])
def test_parts_too_large_for_their_receipts_are_joined_too(fresh_for: str | None) -> None:
    numbers = [number + 0.5 for number in range(30_000)]
    ask = {**TOTAL, "input": {"numbers": numbers}, "shards": 2, "fresh_for": fresh_for}
    computations = Computations(ask, GATHER_MAX_PLAN_BYTES="1000000")
    computations.shards(0, 1)
    assert computations.joins()["status"] == "kept"
    assert {"total": sum(numbers)} in computations.copies()


def test_shards_that_were_computed_serve_other_gathers() -> None:
    computations = Computations()
    computations.source.broken = {1: "failing"}
    computations.shards(0, 1, 2)
    computations.source.broken = {}
    computations.opens("other", TOTAL)
    told = computations.shards(0, 1, 2, id="other")
    assert [one["outcome"]["status"] for one in told] == ["reused", "kept", "reused"]
    assert computations.joins("other")["status"] == "kept"
    assert computations.source.asked == ["0", "1", "2", "1", "reduce"]


def test_a_whole_that_was_computed_is_not_cut_again() -> None:
    computations = Computations()
    computations.shards(0, 1, 2)
    computations.joins()
    computations.opens("other", TOTAL)
    told = computations.obtains("other")
    assert told["outcome"]["status"] == "reused"
    assert computations.answer("other") == {"total": 7}


def test_another_number_of_shards_is_the_same_question() -> None:
    computations = Computations()
    computations.shards(0, 1, 2)
    computations.joins()
    for number, shards in enumerate((1, 2, 50)):
        computations.opens(f"other-{number}", {**TOTAL, "shards": shards})
        assert computations.obtains(f"other-{number}")["outcome"]["status"] == "reused"


def test_a_whole_that_somebody_else_made_meanwhile_needs_no_parts() -> None:
    computations = Computations()
    computations.source.broken = dict.fromkeys(range(3), "failing")
    computations.shards(0, 1, 2)
    computations.source.broken = {}
    computations.opens("other", {**TOTAL, "shards": 1})
    computations.obtains("other")
    assert computations.joins()["status"] == "reused"


def test_parts_last_for_the_gather_even_when_they_are_fresh_for_a_moment_only() -> None:
    computations = Computations({**TOTAL, "fresh_for": "PT1M"})
    for number in range(3):
        computations.shards(number)
        computations.now += timedelta(minutes=10)
    assert computations.joins()["status"] == "kept"
    assert {"total": 7} in computations.copies()
    assert computations.source.asked == ["0", "1", "2", "reduce"]


def test_past_the_deadline_no_shard_is_started_and_none_is_joined() -> None:
    computations = Computations()
    computations.shards(0, 1, 2)
    computations.now += timedelta(days=1)
    for more in ({}, {"part": 1, "after": None}, {"after": "shards"}):
        told = computations.obtains(**more)
        if more.get("part"):
            assert told["outcome"]["status"] == "kept"  # it came in time
        else:
            assert told["outcome"]["reason"] == "deadline"
    assert computations.source.asked == ["0", "1", "2"]


def test_parts_that_are_too_much_together_are_not_read() -> None:
    computations = Computations(GATHER_MAX_LIST_BYTES="8")
    computations.shards(0, 1, 2)
    outcome = computations.joins()
    assert outcome["status"] == "missing"
    assert outcome["fault"]["kind"] == "broken"
    assert "GATHER_MAX_LIST_BYTES" in outcome["reason"]
    assert "reduce" not in computations.source.asked


# -- versions ----------------------------------------------------------------------------------


def versions_asked(computations: Computations) -> list[int]:
    return [call.request["version"] for call in computations.source.calls]


def test_a_version_that_comes_in_the_middle_of_a_run_changes_nothing_for_it() -> None:
    computations = Computations()
    computations.shards(0, 1)
    computations.newest = {"total": 2}
    computations.shards(2)
    computations.joins()
    assert versions_asked(computations) == [1, 1, 1, 1]


def test_a_gather_that_begins_later_computes_with_the_newest() -> None:
    computations = Computations({**TOTAL, "shards": 1})
    computations.obtains()
    computations.newest = {"total": 2}
    computations.opens("other", {**TOTAL, "shards": 1})
    computations.obtains("other")
    assert versions_asked(computations) == [1, 2]


def test_the_newest_version_by_name_is_the_same_question_as_without_one() -> None:
    computations = Computations({**TOTAL, "shards": 1})
    computations.obtains()
    computations.opens("other", {**TOTAL, "shards": 1, "version": 1})
    assert computations.obtains("other")["outcome"]["status"] == "reused"


def test_a_function_that_is_gone_is_refused_by_name() -> None:
    computations = Computations({**TOTAL, "shards": 1})
    computations.newest = {}
    outcome = computations.obtains()["outcome"]
    assert outcome["fault"]["message"] == "there is no function total here (any more)"


@pytest.mark.parametrize("version", [None, 1])
def test_a_version_costs_three_requests_at_first_and_one_from_then_on(version: int | None) -> None:
    computations = Computations({**TOTAL, "shards": 1, "version": version})
    costs = []
    for _ in range(2):
        before = len(computations.operations)
        computations.obtains()
        costs.append(len(computations.operations) - before)
    assert costs == ([8, 3] if version is None else [5, 2])
