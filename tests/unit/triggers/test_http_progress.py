from typing import Any

import pytest

from gather_once.gathers.dossier import assemble
from gather_once.model.names import PURSUE
from gather_once.views.progress import AT_MOST
from support.doors import BASE, NOON, Doors, a_plan_of

HOST_WORDS = {
    "instanceId",
    "runtimeStatus",
    "customStatus",
    "output",
    "createdTime",
    "lastUpdatedTime",
}


@pytest.fixture
def running(doors: Doors) -> Doors:
    doors.begins(a={}, b={"needs": ["a"]}, c={})
    doors.opens()
    return doors


def test_while_it_runs_it_is_202_with_every_ask_and_the_hosts_words(running: Doors) -> None:
    running.pursues("c", {"eur": 4})
    running.lets_root("g", "Running", custom_status={"phase": "gathering"})
    reply = running.get("/gathers/g")

    assert reply.status == 202
    told = reply.json
    assert (told["id"], told["run"], told["phase"], told["end"]) == ("g", 1, "running", None)
    assert told.keys() >= HOST_WORDS
    assert (told["instanceId"], told["runtimeStatus"]) == ("g", "Running")
    assert told["customStatus"] == {"phase": "gathering"}
    assert told["createdTime"].startswith("2026-01-01T00:00:00")
    assert told["asks"]["c"]["outcome"] == "kept"
    assert told["asks"]["b"] == {
        "outcome": None,
        "reason": None,
        "attempts": 0,
        "next_attempt_at": None,
        "waits_for": ["a"],
    }
    assert told["links"] == {"timeline": f"{BASE}/gathers/g/timeline"}


def test_an_ask_on_its_way_says_what_its_pursuer_says(running: Doors) -> None:
    said = {"attempts": 2, "waits_for": None, "next_attempt_at": "2026-05-04T12:05:00Z"}
    running.hub.knows("g:1:a", "Running", name=PURSUE, custom_status=said)
    said = {"attempts": 0, "waits_for": "the claim of h", "next_attempt_at": "2026-05-04T12:00:02Z"}
    running.hub.knows("g:1:c", "Running", name=PURSUE, custom_status=said)
    asks = running.get("/gathers/g").json["asks"]

    assert (asks["a"]["attempts"], asks["a"]["next_attempt_at"]) == (2, "2026-05-04T12:05:00Z")
    assert asks["a"]["waits_for"] == []
    assert asks["c"]["waits_for"] == ["the claim of h"]


def test_only_pursuers_that_can_be_on_their_way_are_asked(running: Doors) -> None:
    running.get("/gathers/g")

    assert [i for i in running.hub.looked_at if i.startswith("g:1:")] == ["g:1:a", "g:1:c"]


def test_of_very_many_open_asks_only_the_first_are_asked(doors: Doors) -> None:
    doors.begins(**{f"a{n}": {} for n in range(AT_MOST + 10)})
    doors.opens()
    doors.get("/gathers/g")

    assert sum(i.startswith("g:1:") for i in doors.hub.looked_at) == AT_MOST


@pytest.mark.parametrize(
    ("start_in", "phase"),
    [("P1D", "waiting"), ("PT0S", "running")],
)
def test_before_its_start_it_waits(doors: Doors, start_in: str, phase: str) -> None:
    doors.post("/gathers", {"id": "g", **a_plan_of(a={}), "start_in": start_in})
    assert doors.get("/gathers/g").json["phase"] == "waiting"

    doors.opens()
    assert doors.get("/gathers/g").json["phase"] == phase


def test_a_held_one_says_so(running: Doors) -> None:
    running.post("/gathers/g/suspend")
    reply = running.get("/gathers/g")

    assert (reply.status, reply.json["phase"], reply.json["runtimeStatus"]) == (
        202,
        "held",
        "Running",
    )


def test_a_root_that_the_host_has_suspended_is_held(running: Doors) -> None:
    running.lets_root("g", "Suspended")

    assert running.get("/gathers/g").json["phase"] == "held"


def test_at_the_end_it_is_200_and_names_the_dossier(doors: Doors) -> None:
    doors.answered()
    reply = doors.get("/gathers/g")

    assert (reply.status, reply.json["phase"], reply.json["end"]) == (200, "ended", "Completed")
    assert reply.json["links"]["dossier"] == f"{BASE}/gathers/g/dossier"
    assert doors.get("/gathers/g/dossier").status == 200


def test_calls_avoided_counts_what_a_receipt_answered(doors: Doors) -> None:
    for name in ("g", "h"):
        doors.begins(name, a={"fresh_for": "P1D"})
        doors.opens(name)
        doors.pursues("a", {"eur": 4}, name)
        doors.ends(name)

    assert doors.get("/gathers/g").json["calls_avoided"] == 0
    assert doors.get("/gathers/h").json["calls_avoided"] == 1


def test_a_root_ended_through_the_host_is_over_though_it_has_no_dossier(running: Doors) -> None:
    running.lets_root("g", "Terminated", output="by hand")
    reply = running.get("/gathers/g")

    assert (reply.status, reply.json["phase"]) == (200, "stopped")
    assert (reply.json["runtimeStatus"], reply.json["output"]) == ("Terminated", "by hand")
    assert running.get("/gathers/g/dossier").status == 409


def test_a_root_that_ends_while_it_is_looked_at_is_shown_with_its_dossier(doors: Doors) -> None:
    doors.begins()
    doors.opens()
    doors.pursues("a", {"eur": 4})
    get = doors.hub._get

    async def ends_first(url: str, *more: Any) -> Any:
        doors.hub._get = get  # type: ignore[method-assign]
        await assemble(doors.blobs, "g", 1, now=NOON)
        doors.lets_root("g", "Completed")
        return await get(url, *more)

    doors.hub._get = ends_first  # type: ignore[method-assign]
    reply = doors.get("/gathers/g")

    assert (reply.status, reply.json["phase"]) == (200, "ended")


def test_a_purged_root_has_the_words_of_its_runs_end(doors: Doors) -> None:
    doors.answered()
    doors.hub.instances.clear()
    reply = doors.get("/gathers/g")

    assert (reply.status, reply.json["runtimeStatus"]) == (200, "Completed")


def test_a_root_that_is_not_there_yet_is_pending(doors: Doors) -> None:
    doors.begins()
    doors.hub.instances.clear()
    reply = doors.get("/gathers/g")

    assert (reply.status, reply.json["runtimeStatus"]) == (202, "Pending")


def test_a_silent_host_is_503(running: Doors) -> None:
    running.hub.is_silent = True

    assert running.get("/gathers/g").status == 503


def test_looking_changes_nothing(running: Doors) -> None:
    running.operations.clear()
    for path in ("", "/dossier", "/timeline", "/asks/a", "/asks/a/answer"):
        running.get(f"/gathers/g{path}")

    assert {operation.verb for operation in running.operations} <= {"read", "look", "list"}
