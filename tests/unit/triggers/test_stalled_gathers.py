"""A gather in which nothing has happened for long says since when, why, and what to do."""

from datetime import timedelta
from typing import Any

import pytest

from gather_once.model.names import PURSUE
from gather_once.model.wire import moment_to_wire
from gather_once.views.stall import LONG
from support.doors import NOON, Doors

SECOND = timedelta(seconds=1)
SINCE = "2026-05-04T12:00:00Z"


@pytest.fixture
def running(doors: Doors) -> Doors:
    """Two asks on their way since noon, one that needs the first, and two hours gone by."""
    doors.begins(a={}, b={"needs": ["a"]}, c={})
    doors.opens()
    doors.now += LONG
    for ask in "ac":
        lets_pursuer(doors, ask, attempts=1, next_attempt_at="2026-05-04T15:00:00Z")
    return doors


def lets_pursuer(doors: Doors, ask: str, **said: Any) -> None:
    doors.hub.knows(f"g:1:{ask}", "Running", name=PURSUE, custom_status=said or None)
    doors.hub.instances[f"g:1:{ask}"]["lastUpdatedTime"] = moment_to_wire(NOON)


def stalled(doors: Doors) -> Any:
    return doors.get("/gathers/g").json.get("stalled")


def whole(doors: Doors) -> tuple[list[str], str]:
    """Return the codes of causes that are the whole gather's, and the action."""
    stall = stalled(doors)
    assert not any("ask" in one for one in stall["causes"])
    return [one["code"] for one in stall["causes"]], stall["action"]


def cause(code: str, detail: str, ask: str = "a") -> dict[str, str]:
    return {"ask": ask, "code": code, "detail": detail}


def test_pauses_are_told_and_nothing_is_to_be_done(running: Doors) -> None:
    detail = "After 1 calls, its next attempt is at 2026-05-04T15:00:00Z."

    assert stalled(running) == {
        "since": SINCE,
        "causes": [cause("retrying", detail, ask) for ask in "ac"],
        "action": "wait",
    }


def test_before_long_nothing_is_said(running: Doors) -> None:
    running.now -= SECOND
    assert stalled(running) is None


def test_an_outcome_since_then_is_progress(running: Doors) -> None:
    running.now -= SECOND
    running.pursues("c", 1)
    running.now += SECOND

    assert stalled(running) is None


def test_what_is_waited_for_is_named_however_often_it_was_looked_for(running: Doors) -> None:
    for ask in "ac":
        said = {"waits_for": "blob inputs/x", "next_attempt_at": "2026-05-04T14:30:00Z"}
        running.hub.knows(f"g:1:{ask}", "Running", name=PURSUE, custom_status=said)
        running.hub.instances[f"g:1:{ask}"]["lastUpdatedTime"] = moment_to_wire(running.now)

    told = stalled(running)
    assert told["since"] == SINCE
    assert told["causes"][0] == cause("waiting", "It waits for blob inputs/x.")
    assert told["action"] == "wait"


@pytest.mark.parametrize(
    ("said", "code"),
    [({"next_attempt_at": SINCE}, "overdue"), ({}, "silent"), (None, "unknown_to_host")],
)
def test_what_the_host_does_not_come_back_to_is_its_operators_business(
    running: Doors, said: dict[str, Any] | None, code: str
) -> None:
    del running.hub.instances["g:1:a"]
    if said is not None:
        lets_pursuer(running, "a", **said)

    told = stalled(running)
    assert (told["causes"][0]["ask"], told["causes"][0]["code"]) == ("a", code)
    assert told["action"] == "check_host"


def test_a_held_gather_says_how_to_go_on(running: Doors) -> None:
    running.post("/gathers/g/suspend")

    assert whole(running) == (["suspended"], "resume")


def test_one_that_the_host_has_not_begun_says_so(doors: Doors) -> None:
    doors.begins()
    doors.now += LONG

    assert whole(doors) == (["not_started"], "check_host")


def test_one_that_is_to_start_later_is_not_stalled(doors: Doors) -> None:
    plan = {"asks": {"a": {"from": "http", "url": "http://127.0.0.1/a"}}, "start_in": "P1D"}
    doors.call("PUT", "/gathers/g", plan)
    doors.now += LONG

    assert stalled(doors) is None


def test_one_that_was_broken_off_through_the_host_is_the_operators_business(doors: Doors) -> None:
    doors.begins()
    doors.lets_root("g", "Terminated")
    doors.now += LONG

    assert whole(doors) == (["no_dossier"], "check_host")


def test_one_that_has_ended_is_not_stalled(doors: Doors) -> None:
    doors.answered()
    doors.now += LONG

    assert stalled(doors) is None


def test_while_an_ask_goes_through_a_list_nothing_is_said(doors: Doors) -> None:
    doors.begins(a={"each": [1, 2]})
    doors.opens()
    lets_pursuer(doors, "a")
    doors.now += LONG

    assert stalled(doors) is None
