"""What failed is reported, what was answered is kept, and only the rest is asked for again."""

import pytest

from support.story import GatherInTheStory, Story, a_plan

ONCE = {"max_attempts": 1}
ANSWERED = ("rates", "clients", "limits")


def a_gather_that_fails_in_part(story: Story) -> GatherInTheStory:
    """Three asks have answers; `scores` has none, and `risk` and `report` need it."""
    for name in ANSWERED:
        story.source(name).gives({"of": name})
    story.source("scores").gives(503, {"of": "scores"})
    story.source("risk").gives({"of": "risk"})
    story.source("report").gives({"of": "report"})
    return story.gathers(
        a_plan(id="mine")
        .asking("rates")
        .asking("clients")
        .asking("limits", needs=["rates"])
        .asking("scores", retry=ONCE, needs=["clients"])
        .asking("risk", query={"from": "${scores.of}", "at": "${rates.of}"})
        .asking("report", needs=["risk", "limits"])
    )


def test_everything_else_is_finished_and_kept(story: Story) -> None:
    gather = a_gather_that_fails_in_part(story)

    assert gather.dossier == {name: {"of": name} for name in ANSWERED}
    assert gather.reasons == {
        "scores": "1 of 1 attempts failed",
        "risk": "needs scores",
        "report": "needs risk",
    }


def test_the_root_fails_with_a_list_a_human_can_read(story: Story) -> None:
    gather = a_gather_that_fails_in_part(story)

    told = gather.output
    assert gather.status == "failed"
    assert "3 of the required asks have no answer" in told
    for said in ("scores (1 of 1 attempts failed)", "risk (needs scores)", "report (needs risk)"):
        assert said in told
    assert len(told) < 1_000


def test_again_asks_only_for_the_rest_and_completes(story: Story) -> None:
    gather = a_gather_that_fails_in_part(story).run_again()

    assert gather.status == "completed"
    assert set(gather.outcomes.values()) == {"kept"}
    assert {name: story.source(name).attempts for name in gather.outcomes} == {
        **dict.fromkeys(ANSWERED, 1),
        "scores": 2,
        "risk": 1,
        "report": 1,
    }
    assert story.source("risk").last.query == {"from": ["scores"], "at": ["rates"]}


def test_again_does_not_even_look_at_what_was_answered(story: Story) -> None:
    gather = a_gather_that_fails_in_part(story).run_again()

    assert gather.story.host.status("mine:2:scores")["runtimeStatus"] == "Completed"
    for name in ANSWERED:
        with pytest.raises(LookupError):
            gather.story.host.status(f"mine:2:{name}")


def test_again_asks_for_what_was_optional_too_and_leaves_alone_what_came_of_it(
    story: Story,
) -> None:
    story.source("rating").gives(404, 7.0)
    story.source("score").gives(1.0)
    plan = a_plan().asking("rating", optional=True)
    gather = story.gathers(plan.asking("score", method="POST", body={"rating": "${rating}"}))
    assert (gather.status, gather.dossier) == ("completed", {"score": 1.0})

    assert gather.run_again().dossier == {"rating": 7.0, "score": 1.0}
    assert story.source("score").attempts == 1


def test_again_of_a_gather_that_lacks_nothing_asks_nobody(story: Story) -> None:
    story.source("rates").gives({"eur": 4})
    gather = story.gathers(a_plan().asking("rates"))

    assert gather.run_again().dossier == {"rates": {"eur": 4}}
    assert story.source("rates").attempts == 1


def test_a_missing_optional_ask_fails_nothing(story: Story) -> None:
    story.source("rates").gives({"eur": 4})
    gather = story.gathers(a_plan().asking("rates").asking("nowhere", optional=True))

    assert (gather.status, gather.outcomes["nowhere"]) == ("completed", "missing")
