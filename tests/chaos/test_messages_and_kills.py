"""A crowd of messages, three of ten sent twice, and a host that is killed five times meanwhile.

`CHAOS_N` says how many messages (25), `CHAOS_SEED` repeats the choices of an earlier run. All is
real: processes, queues, blobs, sockets and time. Only the ten minutes for which storage hides the
messages that a killed host was dealing with are skipped, by moving the time of Azurite, and where
there are few messages, claims live for seconds instead of a minute.
"""

import json
import os
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from azure.storage.blob import BlobServiceClient

from devhost.testing import DevHost, SpawnedHost
from devhost_support.azurite import SharedAzurite
from gather_once.storage.blobs import Container
from support.app import app_settings
from support.deployed import ROOT
from support.hasty_app import hasty_app
from support.messages import Mailbox
from support.sources import Town

KILLS = 5
HIDDEN = timedelta(minutes=11)
"""A little more than a message stays hidden whose host has died."""
MOST_POISONED = 1
"""A message that is on its way at each of the kills, which the host takes for the cause, is given
up. That is rare; its gather has begun long before, and its end is told like any other's."""
MANY = 200
"""Messages that take so long anyhow that the app's own claims are waited for."""
FLAKY = 0.2
"""The share of sources that fail once before they answer."""


@dataclass
class Crowd:
    """The messages of a run, and which gathers they ask for."""

    messages: list[dict[str, Any]]
    gathers: frozenset[str]
    flaky: frozenset[str]

    @classmethod
    def of(cls, count: int, chance: Random, town: str) -> "Crowd":
        """Draw `count` messages, of which three tenths say again what another says."""
        twice = count * 3 // 10
        names = [f"g{number}" for number in range(count - twice)]
        messages = [_plan(name, town) for name in names + chance.choices(names, k=twice)]
        chance.shuffle(messages)
        flaky = chance.sample(names, round(FLAKY * len(names)))
        return cls(messages, frozenset(names), frozenset(flaky))

    def batches(self) -> Iterator[list[dict[str, Any]]]:
        """Yield the messages in as many batches as there are lives of the host."""
        size = -(-len(self.messages) // (KILLS + 1))
        for start in range(0, len(self.messages), size):
            yield self.messages[start : start + size]


def _plan(name: str, town: str) -> dict[str, Any]:
    retry = {"first_interval": "PT1S", "jitter": 0}
    ask = {"from": "http", "url": f"{town}/{name}", "retry": retry}
    return {"id": name, "asks": {"a": ask}}


@dataclass
class Stage:
    """The host and all that it is to be seen by from outside."""

    host: SpawnedHost
    azurite: SharedAzurite
    connection: str
    told: Counter[str] = field(default_factory=Counter)
    poisoned: int = 0
    """Messages that the host gave up because it died of them, as far as it could know."""

    def sends(self, messages: list[dict[str, Any]]) -> None:
        plans = Mailbox(self.connection, "gathers")
        for message in messages:
            plans.takes(message)

    def is_killed(self) -> None:
        """SIGKILL, and what it was dealing with is seen again at once."""
        self.host.kill()
        self.azurite.clock.move_to(self.azurite.clock.now() + HIDDEN)
        self.host.start()

    def listens(self) -> None:
        """Note what the done queue was told."""
        for word in Mailbox(self.connection, "completions").gives():
            if word["status"] == "dead_lettered":
                self.poisoned += 1
            else:
                assert word["status"] == "completed", word
                self.told[word["key"]] += 1

    def waits_for(self, count: int, seconds: float) -> None:
        """Listen until so many ends were told."""
        limit = time.monotonic() + seconds
        while len(self.told) < count:
            assert time.monotonic() < limit, f"only {len(self.told)} of {count} ends were told"
            time.sleep(0.1)  # real time is what this is about
            self.listens()

    def blobs(self, *, having: str) -> Iterator[tuple[str, bytes]]:
        """Yield gather and content of the blobs whose name has this after the gather."""
        service = BlobServiceClient.from_connection_string(self.connection)
        container = service.get_container_client(Container.GATHERS)
        for name in container.list_blob_names():
            gather, _, rest = name.partition("/")
            if rest.startswith(having):
                yield gather, bytes(container.download_blob(name).readall())


@pytest.fixture
def chance() -> Random:
    seed = os.environ.get("CHAOS_SEED") or secrets.token_hex(4)
    print(f"\nCHAOS_SEED={seed}")  # noqa: T201  a failure can be repeated by it
    return Random(seed)  # noqa: S311  repeatable choices, no secret


@pytest.fixture
def count() -> int:
    return int(os.environ.get("CHAOS_N") or 25)


def test_every_message_is_one_gather_and_one_end_told_through_five_kills(
    azurite: SharedAzurite, tmp_path: Path, chance: Random, count: int
) -> None:
    began = time.monotonic()
    connection = azurite.fresh_account()
    settings = app_settings(
        AzureWebJobsStorage=connection, GATHER_ALLOW_LOOPBACK="1", GATHER_ALLOWED_HOSTS="*"
    )
    with Town() as town:
        crowd = Crowd.of(count, chance, town.base)
        for name in crowd.gathers:
            answers: tuple[Any, ...] = (503, name) if name in crowd.flaky else (name,)
            town.source(name).gives(*answers)
        app = hasty_app(tmp_path / "app") if count < MANY else ROOT
        with DevHost.spawn(app, tmp_path / "state", settings=settings) as host:
            stage = Stage(host, azurite, connection)
            _live_and_die(stage, crowd, town, chance)
            stage.waits_for(len(crowd.gathers), seconds=150 + count)
            _check(stage, crowd)
        calls = _calls(crowd, town)
    _tell(stage, crowd, calls, time.monotonic() - began)


def _live_and_die(stage: Stage, crowd: Crowd, town: Town, chance: Random) -> None:
    """Send a batch in each of the host's lives, and end all but the last in the middle of work."""
    for life, batch in enumerate(crowd.batches(), 1):
        before = _calls(crowd, town)
        stage.sends(batch)
        if life <= KILLS:
            limit = time.monotonic() + 5  # a batch may hold nothing but messages sent twice
            while _calls(crowd, town) == before and time.monotonic() < limit:
                time.sleep(0.02)  # real time is what this is about
            time.sleep(chance.uniform(0, 0.3))
            stage.is_killed()


def _calls(crowd: Crowd, town: Town) -> int:
    return sum(town.source(name).attempts for name in crowd.gathers)


def _check(stage: Stage, crowd: Crowd) -> None:
    assert {gather for gather, _ in stage.blobs(having="gather")} == crowd.gathers
    receipts = [gather for gather, blob in stage.blobs(having="receipt/") if _has_answer(blob)]
    assert sorted(receipts) == sorted(crowd.gathers)
    ends = {json.loads(blob)["status"] for _, blob in stage.blobs(having="1/dossier")}
    assert ends == {"completed"}
    assert set(stage.told) == {f"{name}:1" for name in crowd.gathers}
    assert stage.poisoned <= MOST_POISONED
    assert Mailbox(stage.connection, "gathers-poison").gives() == []


def _has_answer(blob: bytes) -> bool:
    return json.loads(blob)["receipt"] is not None


def _tell(stage: Stage, crowd: Crowd, calls: int, seconds: float) -> None:
    needed = len(crowd.gathers) + len(crowd.flaky)
    again = stage.told.total() - len(stage.told)
    print(  # noqa: T201  what the run is for
        f"{len(crowd.messages)} messages, {len(crowd.messages) - len(crowd.gathers)} of them sent"
        f" twice: {len(crowd.gathers)} gathers, all completed, none lost, through {KILLS} kills.\n"
        f"Sources were called {calls} times, {calls - needed} more than without kills;"
        f" {again} ends were told again, under the same key; {stage.poisoned} messages that met"
        f" {KILLS} kills were given up, after their gathers had begun. {seconds:.0f} s."
    )
