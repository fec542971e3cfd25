"""Upkeep on its real timer: what nobody else does is done at its next firing."""

from collections.abc import Iterator

import pytest

from devhost_support.azurite import SharedAzurite
from gather_once.storage.blobs import Container
from support.app import the_app
from support.messages import Mailbox
from support.sources import Town
from support.story import Story, a_plan


@pytest.fixture
def story(azurite: SharedAzurite) -> Iterator[Story]:
    connection = azurite.fresh_account()
    settings = {
        "AzureWebJobsStorage": connection,
        "AzureWebJobs.timer_upkeep.Disabled": "0",
        "AzureWebJobs.queue_gathers.Disabled": "1",
        "GATHER_MAINTENANCE_CRON": "0 0 * * * *",
        "GATHER_RETENTION": "P1D",
        "GATHER_ALLOW_LOOPBACK": "1",
        "GATHER_ALLOWED_HOSTS": "*",
    }
    with Town() as town, the_app(azurite_clock=azurite.clock, **settings) as host:
        yield Story(host, town, connection)


def test_a_gather_ended_through_the_built_in_link_has_its_dossier_and_is_told_at_the_next_firing(
    story: Story,
) -> None:
    story.source("rates").gives({"eur": 4})
    story.source("slow").gives(503)
    plan = a_plan(id="g", notify={"queue": "completions"}).asking("rates")
    gather = story.start(
        plan.asking("slow", retry={"first_interval": "PT2H", "max_interval": "PT2H"})
    )
    story.host.settle()
    story.host.post(gather.answer.json()["terminatePostUri"].replace("{text}", "enough"))
    story.pass_time(minutes=5)
    assert gather.get("/dossier").status_code == 409

    story.pass_time(hours=1)
    assert gather.dossier == {"rates": {"eur": 4}}
    told = [
        (word["key"], word["status"]) for word in Mailbox(story.connection, "completions").gives()
    ]
    assert told == [("g:1", "terminated")]


def test_a_gather_past_its_retention_is_gone_and_later_erased(story: Story) -> None:
    story.source("rates").gives({"eur": 4})
    gather = story.gathers(a_plan(id="g").asking("rates"))

    story.pass_time(hours=23)
    assert gather.get().status_code == 200

    story.pass_time(hours=2)
    assert gather.get().status_code == 410
    assert len(story.receipts) == 1

    story.pass_time(hours=2)
    assert list(story.container(Container.GATHERS).list_blob_names()) == ["g/gather"]
    assert gather.get().status_code == 410
    assert story.host.get("/api/gathers").json()["gathers"] == []
