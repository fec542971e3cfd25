"""Waiting costs next to nothing, for however long it is."""

from support.story import Story, a_plan


def test_a_month_on_hold_leaves_a_short_history(story: Story) -> None:
    story.source("rates").gives({"eur": 4})
    gather = story.start(a_plan(start_in="PT1M").asking("rates"))
    assert gather.post("/suspend").status_code == 202
    story.pass_time(days=30)
    assert story.source("rates").attempts == 0
    assert gather.waits_for("rates") == ["the hold to end"]
    assert len(story.host.history(f"{gather.id}:1:rates")) < 100
    gather.post("/resume")

    assert gather.end().dossier == {"rates": {"eur": 4}}
