import asyncio
import json
import re
from datetime import UTC, datetime
from typing import Any

import azure.functions as func
import pytest

from gather_once.model import clock
from gather_once.model.names import WELCOME
from support.instances import Hub
from support.orchestration import user_function
from triggers.health import health
from triggers.welcome import welcome

LIVE = ["Pending", "Running", "Suspended", "ContinuedAsNew"]
FINISHED = ["Completed", "Failed", "Terminated", "Canceled"]

door = user_function(welcome)


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture(autouse=True)
def _fixed_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "source", lambda: datetime(2026, 1, 1, tzinfo=UTC))


def call(hub: Hub, method: str = "GET", body: bytes = b"", **query: str) -> func.HttpResponse:
    request = func.HttpRequest(
        method=method, url="http://app.test/api/welcome", params=query, body=body
    )
    reply: func.HttpResponse = asyncio.run(door(req=request, client=hub.client()))
    return reply


def body_of(reply: func.HttpResponse) -> Any:
    return json.loads(reply.get_body())


def test_a_first_call_schedules_and_answers_with_the_check_status_response(hub: Hub) -> None:
    reply = call(hub, instance_id="a")

    assert hub.started == [(WELCOME, "a", {"start_at": None})]
    assert reply.status_code == 202
    assert reply.headers["Location"] == body_of(reply)["statusQueryGetUri"]
    assert reply.headers["Retry-After"] == "10"
    assert body_of(reply)["id"] == "a"
    assert body_of(reply).keys() >= {"sendEventPostUri", "terminatePostUri", "suspendPostUri"}


def test_without_an_id_it_gets_a_random_one(hub: Hub) -> None:
    ids = {body_of(call(hub))["id"] for _ in range(3)}

    assert len(ids) == 3
    assert all(re.fullmatch("ID_[0-9a-f]{32}", each) for each in ids)


def test_a_later_start_is_told_to_the_orchestrator_as_a_moment(hub: Hub) -> None:
    call(hub, "POST", json.dumps({"instance_id": "a", "start_in": "P30D"}).encode())

    assert hub.started == [(WELCOME, "a", {"start_at": "2026-01-31T00:00:00Z"})]


def test_a_get_has_no_body_to_look_at(hub: Hub) -> None:
    assert call(hub, "GET", b"not json").status_code == 202


@pytest.mark.parametrize("status", LIVE)
def test_a_second_start_of_a_live_id_answers_the_same_and_starts_nothing(
    hub: Hub, status: str
) -> None:
    hub.knows("a", status, name=WELCOME)
    reply = call(hub, instance_id="a")

    assert (reply.status_code, body_of(reply)["id"]) == (202, "a")
    assert hub.started == []


@pytest.mark.parametrize("status", FINISHED)
def test_a_start_of_a_finished_id_answers_with_its_end_and_starts_nothing(
    hub: Hub, status: str
) -> None:
    hub.knows("a", status, name=WELCOME, output="the end")
    reply = call(hub, instance_id="a")

    assert reply.status_code == 200
    assert body_of(reply)["runtimeStatus"] == status
    assert body_of(reply)["output"] == "the end"
    assert hub.started == []


def test_the_loser_of_two_racing_starts_is_answered_like_the_winner(hub: Hub) -> None:
    hub.knows("a", "Pending", name=WELCOME)
    hub.hides_until_started("a")
    reply = call(hub, instance_id="a")

    assert (reply.status_code, body_of(reply)["id"]) == (202, "a")
    assert hub.started == []


def test_a_start_that_was_refused_for_another_reason_is_not_taken_for_a_start(hub: Hub) -> None:
    hub.refuses_starts(500, {"Message": "Something went wrong"})

    with pytest.raises(Exception, match="Something went wrong"):
        call(hub, instance_id="a")


def test_an_id_of_another_orchestration_is_a_conflict(hub: Hub) -> None:
    hub.knows("a", "Completed", name="gather", output="private")
    reply = call(hub, instance_id="a")

    assert (reply.status_code, body_of(reply)["type"]) == (409, "id-taken")
    assert b"private" not in reply.get_body()


def test_defects_are_named_and_nothing_is_started(hub: Hub) -> None:
    reply = call(hub, instance_id="no spaces", wait="0")

    assert reply.status_code == 400
    told = body_of(reply)
    assert (told["type"], {error["in"] for error in told["errors"]}) == (
        "invalid-request",
        {"query"},
    )
    assert [error["name"] for error in told["errors"]] == ["instance_id", "wait"]
    assert hub.started == []


def test_waiting_for_a_finished_one_gives_its_bare_text(hub: Hub) -> None:
    hub.knows("a", "Completed", name=WELCOME, output="Welcome One!")
    reply = call(hub, instance_id="a", wait="1")

    assert (reply.status_code, reply.get_body()) == (200, b"Welcome One!")


def test_waiting_for_a_failed_one_gives_its_status_as_an_error(hub: Hub) -> None:
    hub.knows("a", "Failed", name=WELCOME, output="Oh No")
    reply = call(hub, instance_id="a", wait="1")

    assert (reply.status_code, body_of(reply)["output"]) == (500, "Oh No")


def test_health_needs_nothing_but_the_door() -> None:
    request = func.HttpRequest(method="GET", url="http://app.test/api/health", body=b"")

    assert asyncio.run(user_function(health)(request)).status_code == 200
