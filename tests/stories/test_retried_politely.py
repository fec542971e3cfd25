"""A source that fails is asked again after pauses that are kept, and only if that can help."""

from datetime import timedelta
from email.utils import format_datetime

import pytest

from support.sources import drop, status
from support.story import Story, a_plan

CALM = {
    "max_attempts": 5,
    "first_interval": "PT10S",
    "backoff_coefficient": 3,
    "max_interval": "PT1M",
    "jitter": 0,
}


def seconds(*given: int) -> list[timedelta]:
    return [timedelta(seconds=one) for one in given]


def test_pauses_grow_by_the_factor_up_to_the_longest(story: Story) -> None:
    story.source("rates").gives(503, 500, drop(), 408, {"eur": 4})

    gather = story.gathers(a_plan().asking("rates", retry=CALM))

    assert gather.attempts_at("rates") == seconds(0, 10, 40, 100, 160)
    assert gather.dossier == {"rates": {"eur": 4}}


def test_patience_ends_and_says_after_how_many_attempts(story: Story) -> None:
    story.source("rates").gives(503)
    begun = story.now

    gather = story.gathers(a_plan().asking("rates", retry=CALM))

    assert gather.attempts_at("rates") == seconds(0, 10, 40, 100, 160)
    assert story.now - begun == timedelta(seconds=160)  # no pause after the last one
    assert gather.reasons == {"rates": "5 of 5 attempts failed"}


@pytest.mark.parametrize("code", [429, 503])
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_source_that_says_when_is_not_asked_before(story: Story, code: int, form: str) -> None:
    in_ten_minutes = format_datetime(story.now + timedelta(minutes=10), usegmt=True)
    said = "600" if form == "seconds" else in_ten_minutes
    story.source("rates").gives(status(code, retry_after=said), {"eur": 4})

    gather = story.gathers(a_plan().asking("rates", retry=CALM))

    assert gather.attempts_at("rates") == seconds(0, 600)


def test_another_gather_that_asks_the_same_respects_it_too(story: Story) -> None:
    story.source("rates").gives(status(429, retry_after="600"), {"eur": 4})
    plan = a_plan().asking("rates", fresh_for="P1D", retry=CALM)
    first = story.start(plan)
    story.pass_time(minutes=5)
    second = story.start(plan)
    story.pass_time(minutes=4, seconds=59)
    assert story.source("rates").attempts == 1

    assert first.end().dossier == second.end().dossier == {"rates": {"eur": 4}}
    assert story.source("rates").attempts == 2
    assert sorted(one.outcomes["rates"] for one in (first, second)) == ["kept", "reused"]


@pytest.mark.parametrize("code", [400, 401, 404, 410, 422])
def test_a_refusal_is_taken_at_its_word(story: Story, code: int) -> None:
    story.source("rates").gives(code)

    gather = story.gathers(a_plan().asking("rates", retry=CALM))
    story.pass_time(days=1)

    assert story.source("rates").attempts == 1
    assert "refused" in gather.reasons["rates"]
