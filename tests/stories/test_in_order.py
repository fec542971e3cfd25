"""What needs something comes after it, with what it needs; nothing else waits."""

import json
from datetime import timedelta

from support.sources import status
from support.story import Story, a_plan


def test_an_answer_is_carried_into_the_asks_that_refer_to_it(story: Story) -> None:
    story.source("client").gives({"id": 7, "name": "Ada & Co"})
    story.source("score").gives({"score": 3})
    plan = (
        a_plan()
        .asking("client")
        .asking("score", query={"id": "${client.id}", "name": "of ${client.name}"})
        .asking("letter", method="POST", body={"to": "${client}", "score": "${score.score}"})
    )
    story.source("letter").gives("sent")

    assert story.gathers(plan).dossier["letter"] == "sent"
    assert story.source("score").last.query == {"id": ["7"], "name": ["of Ada & Co"]}
    assert json.loads(story.source("letter").last.body) == {
        "to": {"id": 7, "name": "Ada & Co"},
        "score": 3,
    }


def test_needs_alone_hold_an_ask_back_until_all_of_them_are_answered(story: Story) -> None:
    story.source("quick").gives(1.0)
    story.source("slow").gives(503, 1.0)
    story.source("last").gives(1.0)
    retry = {"first_interval": "PT10M", "max_interval": "PT10M", "jitter": 0}
    plan = (
        a_plan().asking("quick").asking("slow", retry=retry).asking("last", needs=["quick", "slow"])
    )

    gather = story.start(plan)
    story.pass_time(minutes=9)
    assert story.source("last").attempts == 0

    gather.end()
    assert gather.obtained_at("last") >= gather.obtained_at("slow")


def test_a_slow_branch_does_not_hold_back_an_independent_one(story: Story) -> None:
    story.source("asleep").gives(status(429, retry_after="7200"), 1.0)
    for name in ("after_it", "awake", "next"):
        story.source(name).gives(1.0)
    plan = (
        a_plan()
        .asking("asleep")
        .asking("after_it", needs=["asleep"])
        .asking("awake")
        .asking("next", needs=["awake"])
    )
    begun = story.now

    gather = story.gathers(plan)

    assert gather.obtained_at("next") - begun < timedelta(seconds=1)
    assert gather.obtained_at("asleep") - begun >= timedelta(hours=2)
    assert gather.obtained_at("after_it") >= gather.obtained_at("asleep")


def test_an_optional_ask_that_is_missing_is_null_to_those_that_refer_to_it(story: Story) -> None:
    story.source("score").gives(1.0)
    plan = (
        a_plan()
        .asking("nowhere", optional=True)
        .asking("score", method="POST", body={"seen": "${nowhere}"})
    )

    gather = story.gathers(plan)

    assert gather.status == "completed"
    assert json.loads(story.source("score").last.body) == {"seen": None}
