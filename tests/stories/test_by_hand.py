"""The example that gathers by hand does what it says, and no more."""

from collections.abc import Iterator
from typing import Any

import pytest

from devhost.testing import DevHost
from support.deployed import ROOT
from support.sources import Town

BY_HAND = ROOT / "examples" / "by_hand"


@pytest.fixture
def town() -> Iterator[Town]:
    with Town() as town:
        yield town


@pytest.fixture
def host() -> Iterator[DevHost]:
    with DevHost(BY_HAND) as host:
        yield host


def gathered(host: DevHost, town: Town, **asks: list[str]) -> dict[str, Any]:
    plan = {name: {"url": f"{town.base}/{name}", "needs": needs} for name, needs in asks.items()}
    started = host.post("/api/gathers", json={"id": "mine", "asks": plan})
    assert started.status_code == 202, started.text
    return host.wait("mine")


def test_an_ask_is_called_with_the_answers_that_it_needs(host: DevHost, town: Town) -> None:
    town.source("rates").gives({"eur": 4})
    town.source("clients").gives(["ada"])
    town.source("report").gives({"pages": 3})

    ended = gathered(host, town, report=["rates", "clients"], rates=[], clients=[])

    assert ended["output"] == {"rates": {"eur": 4}, "clients": ["ada"], "report": {"pages": 3}}
    assert town.source("report").last.query == {"rates": ['{"eur": 4}'], "clients": ['["ada"]']}


def test_a_source_that_recovers_is_asked_again(host: DevHost, town: Town) -> None:
    town.source("rates").gives(503, 503, {"eur": 4})

    assert gathered(host, town, rates=[])["output"] == {"rates": {"eur": 4}}
    assert town.source("rates").attempts == 3


def test_a_source_that_fails_ends_the_gather(host: DevHost, town: Town) -> None:
    town.source("rates").gives(503)
    town.source("clients").gives(["ada"])

    assert gathered(host, town, rates=[], clients=[])["runtimeStatus"] == "Failed"


@pytest.mark.parametrize("needs", [["report"], ["nobody"]])
def test_needs_that_cannot_be_met_are_a_failure(
    host: DevHost, town: Town, needs: list[str]
) -> None:
    ended = gathered(host, town, report=needs)

    assert ended["runtimeStatus"] == "Failed"
    assert "need each other" in ended["output"]
