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
    assert gather.progress["phase"] == "waiting"

    gather.end()
    assert gather.obtained_at("rates") - begun >= month


def test_a_start_survives_the_death_of_the_host(story: Story) -> None:
    story.source("rates").gives({"eur": 4})
    gather = story.start(a_plan(start_in="P31D").asking("rates"))
    story.pass_time(days=15)
    story.host.kill()

    assert gather.end().dossier == {"rates": {"eur": 4}}


@pytest.mark.parametrize(
    ("fault", "patience"),
    [
        (503, {"attempts": 20, "first": "PT7M", "longest": "PT7M", "jitter": 0}),
        (status(429, retry_after="864000"), {}),
    ],
)
def test_what_is_open_at_the_deadline_is_missing(
    story: Story, fault: Any, patience: dict[str, Any]
) -> None:
    story.source("rates").gives({"eur": 4})
    story.source("asleep").gives(fault)
    plan = a_plan(deadline="PT1H").asking("rates").asking("asleep", patience=patience)
    begun = story.now

    gather = story.gathers(plan.asking("never_reached", needs=["asleep"]))

    assert gather.reasons == {"asleep": "deadline", "never_reached": "needs asleep"}
    assert gather.dossier == {"rates": {"eur": 4}}
    assert story.now - begun == timedelta(hours=1)


def test_the_deadline_counts_from_the_start_and_anew_in_each_run(story: Story) -> None:
    story.source("asleep").gives(503)
    patience = {"attempts": 20, "first": "PT40M", "longest": "PT40M", "jitter": 0}
    plan = a_plan(deadline="PT1H", start_in="P1D").asking("asleep", patience=patience)
    begun = story.now
    gather = story.gathers(plan)
    assert story.now - begun == timedelta(days=1, hours=1)

    story.pass_time(hours=5)
    begun = story.now
    gather.run_again()
    assert story.now - begun == timedelta(hours=1)
    assert gather.reasons == {"asleep": "deadline"}
    assert story.source("asleep").attempts == 4
