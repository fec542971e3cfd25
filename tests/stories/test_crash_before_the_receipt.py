"""The host dies while a source is being asked: nobody knows whether the source has acted."""

import asyncio
import threading
from typing import Any

import pytest

from support.sources import reply
from support.story import GatherInTheStory, Standstill, Story, a_plan

REPEATED = [({}, {"orders": "kept"}, 2), ({"idempotent": False}, {"orders": "in_doubt"}, 1)]
SOME_ORDER = reply(b'{"order": 1}', "application/json")


def die_during_the_call(story: Story, **ask: Any) -> GatherInTheStory:
    call = Standstill(then=SOME_ORDER)
    story.source("orders").gives(call, {"order": 2})
    gather = story.start(a_plan(id="mine").asking("orders", **ask))
    call.is_under_way()
    story.host.kill()
    story.source("orders").release()
    return gather


def test_what_is_safe_to_repeat_is_asked_again_when_the_claim_has_run_out(story: Story) -> None:
    gather = die_during_the_call(story)
    begun = story.now
    gather.end()

    assert gather.dossier == {"orders": {"order": 2}}
    assert (story.now - begun).total_seconds() >= 60
    keys = {one.headers["idempotency-key"] for one in story.source("orders").requests}
    assert (story.source("orders").attempts, len(keys)) == (2, 1)
    assert len(story.receipts) == 1


def test_what_must_not_be_repeated_is_in_doubt_and_not_asked(story: Story) -> None:
    gather = die_during_the_call(story, method="POST", body={"n": 1}).end()

    assert (gather.status, gather.outcomes) == ("failed", {"orders": "in_doubt"})
    assert gather.run_again().outcomes == {"orders": "in_doubt"}
    assert story.source("orders").attempts == 1


def test_a_doubt_resolved_with_the_answer_is_taken_by_the_next_run(story: Story) -> None:
    gather = die_during_the_call(story, method="POST", body={"n": 1}).end()
    resolved = gather.post("/asks/orders/resolve", json={"answer": {"order": 1}})
    assert resolved.status_code == 200
    assert gather.outcomes == {"orders": "in_doubt"}

    assert gather.run_again().dossier == {"orders": {"order": 1}}
    assert gather.status == "completed"
    assert story.source("orders").attempts == 1


def test_a_doubt_resolved_by_asking_again_is_asked_once_more(story: Story) -> None:
    gather = die_during_the_call(story, method="POST", body={"n": 1}).end()
    assert gather.post("/asks/orders/resolve", json={"retry": True}).status_code == 200

    assert gather.run_again().dossier == {"orders": {"order": 2}}
    first, second = story.source("orders").requests
    assert first.headers["idempotency-key"] != second.headers["idempotency-key"]


def test_a_call_that_the_source_says_it_did_not_take_is_no_doubt(story: Story) -> None:
    story.source("orders").gives(503, {"order": 1})

    gather = story.gathers(a_plan().asking("orders", method="POST", body={"n": 1}))

    assert gather.dossier == {"orders": {"order": 1}}
    assert story.source("orders").attempts == 2


@pytest.mark.parametrize(("ask", "outcomes", "attempts"), REPEATED)
def test_an_answer_that_came_but_was_not_written_down_is_as_good_as_none(
    story: Story,
    monkeypatch: pytest.MonkeyPatch,
    ask: dict[str, str],
    outcomes: dict[str, str],
    attempts: int,
) -> None:
    writing = Writing()
    monkeypatch.setattr("gather_once.ledger.claims.keep", writing.never_ends)
    story.source("orders").gives({"order": 1}, {"order": 2})
    gather = story.start(a_plan().asking("orders", **ask))
    writing.is_under_way()
    monkeypatch.undo()
    story.host.kill()

    assert gather.end().outcomes == outcomes
    assert story.source("orders").attempts == attempts


class Writing:
    """The moment between a source's answer and its receipt, for ever."""

    def __init__(self) -> None:
        self._begun = threading.Event()

    async def never_ends(self, *_: Any) -> None:
        self._begun.set()
        await asyncio.Event().wait()

    def is_under_way(self) -> None:
        assert self._begun.wait(10), "nothing was to be written"
