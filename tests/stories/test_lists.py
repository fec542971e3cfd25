"""A list of items, each asked once: the answers come back in the list's order."""

import json
from datetime import datetime, timedelta

from support.lists import ManyScripts
from support.sources import drop, status
from support.story import Story, a_plan


def test_each_item_of_a_list_is_asked_once_and_answered_in_order(story: Story) -> None:
    story.source("clients").gives({"items": [{"id": n} for n in range(60)]})
    scores = ManyScripts(lambda item, _: {"score": item})
    story.source("scores").gives(scores)

    gather = story.gathers(
        a_plan()
        .asking("clients")
        .asking(
            "scores",
            "scores/${each.id}",
            each="${clients.items}",
            max_parallel=40,
        )
        .asking("first", "first", query={"score": "${scores[0].score}"})
    )

    assert gather.dossier["scores"] == [{"score": n} for n in range(60)]
    assert scores.attempts == dict.fromkeys(range(60), 1)


def test_a_retry_after_of_one_item_stops_no_other_and_shows_in_progress(story: Story) -> None:
    scripts = ManyScripts(
        lambda item, before: (
            status(429, retry_after="3600") if item == 7 and not before else {"n": item}
        )
    )
    story.source("items").gives(scripts)

    gather = story.start(
        a_plan().asking("a", "items/${each}", each=list(range(60)), max_parallel=50)
    )
    story.pass_time(minutes=1)

    progress = gather.progress["asks"]["a"]
    assert progress["items"] == {"all": 60, "open": 1, "kept": 59, "failed": 0, "in_doubt": 0}
    next_at = datetime.fromisoformat(progress["next_attempt_at"])
    assert timedelta(minutes=58) < next_at - story.now <= timedelta(hours=1)
    gather.end()
    assert gather.dossier["a"] == [{"n": n} for n in range(60)]
    assert scripts.attempts == {n: 1 + (n == 7) for n in range(60)}
    told = gather.get("/timeline").json()["asks"]["a"]["attempts"]
    assert len(told) == 61
    assert [one["outcome"] for one in told if one["item"] == 7] == ["throttled", "answered"]


def test_an_item_in_doubt_is_resolved_by_hand_and_asked_no_more(story: Story) -> None:
    scripts = ManyScripts(lambda item, before: drop() if item == 2 and not before else {"n": item})
    story.source("items").gives(scripts)
    plan = a_plan().asking("a", "items/${each}", each=[1, 2, 3], method="POST")

    gather = story.gathers(plan)
    assert gather.reasons == {"a": "1 of 3 items, 1 in doubt"}
    assert gather.dossier["a"] == [{"n": 1}, None, {"n": 3}]
    told = gather.get("/timeline").json()["asks"]["a"]["attempts"]
    assert [one["item"] for one in told if one["outcome"] == "in_doubt"] == [2 - 1]

    assert gather.post("/asks/a/resolve", json={"answer": 1}).status_code == 400
    assert gather.post("/asks/a/items/9/resolve", json={"answer": 1}).status_code == 404
    assert gather.post("/asks/a/items/0/resolve", json={"answer": 1}).status_code == 409
    assert gather.post("/asks/a/items/1/resolve", json={"answer": "by hand"}).status_code == 200
    assert gather.post("/asks/a/items/1/resolve", json={"answer": "twice"}).status_code == 409
    assert gather.get("/asks/a/items/1/answer").json() == "by hand"
    assert gather.get("/asks/a/items/0/answer").json() == {"n": 1}
    assert gather.get("/asks/a/items/3/answer").status_code == 404
    gather.run_again()
    assert gather.dossier["a"] == [{"n": 1}, "by hand", {"n": 3}]
    assert scripts.attempts == {1: 1, 2: 1, 3: 1}


def test_an_item_in_doubt_is_asked_again_where_a_human_says_so(story: Story) -> None:
    scripts = ManyScripts(lambda item, before: drop() if item == 2 and not before else {"n": item})
    story.source("items").gives(scripts)
    gather = story.gathers(a_plan().asking("a", "items/${each}", each=[1, 2, 3], method="POST"))

    assert gather.post("/asks/a/items/1/resolve", json={"retry": True}).status_code == 200
    gather.run_again()

    assert gather.dossier["a"] == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert scripts.attempts == {1: 1, 2: 2, 3: 1}


def test_a_list_in_part_goes_on_where_it_is_optional(story: Story) -> None:
    scripts = ManyScripts(lambda item, before: {"n": item} if before or item != 2 else 404)
    story.source("items").gives(scripts)
    story.source("sum").gives({"ok": True})
    gather = story.gathers(
        a_plan()
        .asking("a", "items/${each}", each=[1, 2, 3], optional=True)
        .asking("sum", "sum", method="POST", body="${a}")
    )

    assert gather.reasons == {"a": "1 of 3 items"}
    assert json.loads(story.source("sum").last.body) == [{"n": 1}, None, {"n": 3}]

    gather.run_again()
    assert gather.dossier["a"] == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert scripts.attempts == {1: 1, 2: 2, 3: 1}


def test_terminating_a_list_ends_its_lanes_and_keeps_what_was_answered(story: Story) -> None:
    scripts = ManyScripts(lambda item, _: 503 if item % 3 else {"n": item})
    story.source("items").gives(scripts)
    retry = {"max_attempts": 20, "first_interval": "PT1H", "max_interval": "PT1H"}
    gather = story.start(
        a_plan(id="big").asking(
            "a", "items/${each}", each=list(range(60)), max_parallel=50, retry=retry
        )
    )
    story.pass_time(minutes=1)

    assert gather.post("/terminate").status_code == 202
    for instance in ("big", "big:1:a", "big:1:a:0", "big:1:a:1"):
        status_of = story.host.get(f"/runtime/webhooks/durabletask/instances/{instance}").json()
        assert status_of["runtimeStatus"] == "Terminated", instance
    scripts.turns(lambda item, _: {"n": item})
    gather.run_again()
    assert gather.dossier["a"] == [{"n": n} for n in range(60)]
    assert all(attempts == 1 + bool(item % 3) for item, attempts in scripts.attempts.items())
