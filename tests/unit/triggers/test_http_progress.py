import asyncio
from datetime import timedelta
from typing import Any

import pytest

from gather_once.gathers.dossier import assemble
from gather_once.ledger.old import runs
from gather_once.model.names import PURSUE
from gather_once.model.wire import moment_to_wire
from gather_once.views.progress import AT_MOST
from support.doors import BASE, NOON, Doors, a_plan_of


@pytest.fixture
def running(doors: Doors) -> Doors:
    doors.begins(a={}, b={"needs": ["a"]}, c={})
    doors.opens()
    return doors


def test_while_it_runs_it_is_202_with_every_ask_and_nothing_of_the_host(running: Doors) -> None:
    running.pursues("c", {"eur": 4})
    running.lets_root("g", "Running", custom_status={"status": "running"}, output="private")
    reply = running.get("/gathers/g")

    assert reply.status == 202
    assert reply.json == {
        "id": "g",
        "run": 1,
        "status": "running",
        "created_at": "2026-05-04T12:00:00Z",
        "started_at": "2026-05-04T12:00:00Z",
        "reused_asks": 0,
        "asks": {
            "a": {"attempts": 0},
            "b": {"attempts": 0, "waits_for": ["a"]},
            "c": {"outcome": "kept", "attempts": 1},
        },
        "notification": {"status": "none"},
        "links": {
            "self": f"{BASE}/gathers/g",
            "dossier": f"{BASE}/gathers/g/dossier",
            "timeline": f"{BASE}/gathers/g/timeline",
        },
    }


def test_an_ask_on_its_way_says_what_its_pursuer_says(running: Doors) -> None:
    said = {"attempts": 2, "waits_for": None, "next_attempt_at": "2026-05-04T12:05:00Z"}
    running.hub.knows("g:1:a", "Running", name=PURSUE, custom_status=said)
    said = {"attempts": 0, "waits_for": "the claim of h", "next_attempt_at": "2026-05-04T12:00:02Z"}
    running.hub.knows("g:1:c", "Running", name=PURSUE, custom_status=said)
    asks = running.get("/gathers/g").json["asks"]

    assert (asks["a"]["attempts"], asks["a"]["next_attempt_at"]) == (2, "2026-05-04T12:05:00Z")
    assert "waits_for" not in asks["a"]
    assert asks["c"]["waits_for"] == ["the claim of h"]


def test_only_pursuers_that_can_be_on_their_way_are_asked(running: Doors) -> None:
    running.get("/gathers/g")

    assert [i for i in running.hub.looked_at if i.startswith("g:1:")] == ["g:1:a", "g:1:c"]


def test_of_very_many_open_asks_only_the_first_are_asked(doors: Doors) -> None:
    doors.begins(**{f"a{n}": {} for n in range(AT_MOST + 10)})
    doors.opens()
    doors.get("/gathers/g")

    assert sum(i.startswith("g:1:") for i in doors.hub.looked_at) == AT_MOST


def test_before_its_start_it_is_scheduled(doors: Doors) -> None:
    doors.post("/gathers", {"id": "g", **a_plan_of(a={}), "start_in": "P1D"})
    assert doors.get("/gathers/g").json["status"] == "scheduled"

    doors.opens()
    doors.lets_root("g", "Running", custom_status={"status": "scheduled"})
    shown = doors.get("/gathers/g").json
    assert (shown["status"], "started_at" in shown) == ("scheduled", False)

    doors.now += timedelta(days=1)
    doors.lets_root("g", "Running", custom_status={"status": "running"})
    shown = doors.get("/gathers/g").json
    assert (shown["status"], shown["started_at"]) == ("running", "2026-05-05T12:00:00Z")


def test_a_suspended_one_says_so(running: Doors) -> None:
    running.post("/gathers/g/suspend")
    reply = running.get("/gathers/g")

    assert (reply.status, reply.json["status"]) == (202, "suspended")


def test_a_root_that_the_host_has_suspended_is_suspended(running: Doors) -> None:
    running.lets_root("g", "Suspended")

    assert running.get("/gathers/g").json["status"] == "suspended"


def test_a_run_of_another_task_hub_is_running(running: Doors) -> None:
    """Its root cannot be seen, but an execution has registered itself."""
    running.hub.instances.clear()

    assert running.get("/gathers/g").json["status"] == "running"


def test_at_the_end_it_is_200_and_there_is_nothing_to_poll(doors: Doors) -> None:
    doors.answered()
    reply = doors.get("/gathers/g")

    assert (reply.status, reply.json["status"]) == (200, "completed")
    assert reply.json["ended_at"] == "2026-05-04T12:00:00Z"
    assert not {"location", "retry-after"} & reply.headers.keys()
    assert doors.get("/gathers/g/dossier").status == 200


