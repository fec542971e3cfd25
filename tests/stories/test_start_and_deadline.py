"""A gather begins when it is told to, and is over at its deadline."""

from datetime import timedelta
from typing import Any

import pytest

from support.sources import status
from support.story import Story, a_plan


@pytest.mark.parametrize("kind", ["start_in", "start_at"])
def test_a_gather_of_next_month_asks_nobody_before(story: Story, kind: str) -> None:
    story.source("rates").gives({"eur": 4})
    begun = story.now
    month = timedelta(days=31)
    when = "P31D" if kind == "start_in" else (begun + month).isoformat().replace("+00:00", "Z")
    gather = story.start(a_plan(**{kind: when}).asking("rates"))

    story.pass_time(days=30, hours=23)
    assert story.source("rates").attempts == 0
    assert gather.progress["status"] == "scheduled"

    gather.end()
    assert gather.obtained_at("rates") - begun >= month


def test_a_start_survives_the_death_of_the_host(story: Story) -> None:
    story.source("rates").gives({"eur": 4})
    gather = story.start(a_plan(start_in="P31D").asking("rates"))
    story.pass_time(days=15)
    story.host.kill()

    assert gather.end().dossier == {"rates": {"eur": 4}}


def test_a_gather_broken_off_before_its_start_does_not_wait_for_it_again(story: Story) -> None:
    story.source("rates").gives({"eur": 4})
    gather = story.start(a_plan(start_in="P31D").asking("rates"))
    story.pass_time(days=1)
    assert gather.post("/terminate").status_code == 202
    assert story.source("rates").attempts == 0
    begun = story.now

    assert gather.run_again().dossier == {"rates": {"eur": 4}}
    assert story.now == begun


@pytest.mark.parametrize(
    ("fault", "retry", "attempts"),
    [
        (
            503,
            {"max_attempts": 20, "first_interval": "PT7M", "max_interval": "PT7M", "jitter": 0},
            9,
        ),
        (status(429, retry_after="864000"), {}, 1),
    ],
)
def test_what_is_open_at_the_deadline_is_missing(
    story: Story, fault: Any, retry: dict[str, Any], attempts: int
) -> None:
    story.source("rates").gives({"eur": 4})
    story.source("asleep").gives(fault)
    plan = a_plan(deadline="PT1H").asking("rates").asking("asleep", retry=retry)
    begun = story.now

    gather = story.gathers(plan.asking("never_reached", needs=["asleep"]))

    assert gather.reasons == {"asleep": "deadline", "never_reached": "needs asleep"}
    assert gather.dossier == {"rates": {"eur": 4}}
    assert story.now - begun == timedelta(hours=1)
    assert story.source("asleep").attempts == attempts  # none at the deadline itself


def test_a_held_gather_is_over_at_its_deadline_as_well(story: Story) -> None:
    story.source("asleep").gives(503)
    retry = {"max_attempts": 20, "first_interval": "PT10M", "max_interval": "PT10M", "jitter": 0}
    gather = story.start(a_plan(deadline="PT1H").asking("asleep", retry=retry))
    begun = story.now
    story.pass_time(minutes=5)
    assert gather.post("/suspend").status_code == 202

    assert gather.end().reasons == {"asleep": "deadline"}
    assert story.now - begun == timedelta(hours=1)
    assert story.source("asleep").attempts == 1
    assert gather.run_again().reasons == {"asleep": "deadline"}


def test_the_deadline_counts_from_the_start_and_anew_in_each_run(story: Story) -> None:
    story.source("asleep").gives(503)
    retry = {"max_attempts": 20, "first_interval": "PT40M", "max_interval": "PT40M", "jitter": 0}
    plan = a_plan(deadline="PT1H", start_in="P1D").asking("asleep", retry=retry)
    begun = story.now
    gather = story.gathers(plan)
    assert story.now - begun == timedelta(days=1, hours=1)

    story.pass_time(hours=5)
    begun = story.now
    gather.run_again()
    assert story.now - begun == timedelta(hours=1)
    assert gather.reasons == {"asleep": "deadline"}
    assert story.source("asleep").attempts == 4
