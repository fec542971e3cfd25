import json
from typing import Any

import pytest

from gather_once.http_client.call import Answer
from gather_once.model.fault import Fault, FaultKind
from support.doors import BASE, Doors

LARGE = Answer(json.dumps("x" * 65 * 1024).encode(), "application/json")


def test_a_dossier_has_small_answers_inside_and_large_ones_as_links(doors: Doors) -> None:
    doors.begins(a={}, b={}, c={})
    doors.opens()
    doors.pursues("a", Answer(b"x,y\n1,2\n", "text/csv"))
    doors.pursues("b", LARGE)
    doors.pursues("c", Answer(b"\x00\x01", "image/png"))
    doors.ends()
    told = doors.get("/gathers/g/dossier").json

    assert (told["id"], told["run"], told["status"]) == ("g", 1, "completed")
    assert told["ended_at"] == "2026-05-04T12:00:00Z"
    assert told["asks"]["a"] == {
        "status": "kept",
        "answer": [{"x": "1", "y": "2"}],
        "media_type": "text/csv",
        "size": 8,
        "obtained_at": "2026-05-04T12:00:00Z",
    }
    assert told["asks"]["b"]["url"] == f"{BASE}/gathers/g/asks/b/answer"
    assert "answer" not in told["asks"]["b"]
    url = f"{BASE}/gathers/g/asks/c/answer"
    assert told["asks"]["c"]["answer"] == {"media_type": "image/png", "size": 2, "url": url}


def test_a_dossier_leads_to_what_cannot_be_read_as_its_type_says(doors: Doors) -> None:
    doors.answered(says=Answer(b"{", "application/json"))

    assert (
        doors.get("/gathers/g/dossier").json["asks"]["a"]["url"]
        == f"{BASE}/gathers/g/asks/a/answer"
    )


def test_the_dossier_is_that_of_the_newest_run_that_has_one(doors: Doors) -> None:
    doors.begins(a={}, b={})
    doors.opens()
    doors.pursues("a", {"eur": 4})
    doors.pursues("b", Fault(FaultKind.REFUSED, "404"))
    doors.ends(status="Failed")
    doors.post("/gathers/g/rerun")
    assert doors.get("/gathers/g/dossier").json["run"] == 1

    doors.opens(run=2)
    doors.pursues("b", 5, run=2)
    assert doors.get("/gathers/g/asks/b/answer").json == 5
    doors.ends(run=2)
    told = doors.get("/gathers/g/dossier").json
    assert (told["run"], told["asks"]["a"]["answer"], told["asks"]["b"]["answer"]) == (
        2,
        {"eur": 4},
        5,
    )


@pytest.mark.parametrize("says", [Answer(b"<script>", "text/html; charset=utf-8"), LARGE])
@pytest.mark.parametrize("fields", [{}, {"fresh_for": "P1D"}])
def test_an_answer_is_given_byte_for_byte_and_never_shown_as_a_page(
    doors: Doors, says: Answer, fields: dict[str, Any]
) -> None:
    doors.begins(a=fields)
    doors.opens()
    assert doors.get("/gathers/g/asks/a/answer").status == 404
    doors.pursues("a", says)
    reply = doors.get("/gathers/g/asks/a/answer")

    assert (reply.status, reply.body) == (200, says.content)
    assert reply.headers["content-type"] == says.media_type
    assert reply.headers["content-disposition"] == 'attachment; filename="a"'
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in reply.headers["content-security-policy"]


def test_a_missing_answer_says_why_there_is_none(doors: Doors) -> None:
    doors.begins()
    doors.opens()
    doors.pursues("a", Fault(FaultKind.REFUSED, "404"))
    reply = doors.get("/gathers/g/asks/a/answer")

    assert (reply.status, reply.type) == (404, "answer-not-found")
    assert "refused" in reply.json["detail"]


def test_an_ask_that_the_plan_does_not_have_is_not_there(doors: Doors) -> None:
    doors.begins()

    assert doors.get("/gathers/g/asks/z").type == "ask-not-found"
    assert doors.get("/gathers/g/asks/z/answer").type == "ask-not-found"


def test_an_erased_answer_is_gone(doors: Doors) -> None:
    doors.answered()
    for container, name in list(doors.blobs.stored):
        if "/receipt/" in name:
            del doors.blobs._blobs[container, name]

    assert doors.get("/gathers/g/asks/a/answer").status == 410
