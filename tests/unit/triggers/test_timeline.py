import asyncio
from datetime import timedelta

from gather_once.ledger.keys import asking_of
from gather_once.model import clock
from gather_once.model.fault import Fault, FaultKind
from gather_once.notify.notices import Notice
from gather_once.plans.asks import HumanAsk
from gather_once.plans.requests import request_of
from gather_once.questions import registration
from gather_once.questions.question import Asker, Child
from support.doors import NOON, Doors

PASSING = Fault(FaultKind.PASSING, "503 Service Unavailable")


def test_the_timeline_has_every_attempt_with_its_end_and_outcome(doors: Doors) -> None:
    doors.begins(a={"retry": {"jitter": 0}}, b={"needs": ["a"]})
    doors.opens()
    doors.obtains("a", PASSING)
    doors.now += timedelta(seconds=1)
    doors.pursues("a", {"eur": 4})
    told = doors.get("/gathers/g/timeline").json

    assert (told["id"], told["run"], list(told["asks"])) == ("g", 1, ["a", "b"])
    first, second = told["asks"]["a"]["attempts"]
    assert (first["outcome"], first["fault"]["message"]) == ("passing", PASSING.message)
    assert second == {
        "run": 1,
        "started_at": "2026-05-04T12:00:01Z",
        "ended_at": "2026-05-04T12:00:01Z",
        "outcome": "answered",
        "fault": None,
    }
    assert told["asks"]["b"] == {"status": None, "attempts": []}


def test_the_timeline_shows_attempts_of_asks_that_have_not_come_to_their_end(doors: Doors) -> None:
    doors.begins(a={"retry": {"jitter": 0}}, b={"needs": ["a"], "query": {"q": "${a.eur}"}})
    doors.opens()
    doors.pursues("a", {"eur": 4})
    doors.obtains("b", PASSING)
    asks = doors.get("/gathers/g/timeline").json["asks"]

    assert [each["outcome"] for each in asks["b"]["attempts"]] == ["passing"]


def test_an_attempt_under_way_has_a_start_and_no_end(doors: Doors) -> None:
    for name in ("g", "h"):
        doors.begins(name, a={"fresh_for": "P1D"})
        doors.opens(name)
    doors.claims("a", "a")

    (mine,) = doors.get("/gathers/g/timeline").json["asks"]["a"]["attempts"]
    assert (mine["started_at"], mine["ended_at"]) == ("2026-05-04T12:00:00Z", None)
    assert mine["outcome"] is None
    assert doors.get("/gathers/h/timeline").json["asks"]["a"]["attempts"] == []


def test_the_timeline_goes_over_all_runs_and_tells_each_attempt_once(doors: Doors) -> None:
    doors.begins(a={}, b={})
    doors.opens()
    doors.pursues("a", {"eur": 4})
    doors.pursues("b", Fault(FaultKind.REFUSED, "404"))
    doors.ends(status="Failed")
    doors.post("/gathers/g/rerun")
    doors.opens(run=2)
    doors.now += timedelta(minutes=1)
    doors.pursues("b", 5, run=2)
    doors.operations.clear()
    asks = doors.get("/gathers/g/timeline").json["asks"]

    names = [operation.name for operation in doors.operations if operation.verb == "read"]
    assert "g/2/outcome/a" not in names  # its attempts are told by the first run's
    assert [(one["run"], one["outcome"]) for one in asks["a"]["attempts"]] == [(1, "answered")]
    assert [(one["run"], one["outcome"]) for one in asks["b"]["attempts"]] == [
        (1, "refused"),
        (2, "answered"),
    ]


def test_a_human_who_is_waited_for_was_asked_and_has_not_answered(doors: Doors) -> None:
    doors.begins(a={"from": "human", "question": "Release?", "choices": ["yes"]})
    doors.opens()
    assert doors.get("/gathers/g/timeline").json["asks"]["a"]["attempts"] == []

    ask = HumanAsk(question="Release?", choices=("yes",))
    asking = asking_of(ask, request_of(ask, {}), "g", 1)
    child = Child("g", 1, "a", 1, NOON, NOON + timedelta(days=1))
    asker = Asker(child, asking.key, request_of(ask, {}), "e1", None)
    name = registration.name_of(asking)
    asyncio.run(registration.register(doors.blobs, name, asker, _none, _hears, clock.now))

    (wait,) = doors.get("/gathers/g/timeline").json["asks"]["a"]["attempts"]
    assert wait == {
        "run": 1,
        "started_at": "2026-05-04T12:00:00Z",
        "ended_at": None,
        "outcome": None,
        "fault": None,
    }


async def _none() -> None:
    """Have no answer of one's own."""


async def _hears(_: Notice) -> bool:
    return True
