"""One ask over HTTP: its progress as JSON, and the routes of the items of a list."""

import pytest

from gather_once.model.fault import Fault, FaultKind
from support.doors import Doors


def test_an_ask_is_shown_as_the_progress_of_its_gather_shows_it(doors: Doors) -> None:
    doors.begins(a={}, b={"needs": ["a"]}, c={})
    doors.opens()
    doors.pursues("c", Fault(FaultKind.REFUSED, "404"))
    told = doors.get("/gathers/g").json["asks"]

    for ask in ("a", "b", "c"):
        reply = doors.get(f"/gathers/g/asks/{ask}")
        assert (reply.status, reply.json) == (200, told[ask])


ITEM_ROUTES = [("GET", "answer"), ("POST", "resolve")]


@pytest.mark.parametrize(("method", "last"), ITEM_ROUTES)
@pytest.mark.parametrize("n", ["-1", "1.0", "first", "+1", "9" * 10])
def test_an_item_is_named_by_a_whole_number(doors: Doors, method: str, last: str, n: str) -> None:
    doors.begins(a={"each": [1, 2]})
    reply = doors.call(method, f"/gathers/g/asks/a/items/{n}/{last}", {"retry": True})

    assert (reply.status, reply.type) == (400, "invalid-request")
    assert (reply.pointers, reply.parts) == (["n"], {"path"})


@pytest.mark.parametrize(("method", "last"), ITEM_ROUTES)
def test_an_ask_that_is_no_list_has_no_items(doors: Doors, method: str, last: str) -> None:
    doors.begins()
    reply = doors.call(method, f"/gathers/g/asks/a/items/0/{last}", {"retry": True})

    assert (reply.status, reply.type) == (404, "ask-not-found")


def test_an_item_that_no_run_has_come_to_has_no_answer_and_no_doubt(doors: Doors) -> None:
    doors.begins(a={"each": [1, 2]})

    assert doors.get("/gathers/g/asks/a/items/0/answer").type == "answer-not-found"
    resolved = doors.post("/gathers/g/asks/a/items/0/resolve", {"retry": True})
    assert (resolved.status, resolved.type) == (409, "not-in-doubt")


def test_a_list_is_resolved_item_by_item(doors: Doors) -> None:
    doors.begins(a={"each": [1, 2]})
    reply = doors.post("/gathers/g/asks/a/resolve", {"retry": True})

    assert (reply.status, reply.pointers, reply.parts) == (400, ["ask"], {"path"})


@pytest.mark.parametrize("path", ["answer", "resolve"])
def test_the_item_is_no_query_parameter(doors: Doors, path: str) -> None:
    doors.answered()
    method = "GET" if path == "answer" else "POST"
    reply = doors.call(method, f"/gathers/g/asks/a/{path}", {"retry": True}, query={"item": "0"})

    assert (reply.status, reply.pointers, reply.parts) == (400, ["item"], {"query"})
