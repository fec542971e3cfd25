"""What was answered is never asked again."""

from support.sources import reply
from support.story import Standstill, Story, a_plan

THREE_ATTEMPTS = {"max_attempts": 3}
FOUR_EUROS = reply(b'{"eur": 4}', "application/json")


def test_a_source_that_wakes_up_late_is_paid_once(story: Story) -> None:
    """Two faults and a long rest still end in one receipt."""
    story.source("prices").gives(503, 503, {"eur": 4})

    gather = story.start(a_plan().asking("prices", retry=THREE_ATTEMPTS))
    story.pass_time(minutes=30)

    assert gather.dossier["prices"] == {"eur": 4}
    assert story.source("prices").attempts == 3
    assert len(story.receipts) == 1
    assert gather.progress["asks"]["prices"]["attempts"] == 3


def test_a_fresh_answer_serves_every_gather_and_a_stale_one_is_asked_for_anew(
    story: Story,
) -> None:
    story.source("rates").gives({"eur": 4}, {"eur": 5})
    plan = a_plan().asking("rates", fresh_for="PT1H")

    first = story.gathers(plan)
    story.pass_time(minutes=59)
    second = story.gathers(plan)
    story.pass_time(minutes=2)
    third = story.gathers(plan)

    assert [one.outcomes["rates"] for one in (first, second, third)] == ["kept", "reused", "kept"]
    assert story.source("rates").attempts == 2
    assert third.dossier == {"rates": {"eur": 5}}
    assert first.dossier == second.dossier == {"rates": {"eur": 4}}


def test_an_answer_without_a_freshness_is_nobody_elses(story: Story) -> None:
    story.source("rates").gives({"eur": 4}, {"eur": 5})
    plan = a_plan().asking("rates")

    assert story.gathers(plan).dossier == {"rates": {"eur": 4}}
    assert story.gathers(plan).dossier == {"rates": {"eur": 5}}


def test_two_gathers_at_once_share_one_call(story: Story) -> None:
    """The second one waits for the claim of the first, whose source takes its time."""
    call = Standstill(then=FOUR_EUROS)
    story.source("rates").gives(call)
    plan = a_plan().asking("rates", fresh_for="PT1H")
    first = story.start(plan)
    call.is_under_way()
    second = story.start(plan)
    story.sees(lambda: any("the claim of" in one for one in second.waits_for("rates")))

    story.source("rates").release()

    assert (first.end().outcomes, second.end().outcomes) == ({"rates": "kept"}, {"rates": "reused"})
    assert second.dossier == {"rates": {"eur": 4}}
    assert story.source("rates").attempts == 1


def test_each_asking_has_one_idempotency_key_whatever_the_number_of_attempts(
    story: Story,
) -> None:
    story.source("rates").gives(503, {"eur": 4}, {"eur": 5})
    plan = a_plan().asking("rates", fresh_for="PT1H")
    story.gathers(plan)
    story.pass_time(hours=2)
    story.gathers(plan)

    keys = [one.headers["idempotency-key"] for one in story.source("rates").requests]
    assert keys[0] == keys[1] != keys[2]
