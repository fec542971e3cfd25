"""Azurite is taken away while a deep gather runs: an hour is ridden out, days end readably."""

from datetime import timedelta

import pytest
from azure.storage.blob.aio import ExponentialRetry

import gather_once.storage.clients
from devhost_support.azurite import SharedAzurite
from support.sources import reply
from support.story import GatherInTheStory, Standstill, Story, a_plan

DEPTH = 30
READABLE = 4096
CHAIN = [f"a{number}" for number in range(1, DEPTH + 1)]
LAST = CHAIN[-1]
ONCE_EACH = dict.fromkeys(CHAIN, 1)


@pytest.fixture(autouse=True)
def _no_real_time_is_wasted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The Azure client tries as often as ever, but without pauses on the machine's clock."""
    at_once = ExponentialRetry(
        initial_backoff=0, increment_base=0, retry_total=3, random_jitter_range=0
    )
    options = {**gather_once.storage.clients.blob_options(), "retry_policy": at_once}
    monkeypatch.setattr(gather_once.storage.clients, "blob_options", lambda: options)


@pytest.fixture
def deep(story: Story) -> GatherInTheStory:
    """Thirty asks, each of which needs the one before it; the last pauses for an hour."""
    plan = a_plan(id="deep", deadline="P20D")
    for name, needs in zip(CHAIN, [[], *([name] for name in CHAIN)], strict=False):
        story.source(name).gives({"of": name})
        pause = {"retry": {"first_interval": "PT1H", "max_interval": "PT1H", "jitter": 0}}
        plan.asking(name, needs=needs, **(pause if name == LAST else {}))
    story.source(LAST).gives(503, {"of": LAST})
    gather = story.start(plan)
    story.host.settle()
    assert attempts(gather) == ONCE_EACH
    return gather


def attempts(gather: GatherInTheStory) -> dict[str, int]:
    return {name: gather.story.source(name).attempts for name in CHAIN}


def test_an_hour_without_storage_is_ridden_out_at_any_depth(
    deep: GatherInTheStory, azurite: SharedAzurite
) -> None:
    with azurite.away():
        # The last ask pauses during the first of these hours; it misses storage in the second.
        deep.story.pass_time(hours=2)
    back_at = deep.story.now

    assert deep.end().status == "completed"
    assert deep.dossier == {name: {"of": name} for name in CHAIN}
    assert attempts(deep) == ONCE_EACH | {LAST: 2}
    assert deep.story.now - back_at < timedelta(minutes=7)


def test_two_days_without_storage_give_an_end_that_can_be_read_and_lose_nothing(
    deep: GatherInTheStory, azurite: SharedAzurite
) -> None:
    with azurite.away():
        deep.story.pass_time(days=2)

    told = deep.end().output
    assert deep.status == "failed"
    assert f"{LAST} (broken: crashed)" in told
    assert len(told.encode()) < READABLE
    children = {deep.story.host.status(f"deep:1:{name}")["runtimeStatus"] for name in CHAIN}
    assert children == {"Completed"}

    deep.run_again()
    assert deep.dossier == {name: {"of": name} for name in CHAIN}
    assert attempts(deep) == ONCE_EACH | {LAST: 2}


def test_an_answer_that_finds_no_storage_is_asked_for_once_more(
    story: Story, azurite: SharedAzurite
) -> None:
    gather = lose_storage_during_the_call(story, azurite)

    assert gather.end().dossier == {"orders": {"order": 2}}
    assert (story.source("orders").attempts, len(story.receipts)) == (2, 1)


def test_an_answer_that_finds_no_storage_leaves_a_doubt_where_nothing_may_be_repeated(
    story: Story, azurite: SharedAzurite
) -> None:
    gather = lose_storage_during_the_call(story, azurite, idempotent=False)

    assert gather.end().outcomes == {"orders": "in_doubt"}
    assert story.source("orders").attempts == 1


def lose_storage_during_the_call(
    story: Story, azurite: SharedAzurite, **ask: object
) -> GatherInTheStory:
    """Take storage away while the source is being asked, and bring it back an hour later."""
    call = Standstill(then=reply(b'{"order": 1}', "application/json"))
    story.source("orders").gives(call, {"order": 2})
    gather = story.start(a_plan().asking("orders", **ask))
    call.is_under_way()
    with azurite.away():
        story.source("orders").release()
        story.pass_time(hours=1)
    return gather
