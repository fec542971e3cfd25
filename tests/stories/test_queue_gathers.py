"""Plans that come in by the queue: begun once, watched as long as they take, told at the end."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from azure.storage.blob.aio import ExponentialRetry

import gather_once.storage.clients
from devhost_support.azurite import SharedAzurite
from gather_once.storage.blobs import Container
from support.app import the_app
from support.messages import Mailbox
from support.sources import Town
from support.story import PlanInTheMaking, Story, a_plan
from triggers import queue
from triggers.queue import wait_after

QUEUES = {"GATHER_PLANS_QUEUE": "in-tray", "GATHER_COMPLETIONS_QUEUE": "out-tray"}
"""Names of a test's own, so that a name written into the code would be noticed."""
HOUR = timedelta(hours=1)
THREE_DAYS_LATER = {"retry": {"first_interval": "P3D", "max_interval": "P3D", "jitter": 0}}


class QueueStory(Story):
    """A story whose gathers come in by the queue."""

    @property
    def plans(self) -> Mailbox:
        return Mailbox(self.connection, "in-tray")

    @property
    def poison(self) -> Mailbox:
        return Mailbox(self.connection, "in-tray-poison")

    def is_sent(self, plan: PlanInTheMaking | dict[str, Any] | bytes) -> None:
        self.plans.takes(
            plan.in_town(self._town.base) if isinstance(plan, PlanInTheMaking) else plan
        )

    def has_plan_in(self, blob: str, plan: PlanInTheMaking) -> None:
        """Put a plan where a message can name it."""
        inputs = self.container("inputs")
        inputs.create_container()
        inputs.upload_blob(blob, json.dumps(plan.in_town(self._town.base)))

    def told(self) -> list[dict[str, Any]]:
        """Take what the done queue was told."""
        return Mailbox(self.connection, "out-tray").gives()

    @property
    def begun(self) -> list[str]:
        """The ids of all gathers."""
        controls = self.container(Container.GATHERS)
        names = controls.list_blob_names() if controls.exists() else ()
        return [name.removesuffix("/gather") for name in names if name.endswith("/gather")]

    @property
    def is_done_with_all_messages(self) -> bool:
        return not (self.plans.gives() or self.poison.gives())


@contextmanager
def told_by_queue(azurite: SharedAzurite, **changes: str) -> Iterator[QueueStory]:
    connection = azurite.fresh_account()
    allowed = {"GATHER_ALLOW_LOOPBACK": "1", "GATHER_ALLOWED_HOSTS": "*"}
    settings = {"AzureWebJobsStorage": connection, **allowed, **QUEUES, **changes}
    with Town() as town, the_app(azurite_clock=azurite.clock, **settings) as host:
        yield QueueStory(host, town, connection)


@pytest.fixture
def story(azurite: SharedAzurite) -> Iterator[QueueStory]:
    with told_by_queue(azurite) as story:
        yield story


def test_a_gather_of_three_days_is_one_gather_and_one_success_told(
    story: QueueStory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its message looks every hour here, where five minutes would take a minute to play."""
    monkeypatch.setattr(queue, "wait_after", lambda n: HOUR if n > 6 else wait_after(n))
    story.source("rates").gives(503, {"eur": 4})
    story.is_sent(a_plan(id="slow").asking("rates", **THREE_DAYS_LATER))

    story.pass_time(days=2, hours=23)
    assert story.told() == []

    story.pass_time(hours=2)
    assert story.told() == [
        {
            "key": "slow:1",
            "id": "slow",
            "run": 1,
            "status": "completed",
            "missing": {},
            "dossier_url": "/api/gathers/slow/dossier",
        }
    ]
    assert story.begun == ["slow"]
    assert story.source("rates").attempts == 2

    story.pass_time(days=1)
    assert story.told() == []
    assert story.is_done_with_all_messages


def test_a_gather_that_fails_is_one_failure_told(story: QueueStory) -> None:
    story.source("rates").gives(404)
    story.is_sent(a_plan(id="lost").asking("rates"))

    story.pass_time(hours=1)

    (told,) = story.told()
    assert (told["key"], told["status"], list(told["missing"])) == ("lost:1", "failed", ["rates"])
    assert story.is_done_with_all_messages


def test_an_invalid_plan_is_told_at_once_with_every_defect(story: QueueStory) -> None:
    story.is_sent({"id": "wrong", "asks": {"a": {"from": "telepathy"}, "B": {"from": "http"}}})

    story.host.settle()

    (told,) = story.told()
    assert (told["id"], told["status"]) == ("wrong", "rejected")
    assert {"/asks/a/from", "/asks/B"} <= {error["pointer"] for error in told["errors"]}
    assert story.begun == []
    assert story.is_done_with_all_messages


def test_what_is_no_text_is_refused_like_any_other_message(story: QueueStory) -> None:
    story.is_sent(b"\xff\xfe")

    story.host.settle()

    (told,) = story.told()
    assert (told["status"], told["errors"][0]["pointer"]) == ("rejected", "")
    assert story.is_done_with_all_messages


def test_a_message_that_keeps_failing_is_recorded_and_told(
    azurite: SharedAzurite, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger's account does not answer for longer than the host tries; the queue's does."""
    no_retries = {
        **gather_once.storage.clients.blob_options(),
        "retry_policy": ExponentialRetry(retry_total=0),
    }
    monkeypatch.setattr(gather_once.storage.clients, "blob_options", lambda: no_retries)
    nobody = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=aw==;BlobEndpoint=http://127.0.0.1:9/a"
    with told_by_queue(azurite, GATHER_STORAGE_CONNECTION="LEDGER", LEDGER=nobody) as story:
        story.is_sent(a_plan(id="unlucky").asking("rates"))
        story.pass_time(minutes=10)

        (told,) = story.told()
        assert (told["id"], told["status"]) == ("unlucky", "dead_lettered")
        assert story.is_done_with_all_messages
    assert "a message was given up: gather unlucky" in caplog.text


def test_a_plan_without_an_id_that_is_delivered_again_is_one_gather(
    story: QueueStory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first delivery begins the gather and dies before its message is dealt with."""
    story.source("rates").gives({"eur": 4})
    crashes = iter([True])

    async def come_again(*args: Any) -> None:
        if next(crashes, False):
            raise RuntimeError("it dies here")
        await come_again_at_last(*args)

    come_again_at_last = queue._come_again
    monkeypatch.setattr(queue, "_come_again", come_again)
    story.is_sent(a_plan().asking("rates"))
    story.pass_time(hours=1)

    (told,) = story.told()
    assert [told["id"]] == story.begun
    assert (told["status"], story.source("rates").attempts) == ("completed", 1)
    assert next(crashes, None) is None
    assert story.is_done_with_all_messages


def test_a_plan_that_no_message_can_hold_lies_in_a_blob(story: QueueStory) -> None:
    story.source("rates").gives({"eur": 4})
    plan = a_plan(id="big").asking("rates", query={"filler": "x" * 60_000})
    story.has_plan_in("plans/big.json", plan)
    story.is_sent({"plan_blob": "plans/big.json"})

    story.pass_time(minutes=1)

    assert [(told["key"], told["status"]) for told in story.told()] == [("big:1", "completed")]
