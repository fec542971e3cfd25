import asyncio
from typing import Any

import pytest

from gather_once.gathers.host import HostOutOfReach
from gather_once.model.names import GATHER
from support.instances import Hub
from triggers.durable_client import SdkDurable


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
def durable(hub: Hub) -> SdkDurable:
    return SdkDurable(hub.client(), "Hub")


def test_a_start_of_what_lives_already_is_success(hub: Hub, durable: SdkDurable) -> None:
    hub.knows("g", "Running", name=GATHER)
    asyncio.run(durable.start(GATHER, "g", {}))

    assert hub.started == []


def test_a_start_that_was_refused_and_left_nothing_is_no_success(
    hub: Hub, durable: SdkDurable
) -> None:
    hub.refuses_starts(500, {"Message": "Something went wrong"})

    with pytest.raises(HostOutOfReach, match="Something went wrong"):
        asyncio.run(durable.start(GATHER, "g", {}))


@pytest.mark.parametrize("status", [None, "Completed", "Terminated"])
def test_to_end_what_is_over_is_success(hub: Hub, durable: SdkDurable, status: str | None) -> None:
    if status:
        hub.knows("g", status, name=GATHER)

    asyncio.run(durable.terminate("g", "enough"))


def test_to_resume_what_is_not_there_is_success(durable: SdkDurable) -> None:
    asyncio.run(durable.resume("g", "go on"))


@pytest.mark.parametrize(
    "does",
    [
        lambda durable: durable.status("g"),
        lambda durable: durable.start(GATHER, "g", {}),
        lambda durable: durable.terminate("g", "enough"),
        lambda durable: durable.resume("g", "go on"),
    ],
    ids=["status", "start", "terminate", "resume"],
)
def test_a_silent_host_is_out_of_reach(hub: Hub, durable: SdkDurable, does: Any) -> None:
    hub.is_silent = True

    with pytest.raises(HostOutOfReach):
        asyncio.run(does(durable))


def test_a_defect_of_our_own_is_not_taken_for_a_silent_host(durable: SdkDurable) -> None:
    with pytest.raises(TypeError):
        asyncio.run(durable.start(GATHER, "g", {"not JSON": object()}))


def test_of_who_is_not_there_nothing_is_said(durable: SdkDurable) -> None:
    assert asyncio.run(durable.look("g")) is None
    assert asyncio.run(durable.status("g")) is None
