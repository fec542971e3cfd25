import json
import re

import pytest

from gather_once.model.fault import Fault, FaultKind
from gather_once.model.names import GATHER
from support.doors import BASE, Doors, a_plan_of, an_ask

PLAN = a_plan_of(a={})
LINKS = {
    "self": f"{BASE}/gathers/g",
    "dossier": f"{BASE}/gathers/g/dossier",
    "timeline": f"{BASE}/gathers/g/timeline",
}


def test_a_new_plan_starts_a_root_and_gets_the_sdks_links(doors: Doors) -> None:
    reply = doors.post("/gathers", {"id": "g", **PLAN})

    assert reply.status == 202
    assert doors.hub.started == [(GATHER, "g", {"id": "g", "run": 1})]
    assert (reply.json["id"], reply.json["run"], reply.json["instanceId"]) == ("g", 1, "g")
    assert reply.json["links"] == LINKS
    assert reply.json.keys() >= {"statusQueryGetUri", "sendEventPostUri", "terminatePostUri"}
    assert reply.json["statusQueryGetUri"].startswith("http://app.test/runtime/webhooks/")
    assert reply.headers["location"] == f"{BASE}/gathers/g"
    assert reply.headers["retry-after"] == "10"


def test_a_known_plan_that_runs_gets_the_same_links_and_starts_nothing(doors: Doors) -> None:
    first = doors.begins()
    doors.opens()
    second = doors.begins()

    assert second == first
    assert len(doors.hub.started) == 1


def test_the_links_are_those_of_the_newest_run(doors: Doors) -> None:
    doors.answered()
    doors.post("/gathers/g/rerun")

    told = doors.begins("g").json

    assert (told["id"], told["run"], told["instanceId"]) == ("g", 2, "g:2")
    assert "/instances/g:2?" in told["statusQueryGetUri"]
    assert doors.get(f"/gathers/{told['id']}").status == 202


def test_a_finished_one_answers_with_its_dossier(doors: Doors) -> None:
    doors.answered()
    reply = doors.call("PUT", "/gathers/g", PLAN)

    assert reply.status == 200
    assert reply.json == doors.get("/gathers/g/dossier").json
    assert reply.json["asks"]["a"]["answer"] == {"eur": 4}


def test_another_plan_under_a_known_id_is_a_conflict(doors: Doors) -> None:
    doors.begins()
    reply = doors.call("PUT", "/gathers/g", a_plan_of(b={}))

    assert (reply.status, reply.type) == (409, "plan-conflict")


def test_a_deleted_one_is_gone_and_says_how_it_had_ended(doors: Doors) -> None:
    doors.answered()
    doors.call("DELETE", "/gathers/g")
    reply = doors.call("PUT", "/gathers/g", PLAN)

    assert reply.status == 410
    assert (reply.type, reply.json["id"]) == ("gather-deleted", "g")
    assert reply.json["final_status"] == "completed"


def test_without_an_id_it_gets_a_random_one(doors: Doors) -> None:
    ids = {doors.post("/gathers", PLAN).json["id"] for _ in range(3)}

    assert len(ids) == 3
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in ids)


def test_an_idempotency_key_stands_for_one_gather(doors: Doors) -> None:
    ids = {
        doors.post("/gathers", PLAN, headers={"Idempotency-Key": key}).json["id"]
        for key in ("order 1", "order 1", "order 2")
    }

    assert len(ids) == 2
    assert all(re.fullmatch("k-[0-9a-f]{32}", each) for each in ids)
    assert len(doors.hub.started) == 2


def test_an_id_in_the_plan_counts_more_than_an_idempotency_key(doors: Doors) -> None:
    reply = doors.post("/gathers", {"id": "g", **PLAN}, headers={"Idempotency-Key": "k"})

    assert reply.json["id"] == "g"


def test_the_id_of_the_path_may_stand_in_the_plan_but_no_other(doors: Doors) -> None:
    assert doors.call("PUT", "/gathers/g", {"id": "g", **PLAN}).status == 202

    reply = doors.call("PUT", "/gathers/h", {"id": "g", **PLAN})
    assert (reply.status, reply.type, reply.pointers) == (400, "invalid-plan", ["/id"])


def test_every_defect_is_named_with_its_pointer_and_nothing_is_started(doors: Doors) -> None:
    plan = {"id": "No!", "asks": {"a": an_ask(method="LOOK", what=1), "b": {"from": "telepathy"}}}
    reply = doors.post("/gathers", plan)

    assert reply.status == 400
    assert set(reply.pointers) >= {"/id", "/asks/a/method", "/asks/a/what", "/asks/b/from"}
    assert reply.headers.keys() == {"cache-control"}
    assert doors.hub.started == []
    assert not doors.blobs.stored


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"asks": {}, "asks": {}}'])
def test_a_body_that_is_no_plan_is_refused_readably(doors: Doors, body: bytes) -> None:
    reply = doors.post("/gathers", body=body)

    assert reply.status == 400
    assert all(error["detail"] for error in reply.json["errors"])


