import asyncio
from dataclasses import replace

import pytest

from gather_once.gathers import control
from gather_once.gathers.control import Control
from gather_once.model.names import GATHER
from support.doors import BASE, NOON, Doors


@pytest.fixture
def running(doors: Doors) -> Doors:
    doors.begins()
    doors.opens()
    return doors


def control_of(doors: Doors, id: str = "g") -> Control:
    found = asyncio.run(control.read(doors.blobs, id))
    assert found is not None
    return found


def test_suspend_holds_and_resume_lets_go_on(running: Doors) -> None:
    held = running.post("/gathers/g/suspend")
    assert (held.status, held.json["id"]) == (202, "g")
    assert control_of(running).state == "hold"

    let_go = running.post("/gathers/g/resume")
    assert (let_go.status, let_go.headers["location"]) == (202, f"{BASE}/gathers/g")
    assert control_of(running).state == "go"


def test_resume_also_resumes_a_root_that_the_host_has_suspended(running: Doors) -> None:
    running.lets_root("g", "Suspended")
    running.post("/gathers/g/resume")

    assert running.hub.instances["g"]["runtimeStatus"] == "Running"


def test_terminate_ends_the_root_and_keeps_what_was_answered(doors: Doors) -> None:
    doors.begins(a={}, b={})
    doors.opens()
    doors.pursues("a", {"eur": 4})
    reply = doors.post("/gathers/g/terminate")

    assert (reply.status, reply.json["id"]) == (202, "g")
    assert doors.hub.instances["g"]["runtimeStatus"] == "Terminated"
    told = doors.get("/gathers/g/dossier").json
    assert (told["status"], told["asks"]["a"]["answer"]) == ("terminated", {"eur": 4})
    assert told["asks"]["b"] == {"status": "missing", "reason": "stopped"}


def test_again_starts_the_next_run_and_gives_its_links(doors: Doors) -> None:
    doors.answered()
    reply = doors.post("/gathers/g/rerun")

    assert (reply.status, reply.json["id"]) == (202, "g")
    assert (reply.json["run"], reply.json["instanceId"]) == (2, "g:2")
    assert reply.headers["location"] == f"{BASE}/gathers/g"
    assert doors.hub.started[-1] == (GATHER, "g:2", {"id": "g", "run": 2})


def test_delete_forgets_an_ended_one_for_good(doors: Doors) -> None:
    doors.answered()
    first, second = (doors.call("DELETE", "/gathers/g") for _ in range(2))

    assert (first.status, first.json) == (202, {"id": "g", "final_status": "completed"})
    assert (second.status, second.json) == (first.status, first.json)
    assert control_of(doors).gone_at == NOON


@pytest.mark.parametrize("wish", ["suspend", "resume", "terminate"])
def test_what_has_ended_is_not_steered_and_says_what_is_possible(doors: Doors, wish: str) -> None:
    doors.answered()
    reply = doors.post(f"/gathers/g/{wish}")

    assert (reply.status, reply.type) == (409, "gather-ended")
    assert "/rerun" in reply.json["detail"]


@pytest.mark.parametrize("wish", ["suspend", "resume"])
def test_what_is_being_broken_off_is_neither_held_nor_let_go_on(doors: Doors, wish: str) -> None:
    doors.begins()
    doors.opens()
    asyncio.run(_stop(doors))
    reply = doors.post(f"/gathers/g/{wish}")

    assert (reply.status, reply.type) == (409, "gather-terminating")
    assert doors.get("/gathers/g").json["status"] == "terminating"


async def _stop(doors: Doors) -> None:
    """Leave what a terminate leaves that crashed behind its first step."""
    found = await control.read(doors.blobs, "g")
    assert found is not None
    await control.write(doors.blobs, replace(found, state=control.State.STOP))


@pytest.mark.parametrize(("method", "path"), [("POST", "/rerun"), ("DELETE", "")])
def test_what_has_not_ended_is_neither_run_again_nor_forgotten(
    running: Doors, method: str, path: str
) -> None:
    reply = running.call(method, f"/gathers/g{path}")

    assert (reply.status, reply.type) == (409, "gather-not-ended")


WISHES = [
    ("POST", "/suspend"),
    ("POST", "/resume"),
    ("POST", "/terminate"),
    ("POST", "/rerun"),
    ("DELETE", ""),
    ("GET", ""),
    ("GET", "/dossier"),
    ("GET", "/timeline"),
    ("GET", "/asks/a"),
    ("GET", "/asks/a/answer"),
    ("GET", "/asks/a/items/0/answer"),
    ("POST", "/asks/a/resolve"),
    ("POST", "/asks/a/items/0/resolve"),
]


@pytest.mark.parametrize(("method", "path"), WISHES)
def test_what_is_not_there_is_404(doors: Doors, method: str, path: str) -> None:
    reply = doors.call(method, f"/gathers/nobody{path}", {"retry": True})

    assert (reply.status, reply.type) == (404, "gather-not-found")


@pytest.mark.parametrize(("method", "path"), WISHES)
@pytest.mark.parametrize("id", ["No_Id", "g%2F1%2Foutcome", "g:2"])
def test_what_is_no_gather_id_is_refused(doors: Doors, method: str, path: str, id: str) -> None:
    reply = doors.call(method, f"/gathers/{id}{path}", {"retry": True})

    assert (reply.status, reply.type) == (400, "invalid-request")
    assert (reply.pointers, reply.parts) == (["id"], {"path"})


def test_an_ask_called_gather_is_not_taken_for_a_gather(doors: Doors) -> None:
    doors.begins("g", gather={})
    doors.opens()
    doors.pursues("gather", {"eur": 4})

    assert ("gather-once-gathers", "g/1/outcome/gather") in doors.blobs.stored
    assert doors.get("/gathers/g%2F1%2Foutcome").status == 400


@pytest.mark.parametrize(("method", "path"), [w for w in WISHES if w[0] != "DELETE"])
def test_what_was_deleted_is_410_and_says_how_it_had_ended(
    doors: Doors, method: str, path: str
) -> None:
    doors.answered()
    doors.call("DELETE", "/gathers/g")
    reply = doors.call(method, f"/gathers/g{path}", {"retry": True})

    assert (reply.status, reply.type) == (410, "gather-deleted")
    assert reply.json["final_status"] == "completed"


def test_a_silent_host_is_503_to_who_wants_another_run(doors: Doors) -> None:
    doors.answered()
    doors.hub.is_silent = True

    assert doors.post("/gathers/g/rerun").status == 503
