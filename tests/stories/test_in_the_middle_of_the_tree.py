"""Held, let go and broken off when some asks are answered and others are still to come."""

import pytest

from support.story import GatherInTheStory, Story, a_plan

RETRY = {"first_interval": "PT10M", "max_interval": "PT10M", "jitter": 0}
CHAIN = ("first", "second", "third", "fourth")


@pytest.fixture
def halfway(story: Story) -> GatherInTheStory:
    """A chain of four beside one ask; the third is pausing for ten minutes."""
    for name in (*CHAIN, "beside"):
        story.source(name).gives({"of": name})
    story.source("third").gives(503, {"of": "third"})
    plan = a_plan(id="mine").asking("beside").asking("first")
    plan.asking("second", query={"q": "${first.of}"})
    plan.asking("third", query={"q": "${second.of}"}, retry=RETRY)
    gather = story.start(plan.asking("fourth", query={"q": "${third.of}"}))
    story.pass_time(minutes=5)
    return gather


def attempts(gather: GatherInTheStory) -> dict[str, int]:
    return {name: gather.story.source(name).attempts for name in (*CHAIN, "beside")}


def test_a_held_tree_stands_still_and_goes_on_where_it_was(halfway: GatherInTheStory) -> None:
    assert halfway.post("/suspend").status_code == 202
    halfway.story.pass_time(minutes=20)
    assert attempts(halfway) == dict.fromkeys((*CHAIN, "beside"), 1) | {"fourth": 0}

    assert halfway.post("/resume").status_code == 202
    assert halfway.end().dossier == {name: {"of": name} for name in (*CHAIN, "beside")}
    assert attempts(halfway) == dict.fromkeys((*CHAIN, "beside"), 1) | {"third": 2}


def test_a_tree_that_is_broken_off_keeps_what_it_has(halfway: GatherInTheStory) -> None:
    assert halfway.post("/terminate").status_code == 202
    halfway.story.pass_time(days=1)

    assert halfway.status == "terminated"
    assert halfway.dossier == {name: {"of": name} for name in ("first", "second", "beside")}
    assert halfway.outcomes["third"] == halfway.outcomes["fourth"] == "missing"
    assert attempts(halfway)["third"] == 1


def test_again_goes_on_where_it_was_broken_off(halfway: GatherInTheStory) -> None:
    halfway.post("/terminate")
    halfway.run_again()

    assert halfway.status == "completed"
    assert halfway.dossier == {name: {"of": name} for name in (*CHAIN, "beside")}
    assert attempts(halfway) == dict.fromkeys((*CHAIN, "beside"), 1) | {"third": 2}


def test_no_child_of_a_broken_off_run_is_left_alive(halfway: GatherInTheStory) -> None:
    halfway.post("/terminate")
    halfway.story.host.settle()

    children = [f"mine:1:{name}" for name in ("first", "second", "third", "beside")]
    statuses = {halfway.story.host.status(child)["runtimeStatus"] for child in children}
    assert statuses <= {"Completed", "Terminated"}


def test_held_before_it_is_broken_off_it_can_be_run_again(halfway: GatherInTheStory) -> None:
    halfway.post("/suspend")
    halfway.story.pass_time(minutes=10)
    assert halfway.post("/terminate").status_code == 202

    assert halfway.run_again().status == "completed"
    assert attempts(halfway)["first"] == 1


def test_steering_an_ended_run_is_refused(halfway: GatherInTheStory) -> None:
    halfway.end()

    answers = [halfway.post(path) for path in ("/suspend", "/resume", "/terminate")]
    assert [answer.status_code for answer in answers] == [409, 409, 409]