TOO_LONG = b'{"asks": {"a": "' + b"x" * 300_000 + b'"}}'


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/gathers", TOO_LONG),
        ("PUT", "/gathers/g", TOO_LONG),
        ("POST", "/plans/validate", TOO_LONG),
        ("PUT", "/schedules/daily", b'{"plan": ' + TOO_LONG + b"}"),
    ],
)
def test_a_plan_that_is_too_large_is_refused_by_the_name_of_the_setting(
    doors: Doors, method: str, path: str, body: bytes
) -> None:
    reply = doors.call(method, path, body=body)

    assert (reply.status, reply.type) == (413, "payload-too-large")
    assert (reply.pointers, reply.parts) == (["GATHER_MAX_PLAN_BYTES"], {"setting"})
    assert not doors.blobs.stored


@pytest.mark.parametrize(
    ("media_type", "status"),
    [
        (None, 202),
        ("application/json", 202),
        ("Application/JSON; charset=utf-8", 202),
        ("application/merge-patch+json", 202),
        ("application/x-www-form-urlencoded", 202),
        ("text/xml", 415),
        ("text/plain", 415),
        ("multipart/form-data; boundary=x", 415),
    ],
)
def test_a_plan_is_json_of_any_such_type_and_of_no_other(
    doors: Doors, media_type: str | None, status: int
) -> None:
    headers = {} if media_type is None else {"Content-Type": media_type}
    reply = doors.post("/gathers", PLAN, headers=headers)

    assert reply.status == status
    assert status == 202 or reply.type == "unsupported-media-type"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/gathers"),
        ("PUT", "/gathers/g"),
        ("GET", "/gathers"),
        ("GET", "/gathers/g"),
        ("GET", "/gathers/g/dossier"),
        ("GET", "/schedules"),
        ("GET", "/questions"),
    ],
)
def test_a_query_parameter_that_the_route_does_not_take_is_refused(
    doors: Doors, method: str, path: str
) -> None:
    reply = doors.call(method, path, PLAN, query={"code": "the host's key", "tpo": "5"})

    assert (reply.status, reply.type) == (400, "invalid-request")
    assert (reply.pointers, reply.parts) == (["tpo"], {"query"})
    assert doors.hub.started == []


def test_an_id_in_the_path_that_no_gather_can_have_is_named(doors: Doors) -> None:
    reply = doors.call("PUT", "/gathers/A_B", PLAN)

    assert (reply.status, reply.type) == (400, "invalid-request")
    assert (reply.pointers, reply.parts) == (["id"], {"path"})


def test_a_host_that_does_not_start_it_is_told_and_the_next_call_goes_on(doors: Doors) -> None:
    doors.hub.is_silent = True
    reply = doors.call("PUT", "/gathers/g", PLAN)
    assert (reply.status, reply.headers["retry-after"]) == (503, "5")
    assert reply.type == "durable-unavailable"

    doors.hub.is_silent = False
    assert doors.call("PUT", "/gathers/g", PLAN).status == 202
    assert len(doors.hub.started) == 1


def test_a_start_that_the_host_refuses_is_no_start(doors: Doors) -> None:
    doors.hub.refuses_starts(500, {"Message": "Something went wrong"})

    assert doors.call("PUT", "/gathers/g", PLAN).status == 503


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/gathers/g"),
        ("GET", "/gathers/g"),
        ("GET", "/gathers"),
        ("POST", "/gathers/g/rerun"),
        ("POST", "/plans/validate"),
    ],
)
def test_storage_out_of_reach_is_503_with_a_time_to_come_again(
    doors: Doors, method: str, path: str
) -> None:
    doors.storage_is_down = True
    shared = a_plan_of(a={"fresh_for": "P1D"})
    reply = doors.call(method, path, shared)

    assert (reply.status, reply.headers["retry-after"]) == (503, "5")
    assert (reply.json["status"], reply.type) == (503, "storage-unavailable")


def test_a_setting_that_cannot_be_used_is_named_to_the_operator(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATHER_MAX_ASKS", "many")
    reply = doors.post("/gathers", PLAN)

    assert (reply.status, reply.type) == (500, "misconfigured")
    assert (reply.pointers, reply.parts) == (["GATHER_MAX_ASKS"], {"setting"})


def test_plain_links_lead_to_the_apps_own_routes_and_carry_no_key(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATHER_EXPOSE_MANAGEMENT_URLS", "0")
    reply = doors.begins()

    own = f"{BASE}/gathers/g"
    assert reply.status == 202
    assert reply.json == {"id": "g", "statusQueryGetUri": own, "links": LINKS}
    assert (reply.headers["location"], reply.headers["retry-after"]) == (own, "10")


@pytest.mark.parametrize("id", ["gathers", "api", "plans"])
def test_an_id_that_reads_like_a_part_of_the_address_confuses_no_link(
    doors: Doors, id: str
) -> None:
    doors.begins(id)
    doors.opens(id)
    reply = doors.post(f"/gathers/{id}/suspend", query={"code": "function key"})

    assert reply.headers["location"] == f"{BASE}/gathers/{id}"


def test_a_refused_ask_shows_its_reason_and_fault_in_the_dossier(doors: Doors) -> None:
    doors.begins()
    doors.opens()
    doors.pursues("a", Fault(FaultKind.REFUSED, "404 Not Found"))
    doors.ends(status="Failed")
    told = doors.call("PUT", "/gathers/g", PLAN).json

    assert (told["status"], told["asks"]["a"]["status"]) == ("failed", "missing")
    assert told["asks"]["a"]["fault"]["message"] == "404 Not Found"
    assert json.dumps(told["asks"]["a"]["reason"])
