"""What was answered is never asked again."""

from support.story import Story, a_plan

THREE_ATTEMPTS = {"attempts": 3}


def test_a_source_that_wakes_up_late_is_paid_once(story: Story) -> None:
    """Two faults and a long rest still end in one receipt."""
    story.source("prices").gives(503, 503, {"eur": 4})

    gather = story.start(a_plan().asking("prices", patience=THREE_ATTEMPTS))
    story.pass_time(minutes=30)

    assert gather.dossier["prices"] == {"eur": 4}
    assert story.source("prices").attempts == 3
    assert len(story.receipts) == 1
