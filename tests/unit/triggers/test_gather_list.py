from datetime import timedelta
from typing import Any

import pytest

from support.doors import BASE, Doors


def listed(reply: Any) -> list[str]:
    return [row["id"] for row in reply.json["gathers"]]


@pytest.fixture
def several(doors: Doors) -> Doors:
    for name in ("x-1", "x-2", "y-1"):
        doors.begins(name)
        doors.now += timedelta(minutes=1)
    doors.opens("x-1")
    doors.pursues("a", 1, "x-1")
    doors.ends("x-1")
    return doors


def test_the_list_has_the_newest_first(several: Doors) -> None:
    reply = several.get("/gathers")

    assert (reply.status, listed(reply)) == (200, ["y-1", "x-2", "x-1"])
    assert reply.json.keys() == {"gathers"}
    assert reply.json["gathers"][-1] == {
        "id": "x-1",
        "run": 1,
        "status": "completed",
        "created_at": "2026-05-04T12:00:00Z",
        "url": f"{BASE}/gathers/x-1",
    }


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({"prefix": "x-"}, ["x-2", "x-1"]),
        ({"status": "completed"}, ["x-1"]),
        ({"status": "scheduled", "prefix": "y"}, ["y-1"]),
        ({"from": "2026-05-04T12:01:00Z"}, ["y-1", "x-2"]),
        ({"to": "2026-05-04T14:01:00+02:00"}, ["x-1"]),
        ({"top": "2"}, ["y-1", "x-2"]),
        ({"code": "the host's key"}, ["y-1", "x-2", "x-1"]),
    ],
)
def test_the_list_is_narrowed(several: Doors, query: dict[str, str], ids: list[str]) -> None:
    assert listed(several.get("/gathers", **query)) == ids


def test_the_next_page_goes_on_with_the_same_query(several: Doors) -> None:
    first = several.get("/gathers", top="1", prefix="x-")
    address, _, query = first.json["next_page_url"].partition("?")
    second = several.get("/gathers", **dict(pair.split("=") for pair in query.split("&")))

    assert address == f"{BASE}/gathers"
    assert "prefix=x-" in query
    assert (listed(first), listed(second)) == (["x-2"], ["x-1"])


def test_every_wrong_parameter_is_named_at_once(several: Doors) -> None:
    wrong = {
        "status": "Fine",
        "prefix": "A",
        "from": "monday",
        "to": "2026-05-04T12:00:00",
        "top": "101",
        "after": "here",
    }
    reply = several.get("/gathers", **wrong)

    assert (reply.status, reply.type) == (400, "invalid-request")
    assert (set(reply.pointers), reply.parts) == (set(wrong), {"query"})
