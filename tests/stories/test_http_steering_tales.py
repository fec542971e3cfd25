"""A gather is held, broken off, run again, forgotten, and put right by hand."""

from support.sources import drop
from support.story import Story, a_plan


def test_a_held_gather_asks_nobody_until_it_is_resumed(story: Story) -> None:
    story.source("rates").gives(503, {"eur": 4})
    gather = story.start(a_plan().asking("rates", retry={"first_interval": "PT1M"}))
    story.pass_time(seconds=10)
    assert gather.post("/suspend").status_code == 202
    story.pass_time(hours=1)

    assert story.source("rates").attempts == 1
    assert (gather.progress["status"], gather.get().status_code) == ("suspended", 202)

    assert gather.post("/resume").status_code == 202
    assert gather.end().dossier == {"rates": {"eur": 4}}


def test_terminate_keeps_what_was_answered_and_again_asks_for_the_rest(story: Story) -> None:
    story.source("rates").gives({"eur": 4})
    story.source("late").gives(503, "at last")
    retry = {"first_interval": "PT5M", "max_interval": "PT5M"}
    gather = story.start(a_plan().asking("rates").asking("late", retry=retry))
    story.pass_time(seconds=10)

    assert gather.post("/terminate").status_code == 202
    assert (gather.status, gather.whole_dossier["status"]) == ("terminated", "terminated")
    assert gather.outcomes == {"rates": "kept", "late": "missing"}
    assert gather.post("/terminate").status_code == 409

    story.pass_time(hours=1)
    gather.run_again()
    assert gather.dossier == {"rates": {"eur": 4}, "late": "at last"}
    assert story.source("rates").attempts == 1


def test_a_required_ask_that_is_missing_fails_the_run_readably(story: Story) -> None:
    story.source("rates").gives({"eur": 4})
    gather = story.gathers(a_plan(id="mine").asking("rates").asking("nowhere"))

    assert (gather.status, gather.whole_dossier["status"]) == ("failed", "failed")
    assert "nowhere" in gather.output
    assert "POST /api/gathers/mine/rerun" in gather.output
    assert gather.dossier == {"rates": {"eur": 4}}


def test_a_deleted_gather_is_gone_for_good(story: Story) -> None:
    story.source("rates").gives({"eur": 4})
    gather = story.start(a_plan(id="mine", start_in="PT1H").asking("rates"))
    assert gather.delete().status_code == 409
    gather.end()

    assert gather.delete().status_code == 202
    answers = [gather.get(), gather.get("/dossier"), story.puts("mine", a_plan().asking("rates"))]
    assert [answer.status_code for answer in answers] == [410, 410, 410]
    assert story.host.get("/api/gathers").json()["gathers"] == []


def test_a_root_that_is_terminated_through_its_own_link_ends_at_the_next_call(
    story: Story,
) -> None:
    story.source("rates").gives({"eur": 4})
    story.source("late").gives(503)
    plan = a_plan().asking("rates").asking("late", retry={"first_interval": "PT5M"})
    started = story.puts("mine", plan)
    story.pass_time(seconds=10)
    story.host.post(started.json()["terminatePostUri"].replace("{text}", "enough"))
    story.host.settle()
    told = story.puts("mine", plan)

    assert (told.status_code, told.json()["status"]) == (200, "terminated")
    assert told.json()["asks"]["rates"]["answer"] == {"eur": 4}
    assert told.json()["asks"]["late"]["reason"] == "stopped"


def test_a_doubt_is_resolved_by_hand_and_the_source_is_not_asked_twice(story: Story) -> None:
    story.source("orders").gives(drop())
    gather = story.gathers(a_plan(id="mine").asking("orders", method="POST", body={"n": 1}))
    assert gather.outcomes == {"orders": "in_doubt"}

    assert gather.post("/asks/orders/resolve", json={"answer": {"order": 7}}).status_code == 200
    assert gather.post("/asks/orders/resolve", json={"answer": {"order": 8}}).status_code == 409
    gather.run_again()

    assert gather.dossier == {"orders": {"order": 7}}
    assert story.source("orders").attempts == 1
