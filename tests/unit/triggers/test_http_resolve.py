from typing import Any

import pytest

from gather_once.model.fault import Fault, FaultKind
from support.doors import BASE, Doors

UNKNOWN = Fault(FaultKind.PASSING, "the connection was lost", may_have_acted=True)


@pytest.fixture
def doubtful(doors: Doors) -> Doors:
    """A gather that ended in doubt about `b`, whose request is made from the answer to `a`."""
    doors.begins(a={}, b={"method": "POST", "body": "${a.eur}"})
    doors.opens()
    doors.pursues("a", {"eur": 4})
    doors.pursues("b", UNKNOWN)
    doors.ends(status="Failed")
    return doors


def outcome_of_b(doors: Doors) -> Any:
    return doors.get("/gathers/g/dossier").json["asks"]["b"]


def runs_again(doors: Doors, says: Any) -> None:
    assert doors.post("/gathers/g/rerun").status == 202
    doors.opens(run=2)
    doors.pursues("b", says, run=2)
    doors.ends(run=2)


def test_an_answer_by_hand_ends_the_doubt_for_the_next_run(doubtful: Doors) -> None:
    assert outcome_of_b(doubtful)["status"] == "in_doubt"
    reply = doubtful.post("/gathers/g/asks/b/resolve", {"answer": {"ordered": True}})

    assert (reply.status, reply.json) == (
        200,
        {
            "id": "g",
            "ask": "b",
            "resolution": "answer",
            "links": {
                "self": f"{BASE}/gathers/g",
                "dossier": f"{BASE}/gathers/g/dossier",
                "timeline": f"{BASE}/gathers/g/timeline",
                "rerun": f"{BASE}/gathers/g/rerun",
            },
        },
    )
    assert outcome_of_b(doubtful)["status"] == "in_doubt"

    runs_again(doubtful, Fault(FaultKind.BROKEN, "nobody may call"))
    assert outcome_of_b(doubtful)["answer"] == {"ordered": True}


def test_ask_again_lets_the_source_be_asked(doubtful: Doors) -> None:
    reply = doubtful.post("/gathers/g/asks/b/resolve", {"retry": True})
    assert (reply.status, reply.json["resolution"]) == (200, "retry")

    runs_again(doubtful, {"ordered": "now"})
    assert outcome_of_b(doubtful)["answer"] == {"ordered": "now"}


def test_unresolved_the_next_run_reports_the_doubt_without_a_call(doubtful: Doors) -> None:
    runs_again(doubtful, {"never": "called"})

    assert outcome_of_b(doubtful)["status"] == "in_doubt"


def test_null_is_an_answer(doubtful: Doors) -> None:
    assert doubtful.post("/gathers/g/asks/b/resolve", {"answer": None}).status == 200


@pytest.mark.parametrize("word", [{"answer": 1}, {"retry": True}])
@pytest.mark.parametrize("ask", ["a", "b"])
def test_what_is_not_in_doubt_is_a_conflict(doubtful: Doors, word: Any, ask: str) -> None:
    doubtful.post("/gathers/g/asks/b/resolve", {"answer": 0})

    assert doubtful.post(f"/gathers/g/asks/{ask}/resolve", word).type == "not-in-doubt"


@pytest.mark.parametrize("fields", [{"needs": ["a"]}, {"query": {"q": "${a.eur}"}}])
def test_what_was_never_asked_is_not_in_doubt(doors: Doors, fields: dict[str, Any]) -> None:
    doors.begins(a={}, b=fields)
    doors.opens()

    assert doors.post("/gathers/g/asks/b/resolve", {"retry": True}).status == 409


def test_what_is_not_there_cannot_be_resolved(doubtful: Doors) -> None:
    for path in ("/gathers/g/asks/z/resolve", "/gathers/z/asks/b/resolve"):
        assert doubtful.post(path, {"retry": True}).status == 404


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        (b"", [""]),
        (b"{", [""]),
        (b"{}", [""]),
        (b"[]", [""]),
        (b'{"retry": false}', ["/retry"]),
        (b'{"retry": 1}', ["/retry"]),
        (b'{"answer": 1, "retry": true}', ["/retry"]),
        (b'{"answer": 1, "by": "me"}', ["/by"]),
        (b'{"answer": {"a": 1, "a": 2}}', ["/answer"]),
    ],
)
def test_a_body_that_says_neither_is_refused_readably(
    doubtful: Doors, body: bytes, pointers: list[str]
) -> None:
    reply = doubtful.post("/gathers/g/asks/b/resolve", body=body)

    assert (reply.status, reply.pointers) == (400, pointers)
