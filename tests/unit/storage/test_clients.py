"""Clients belong to the event loop that opened them, and are closed with it."""

import asyncio
import subprocess
import sys

import pytest

from gather_once.model.errors import InvalidSetting
from gather_once.storage import clients
from gather_once.storage.blobs import Container, OutOfReach
from gather_once.storage.clients import aclose_all, open_blobs
from support.deployed import ROOT

NOBODY = (
    "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=aw==;BlobEndpoint=http://127.0.0.1:9/a"
)


@pytest.fixture(autouse=True)
def _no_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    options = {**clients.blob_options(), "retry_policy": None, "retry_total": 0}
    monkeypatch.setattr(clients, "blob_options", lambda: options)


async def look() -> int:
    """Use storage once, in vain, and return how many loops hold clients."""
    with pytest.raises(OutOfReach):
        await open_blobs({"AzureWebJobsStorage": NOBODY}).look(Container.GATHERS, "g/gather")
    return len(clients._held)


def test_each_loop_has_clients_of_its_own_and_closes_them_at_its_end() -> None:
    assert asyncio.run(look()) == 1
    assert asyncio.run(look()) == 1
    assert not clients._held


def test_clients_that_were_closed_by_hand_are_opened_again() -> None:
    async def look_twice() -> list[int]:
        first = await look()
        await aclose_all()
        closed = len(clients._held)
        return [first, closed, await look()]

    assert asyncio.run(look_twice()) == [1, 0, 1]


def test_a_connection_string_that_is_none_is_named_without_its_text() -> None:
    async def open_and_look() -> None:
        await open_blobs({"AzureWebJobsStorage": "AccountKey=canary"}).look(Container.INDEX, "x")

    with pytest.raises(InvalidSetting, match="AzureWebJobsStorage") as caught:
        asyncio.run(open_and_look())
    assert "canary" not in str(caught.value)


def test_clients_of_a_loop_that_runs_to_the_end_are_closed_when_the_process_exits() -> None:
    """Else each exit complains of sessions that nothing closed."""
    program = f"""
import asyncio, threading
from gather_once.storage import clients
from gather_once.storage.blobs import Container, OutOfReach

async def look():
    options = {{**clients.blob_options(), "retry_policy": None, "retry_total": 0}}
    clients.blob_options = lambda: options
    try:
        await clients.open_blobs({{"AzureWebJobsStorage": "{NOBODY}"}}).look(Container.INDEX, "x")
    except OutOfReach:
        pass

loop = asyncio.new_event_loop()
threading.Thread(target=loop.run_forever, daemon=True).start()
asyncio.run_coroutine_threadsafe(look(), loop).result()
"""
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Unclosed" not in done.stderr