def test_a_notification_that_was_sent_or_failed_says_so(doors: Doors) -> None:
    doors.begins()
    doors.opens()
    doors.pursues("a", 1)
    doors.ends()
    assert doors.get("/gathers/g").json["notification"] == {"status": "none"}

    asyncio.run(runs.mark_delivery(doors.blobs, "g", 1, runs.Delivery.FAILED))
    assert doors.get("/gathers/g").json["notification"] == {"status": "failed"}


@pytest.mark.parametrize(
    ("pauses", "seconds"),
    [
        ({"a": None, "c": None}, 10),
        ({"a": None, "c": 45}, 10),
        ({"a": None, "c": 3}, 3),
        ({"a": 30, "c": 45}, 30),
        ({"a": 600, "c": 900}, 60),
        ({"a": 0.2, "c": 45}, 1),
        ({"a": -7, "c": 45}, 1),
    ],
)
def test_a_poller_comes_back_when_something_may_have_changed(
    running: Doors, pauses: dict[str, float | None], seconds: int
) -> None:
    for ask, pause in pauses.items():
        due = moment_to_wire(NOON + timedelta(seconds=pause)) if pause is not None else None
        said = {"attempts": 1, "waits_for": None, "next_attempt_at": due}
        running.hub.knows(f"g:1:{ask}", "Running", name=PURSUE, custom_status=said)
    reply = running.get("/gathers/g")

    assert reply.headers["location"] == f"{BASE}/gathers/g"
    assert reply.headers["retry-after"] == str(seconds)


def test_a_dossier_that_is_to_come_says_when_to_ask_again(running: Doors) -> None:
    reply = running.get("/gathers/g/dossier")

    assert (reply.status, reply.type) == (409, "gather-not-ended")
    assert reply.headers["retry-after"] == "10"


def test_reused_asks_are_those_that_a_receipt_answered(doors: Doors) -> None:
    for name in ("g", "h"):
        doors.begins(name, a={"fresh_for": "P1D"})
        doors.opens(name)
        doors.pursues("a", {"eur": 4}, name)
        doors.ends(name)

    assert doors.get("/gathers/g").json["reused_asks"] == 0
    assert doors.get("/gathers/h").json["reused_asks"] == 1


def test_a_root_ended_through_the_host_is_terminating_until_its_dossier_is_there(
    running: Doors,
) -> None:
    running.lets_root("g", "Terminated", output="by hand")
    reply = running.get("/gathers/g")

    assert (reply.status, reply.json["status"]) == (202, "terminating")
    assert running.get("/gathers/g/dossier").status == 409
    assert (
        running.call("PUT", "/gathers/g", a_plan_of(a={}, b={"needs": ["a"]}, c={})).status == 200
    )
    assert running.get("/gathers/g").json["status"] == "terminated"


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

    assert (reply.status, reply.json["status"]) == (200, "completed")


def test_a_run_whose_root_is_purged_is_still_known(doors: Doors) -> None:
    doors.answered()
    doors.hub.instances.clear()
    reply = doors.get("/gathers/g")

    assert (reply.status, reply.json["status"]) == (200, "completed")
    assert "started_at" not in reply.json


def test_a_root_that_is_not_there_yet_is_scheduled(doors: Doors) -> None:
    doors.begins()
    doors.hub.instances.clear()
    reply = doors.get("/gathers/g")

    assert (reply.status, reply.json["status"]) == (202, "scheduled")


def test_a_silent_host_is_503(running: Doors) -> None:
    running.hub.is_silent = True

    assert running.get("/gathers/g").status == 503


def test_looking_changes_nothing(running: Doors) -> None:
    running.operations.clear()
    for path in ("", "/dossier", "/timeline", "/asks/a", "/asks/a/answer"):
        running.get(f"/gathers/g{path}")

    assert {operation.verb for operation in running.operations} <= {"read", "look", "list"}


@pytest.mark.parametrize(
    "path",
    [
        *("/gathers", "/gathers/g", "/gathers/g/dossier", "/gathers/g/timeline"),
        *("/gathers/g/asks/a", "/gathers/g/asks/a/answer", "/schedules", "/questions"),
        *("/schedules/daily", "/gathers/unknown", "/answer", "/answer/answer.js", "/health"),
    ],
)
def test_head_has_the_status_and_headers_of_get_and_no_body(doors: Doors, path: str) -> None:
    doors.answered()
    doors.call("PUT", "/schedules/daily", {"cron": "0 0 6 * * *", "plan": a_plan_of(a={})})
    get, head = doors.get(path), doors.call("HEAD", path)

    assert (head.status, head.headers, head.body) == (get.status, get.headers, b"")
    assert get.body
