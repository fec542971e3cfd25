"""Costly computations: by name, in shards, side by side, and once for all who need the same."""

import json
import threading
from datetime import timedelta
from typing import Any

import pytest

from gather_once.storage.blobs import Container
from support.story import PlanInTheMaking, Story, a_plan

BOOK = {
    "positions": [{"rate": "eur", "value": 700}, {"rate": "usd", "value": -300}],
    "rates": {"eur": [1.0, 1.1, 1.05, 1.2, 1.15, 1.3], "usd": [1.0, 0.9, 1.0, 0.95, 1.1, 1.0]},
}
RISK = {"positions": "${book.positions}", "rates": "${book.rates}", "confidence": 0.8}
HOURLY = {"max_attempts": 2, "first_interval": "PT1H", "max_interval": "PT1H", "jitter": 0}


def a_report(**fields: Any) -> PlanInTheMaking:
    """Return a plan of a book that is asked for, and its risk."""
    return a_plan().asking("book").computing("risk", "value_at_risk", RISK, **fields)


def pi(points: int = 30_000, **fields: Any) -> PlanInTheMaking:
    return a_plan().computing("pi", "monte_carlo_pi", {"points": points}, **fields)


class Blocks:
    """The blocks of points that were counted; one of them takes for ever at first."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, stuck: int) -> None:
        self.counted: list[int] = []
        self.is_stuck, self._goes_on = threading.Event(), threading.Event()
        self._stuck = stuck
        monkeypatch.setattr("gather_once.sources.functions.monte_carlo_pi._hits", self._count)

    def _count(self, _: object, block: int) -> int:
        self.counted.append(block)
        if block == self._stuck and not self.is_stuck.is_set():
            self.is_stuck.set()
            self._goes_on.wait()
        return 7_000

    def go_on(self) -> None:
        self._goes_on.set()


def test_what_was_asked_for_is_computed_with(story: Story) -> None:
    story.source("book").gives(BOOK)
    gather = story.gathers(a_report())
    assert gather.outcomes == {"book": "kept", "risk": "kept"}
    assert gather.dossier["risk"]["scenarios"] == 5
    assert gather.dossier["risk"]["value_at_risk"] == pytest.approx(
        700 / 11 * 0.5 + 300 / 9, rel=1e-9
    )


def test_shards_are_children_side_by_side_with_receipts_of_their_own(story: Story) -> None:
    gather = story.gathers(pi(shards=4))
    assert gather.outcomes == {"pi": "kept"}
    assert len(story.receipts) == 5
    for number in range(4):
        child = story.host.status(f"{gather.id}:1:pi:{number}")
        assert (child["name"], child["output"]) == ("shard", {"status": "kept"})
    assert len(gather.get("/timeline").json()["asks"]["pi"]["attempts"]) == 5


def test_more_shards_than_fit_one_orchestrator_stand_in_a_tree(story: Story) -> None:
    gather = story.gathers(pi(shards=60))
    assert gather.dossier["pi"]["points"] == 30_000
    assert story.host.status(f"{gather.id}:1:pi:s0")["name"] == "spread"


def test_any_number_of_shards_gives_the_same_answer_to_the_last_digit(story: Story) -> None:
    story.source("book").gives(BOOK)
    whole = story.gathers(a_report(fresh_for="PT1H"))
    story.pass_time(hours=2)
    cut = story.gathers(a_report(shards=3, fresh_for="PT1H"))
    assert cut.outcomes["risk"] == "kept"
    assert cut.dossier["risk"] == whole.dossier["risk"]


def test_what_was_computed_once_is_not_computed_again_after_years(story: Story) -> None:
    first = story.gathers(pi())
    story.pass_time(days=3 * 365)
    second = story.gathers(pi(shards=16))
    assert second.outcomes == {"pi": "reused"}
    assert second.dossier == first.dossier
    assert len(story.receipts) == 1


def test_what_is_to_be_fresh_is_computed_again(story: Story) -> None:
    story.gathers(pi())
    story.pass_time(hours=2)
    again = story.gathers(pi(fresh_for="PT1H"))
    assert again.outcomes == {"pi": "kept"}


def test_a_function_that_finds_its_input_wanting_says_so_and_is_not_tried_again(
    story: Story,
) -> None:
    story.source("book").gives({**BOOK, "positions": [{"rate": "gbp", "value": 1}]})
    gather = story.gathers(a_report())
    assert gather.status == "failed"
    ask = gather.whole_dossier["asks"]["risk"]
    assert ask["status"] == "missing"
    assert "`rates` has no history of gbp; add it" in json.dumps(ask)
    assert len(gather.get("/timeline").json()["asks"]["risk"]["attempts"]) == 1


def test_missing_shards_make_the_ask_missing_and_say_how_many(story: Story) -> None:
    story.source("book").gives({**BOOK, "rates": {}})
    gather = story.gathers(a_report(shards=3))
    assert gather.reasons == {"risk": "3 of 3 shards"}


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"function": "value_at_rsk"}, "/asks/risk/function"),
        ({"version": 2}, "/asks/risk/version"),
    ],
)
def test_what_no_function_answers_is_refused_at_the_door(
    story: Story, fields: dict[str, Any], pointer: str
) -> None:
    plan = a_plan().computing("risk", "value_at_risk", None, **fields)
    answer = story.sends(plan)
    assert answer.status_code == 400
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]


def test_shards_that_run_out_of_time_are_tried_again_as_patience_says(story: Story) -> None:
    gather = story.start(pi(shards=2, timeout="PT0.000001S", retry=HOURLY))
    story.host.settle()
    assert gather.waits_for("pi") == ["2 shards"]

    gather.end()
    assert gather.reasons == {"pi": "2 of 2 shards"}
    assert "was not done within its time limit" in json.dumps(gather.whole_dossier)
    assert gather.attempts_at("pi") == [timedelta(0)] * 2 + [timedelta(hours=1)] * 2


def test_a_terminated_gather_ends_its_shards_and_what_stands_between(story: Story) -> None:
    gather = story.start(pi(600_000, shards=60, timeout="PT0.000001S", retry=HOURLY))
    story.host.settle()
    gather.post("/terminate")
    story.host.settle()
    for child in ("pi", "pi:s0", "pi:s1", "pi:0", "pi:59"):
        assert story.host.status(f"{gather.id}:1:{child}")["runtimeStatus"] == "Terminated"


def test_a_crash_loses_only_the_shard_that_was_under_way(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = Blocks(monkeypatch, stuck=2)
    gather = story.start(pi(shards=3))
    story.sees(lambda: blocks.is_stuck.is_set() and len(story.receipts) == 2)
    story.host.kill()
    blocks.go_on()

    assert gather.end().dossier["pi"]["hits"] == 21_000
    assert sorted(blocks.counted) == [0, 1, 2, 2]


def test_again_computes_only_the_shards_that_are_missing(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as first:
        first.setattr(
            "gather_once.sources.functions.monte_carlo_pi._hits", _counts_no_block_but_the_first
        )
        gather = story.gathers(pi(shards=3))
    assert gather.reasons == {"pi": "2 of 3 shards"}

    blocks = Blocks(monkeypatch, stuck=-1)
    assert gather.run_again().status == "completed"
    assert sorted(blocks.counted) == [1, 2]


def _counts_no_block_but_the_first(_: object, block: int) -> int:
    return 7_000 // (block == 0)


def test_a_function_is_put_to_every_item_of_a_list(story: Story) -> None:
    plan = a_plan().asking("sizes")
    given = {"points": "${each.points}"}
    plan.computing("pis", "monte_carlo_pi", given, each="${sizes}", max_parallel=2)
    story.source("sizes").gives([{"points": 1_000}, {"points": 2_000}, {"points": 0}])
    gather = story.gathers(plan)
    assert gather.reasons == {"pis": "1 of 3 items"}

    assert story.gathers(pi(2_000)).outcomes == {"pi": "reused"}


def test_a_deleted_gather_leaves_the_shared_receipts_alone(story: Story) -> None:
    gather = story.gathers(pi(shards=2))
    assert gather.delete().status_code == 202
    names = [blob.name for blob in story.container(Container.SHARED).list_blobs()]
    assert len(names) == 3
    assert story.gathers(pi()).outcomes == {"pi": "reused"}
