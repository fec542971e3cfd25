"""The stage of every story."""

from collections.abc import Iterator

import pytest

from devhost_support.azurite import SharedAzurite
from devhost_support.longhistories import parse_each_timestamp_once
from support.app import the_app
from support.sources import Town
from support.story import Story


@pytest.fixture(autouse=True)
def _long_histories_are_read_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    parse_each_timestamp_once(monkeypatch)


@pytest.fixture
def story(azurite: SharedAzurite) -> Iterator[Story]:
    connection = azurite.fresh_account()
    allowed = {"GATHER_ALLOW_LOOPBACK": "1", "GATHER_ALLOWED_HOSTS": "*"}
    app = the_app(azurite_clock=azurite.clock, AzureWebJobsStorage=connection, **allowed)
    with Town() as town, app as host:
        yield Story(host, town, connection)
