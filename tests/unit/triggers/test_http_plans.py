from typing import Any

import pytest

from support.doors import Doors, a_plan_of


def checked(doors: Doors, **asks: dict[str, Any]) -> Any:
    reply = doors.post("/plans/validate", a_plan_of(**asks))
    assert reply.status == 200, reply.body
    return reply.json


def warnings(doors: Doors, **asks: dict[str, Any]) -> list[str]:
    return [one["pointer"] for one in checked(doors, **asks)["warnings"]]


def test_a_valid_plan_is_told_its_order_and_what_it_costs_at_most(doors: Doors) -> None:
    told = checked(doors, z={"needs": ["b"]}, b={"retry": {"max_attempts": 3}})

    assert told["order"] == ["b", "z"]
    assert told["max_calls"] == 8
    assert told["warnings"] == []


def test_an_invalid_plan_is_answered_as_if_it_were_begun(doors: Doors) -> None:
    plan = {"asks": {"a": {"from": "http"}, "b": {"from": "http", "url": "x", "needs": ["c"]}}}
    begun, tried = doors.post("/gathers", plan), doors.post("/plans/validate", plan)

    assert (tried.status, tried.json) == (400, begun.json)
    assert len(tried.pointers) > 2


def test_nothing_is_written_and_nobody_is_asked(doors: Doors) -> None:
    checked(doors, a={"fresh_for": "P1D"}, b={})

    assert not doors.blobs.stored
    assert doors.hub.started == []
    assert [operation.verb for operation in doors.operations] == ["read"]


def test_what_is_fresh_already_is_named(doors: Doors) -> None:
    doors.begins(a={"fresh_for": "P1D"})
    doors.opens()
    doors.pursues("a", {"eur": 4})
    told = checked(
        doors, b={"url": "http://127.0.0.1/a", "fresh_for": "PT1H"}, a={}, c={"fresh_for": "P1D"}
    )

    assert told["cached"] == {"b": {"obtained_at": "2026-05-04T12:00:00Z", "by": "g"}}


def test_what_has_gone_stale_is_not_fresh(doors: Doors) -> None:
    doors.begins(a={"fresh_for": "P1D"})
    doors.opens()
    doors.pursues("a", {"eur": 4})
    doors.now = doors.now.replace(hour=14)

    assert checked(doors, a={"fresh_for": "PT1H"})["cached"] == {}
    assert checked(doors, a={"fresh_for": "PT3H"})["cached"].keys() == {"a"}


@pytest.mark.parametrize(
    "fields",
    [{"url": "http://127.0.0.1/${b.id}"}, {"each": [1], "url": "http://127.0.0.1/${each}"}],
)
def test_of_what_is_only_known_in_the_run_nothing_is_said(
    doors: Doors, fields: dict[str, Any]
) -> None:
    assert checked(doors, a={"fresh_for": "P1D", **fields}, b={})["cached"] == {}


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example.com/a",
        "https://api.example.com:8443/a",
        "http://api.example.com/a",
        "https://elsewhere.example.com/${b.id}",
    ],
)
def test_an_address_that_will_be_refused_is_warned_of(doors: Doors, url: str) -> None:
    assert warnings(doors, a={"url": url}, b={}) == ["/asks/a/url"]


@pytest.mark.parametrize(
    "url",
    ["https://api.example.com/${b.id}", "${b.link}", "https://${b.host}/a", "https://${b.host}"],
)
def test_an_address_that_nobody_can_judge_yet_is_not_warned_of(doors: Doors, url: str) -> None:
    assert warnings(doors, a={"url": url}, b={}) == []


def test_a_secret_that_is_not_set_is_warned_of_and_none_is_shown(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATHER_SECRET_THERE", "canary")
    fields = {"headers": {"x-a": {"secret": "THERE"}, "x-b": {"secret": "NOT_THERE"}}}
    told = checked(doors, a=fields)

    assert [one["pointer"] for one in told["warnings"]] == ["/asks/a/headers/x-b"]
    assert "GATHER_SECRET_NOT_THERE" in told["warnings"][0]["detail"]
    assert "canary" not in str(told)


def test_a_database_that_is_not_set_is_warned_of_and_no_url_is_shown(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATHER_SQL_THERE", "sqlite:////canary.db")
    asks = {
        name: {"from": "sql", "database": database, "query": "select 1"}
        for name, database in (("a", "THERE"), ("b", "NOT_THERE"))
    }
    told = doors.post("/plans/validate", {"asks": asks}).json

    assert [one["pointer"] for one in told["warnings"]] == ["/asks/b/database"]
    assert "GATHER_SQL_NOT_THERE" in told["warnings"][0]["detail"]
    assert "canary" not in str(told)


def test_a_webhook_that_nothing_can_sign_is_warned_of(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = a_plan_of(a={}) | {"notify": {"webhook": "https://api.example.com/ended"}}
    monkeypatch.delenv("GATHER_WEBHOOK_SIGNING_KEYS", raising=False)
    (warning,) = doors.post("/plans/validate", plan).json["warnings"]
    assert warning["pointer"] == "/notify"
    assert "GATHER_WEBHOOK_SIGNING_KEYS" in warning["detail"]

    monkeypatch.setenv("GATHER_WEBHOOK_SIGNING_KEYS", "canary" * 6)
    assert doors.post("/plans/validate", plan).json["warnings"] == []


def test_an_id_that_is_taken_is_warned_of(doors: Doors) -> None:
    doors.answered()
    same, other = ({"id": "g", **plan} for plan in (a_plan_of(a={}), a_plan_of(b={})))

    def detail(plan: Any) -> str:
        (warning,) = doors.post("/plans/validate", plan).json["warnings"]
        assert warning["pointer"] == "/id"
        return str(warning["detail"])

    assert "nothing new" in detail(same)
    assert "another plan" in detail(other)
    doors.call("DELETE", "/gathers/g")
    assert "deleted" in detail(same)


SHAPES: list[dict[str, dict[str, Any]]] = [
    {"a": {}},
    {"a": {}, "b": {"needs": ["a"]}},
    {"a": {}, "b": {"query": {"q": "${a.eur}"}}},
    {"a": {"fresh_for": "P1D"}},
    {"a": {}, "b": {}, "c": {"needs": ["a", "b"]}},
    {
        "a": {},
        "b": {},
        "c": {"needs": ["a"], "query": {"q": "${b.eur}"}},
        "d": {"needs": ["a", "c"]},
    },
]


@pytest.mark.parametrize("asks", SHAPES, ids="-".join)
def test_the_storage_operations_foretold_are_those_that_a_run_makes(
    doors: Doors, asks: dict[str, dict[str, Any]]
) -> None:
    told = checked(doors, **asks)
    doors.operations.clear()

    doors.begins(**asks)
    doors.opens()
    for ask in told["order"]:
        doors.pursues(ask, {"eur": 4})
    doors.ends()
    assert len(doors.operations) == told["storage_operations"]


def test_a_delivery_costs_two_operations_more(doors: Doors) -> None:
    plain, told = a_plan_of(a={}), {**a_plan_of(a={}), "notify": {"queue": "completions"}}
    few, more = (doors.post("/plans/validate", plan).json for plan in (plain, told))

    assert more["storage_operations"] == few["storage_operations"] + 2
