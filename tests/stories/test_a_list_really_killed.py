"""A thousand items, a fifth of which fail at first, and a host that is killed three times."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic

import requests
from azure.storage.blob import BlobServiceClient

from devhost.testing import DevHost
from devhost_support.azurite import SharedAzurite
from gather_once.ledger.journal import Kept, decode
from gather_once.storage.blobs import Container
from support.app import app_settings
from support.deployed import ROOT
from support.lists import ManyScripts
from support.sources import Town
from support.story import a_plan

ITEMS, PARALLEL, KILLS = 1_000, 100, (150, 450, 800)


def until(holds: Callable[[], bool], seconds: float = 120) -> None:
    """Ask again and again; every question is a real request, so this does not spin."""
    limit = monotonic() + seconds
    while not holds():
        assert monotonic() < limit, "it did not come true in time"


def settled_items(connection: str) -> set[int]:
    """Return the items whose answers stand in a journal."""
    service = BlobServiceClient.from_connection_string(connection)
    container = service.get_container_client(Container.GATHERS)
    found: set[int] = set()
    for blob in container.list_blobs(name_starts_with="big/lane/"):
        entries = decode(container.download_blob(blob.name).readall())
        found |= {entry.attempt.item for entry in entries if isinstance(entry, Kept)}
    return found


def test_no_item_that_was_settled_is_asked_again(azurite: SharedAzurite, tmp_path: Path) -> None:
    """Through three kills; those in flight at a kill may be asked once more, and no others."""
    connection = azurite.fresh_account()
    settings = app_settings(
        AzureWebJobsStorage=connection, GATHER_ALLOW_LOOPBACK="1", GATHER_ALLOWED_HOSTS="*"
    )
    scripts = ManyScripts(lambda item, before: 503 if item % 5 == 0 and not before else {"n": item})
    plan = a_plan(id="big").asking(
        "a",
        "items/${each}",
        each=list(range(ITEMS)),
        max_parallel=PARALLEL,
        retry={"max_attempts": 10, "first_interval": "PT1S"},
    )
    with Town() as town, DevHost.spawn(ROOT, tmp_path / "state", settings=settings) as host:
        town.source("items").gives(scripts)
        begun = requests.post(f"{host.url}/api/gathers", json=plan.in_town(town.base), timeout=60)
        assert begun.status_code == 202, begun.text
        asked_before: dict[int, int] = {}
        for calls in KILLS:
            scripts.is_asked(calls)
            host.kill()
            attempts = scripts.attempts
            for item in settled_items(connection):
                asked_before.setdefault(item, attempts[item])
            host.start()
        status = "/runtime/webhooks/durabletask/instances/big"
        until(lambda: host.get(status).json()["runtimeStatus"] == "Completed")
        answer = host.get("/api/gathers/big/asks/a/answer").json()

    assert answer == [{"n": item} for item in range(ITEMS)]
    assert len(asked_before) >= KILLS[-1] // 2, "nothing was settled before a kill"
    assert {item: scripts.attempts[item] for item in asked_before} == asked_before
    needed = ITEMS + ITEMS // 5
    assert sum(scripts.attempts.values()) <= needed + len(KILLS) * PARALLEL
