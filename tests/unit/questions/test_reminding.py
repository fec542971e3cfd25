"""Upkeep of questions: strikes off, marks, tells, reminds, wakes, forgets."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from gather_once.gathers import control
from gather_once.gathers.control import Control, State
from gather_once.gathers.dossier import Dossier, leave
from gather_once.ledger.old import runs
from gather_once.model import clock
from gather_once.model.outcome import missing
from gather_once.model.progress import GatherStatus
from gather_once.notify.notices import Notice
from gather_once.questions import registration
from gather_once.questions.question import Answer, Asker, Child, Question, Waits
from gather_once.questions.reminders import QuestionCare, look_after_questions
from gather_once.storage.blobs import Container
from support.gathers import NOON, HostTwin
from support.memory_blobs import MemoryBlobs

HOUR = timedelta(hours=1)
REQUEST = {
    "question": "Release?",
    "assignee": None,
    "context": None,
    "choices": ["yes"],
    "form": None,
}


class Desk:
    """Questions over a long time, looked after when a test says so."""

    def __init__(self) -> None:
        self.blobs, self.host, self.now = MemoryBlobs(), HostTwin(), NOON
        self.told: list[int] = []
        self.is_asleep = False

    def does(self, step: Any) -> Any:
        return asyncio.run(step)

    def asks(self, gather: str = "a", *, name: str = "k", k: int = 1, **more: Any) -> Any:
        if self.does(control.read(self.blobs, gather)) is None:
            wanted = Control(gather, digest="d", hub="Hub", index="i", claimed_at=NOON)
            self.does(control.claim(self.blobs, wanted, b"{}"))
            self.host.lets(f"{gather}:1:q", "Running")
        child = Child(gather, 1, "q", k, self.now, self.now + more.pop("limit", 100 * HOUR), **more)
        asker = Asker(child, "k", REQUEST, f"e-{gather}-{k}", None)
        return self.does(
            registration.register(self.blobs, name, asker, _none, self._tell, lambda: self.now)
        )

    def answers(self, name: str = "k") -> None:
        place = self.question(name).place(name)
        taken = registration.answer(self.blobs, place, "yes", "r1", lambda: self.now)
        assert isinstance(self.does(taken), Question)

    def concludes(self, gather: str = "a") -> None:
        self.does(runs.leave_outcome(self.blobs, gather, 1, missing("q", "for a test")))

    def turns(self, gather: str, state: State) -> None:
        found = self.does(control.read(self.blobs, gather))
        fields = {name: getattr(found, name) for name in Control.__slots__}
        self.does(control.write(self.blobs, Control(**{**fields, "state": state})))

    def ends(self, gather: str) -> None:
        self.does(leave(self.blobs, Dossier(gather, 1, GatherStatus.FAILED, self.now, {})))

    def looks_after(self, window: int = 200, **span: float) -> int:
        self.now += timedelta(**span)
        retention = timedelta(days=365)
        care = QuestionCare(self.blobs, self.host, self._tell, lambda: self.now, retention)
        return int(self.does(look_after_questions(care, window)))

    def question(self, name: str = "k") -> Question:
        found = self.does(registration.read(self.blobs, name)).question
        assert isinstance(found, Question)
        return found

    @property
    def names(self) -> list[str]:
        return [name for where, name in self.blobs.stored if where is Container.QUESTIONS]

    async def _tell(self, notice: Notice) -> bool:
        if not self.is_asleep:
            self.told.append(notice.reminder)
        return not self.is_asleep


async def _none() -> None:
    """Have no answer of one's own."""


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk()
    monkeypatch.setattr(clock, "source", lambda: desk.now)
    return desk


def test_humans_who_could_not_be_told_are_told_by_upkeep_once(desk: Desk) -> None:
    desk.is_asleep = True
    assert desk.asks() == Waits()
    assert desk.told == []

    desk.is_asleep = False
    desk.looks_after()
    desk.looks_after()
    assert desk.told == [0]


def test_a_reminder_comes_after_its_interval_and_then_again(desk: Desk) -> None:
    desk.asks(remind_every=HOUR)
    desk.looks_after(minutes=59)
    assert desk.told == [0]
    desk.looks_after(minutes=1)
    desk.looks_after(minutes=59)
    assert desk.told == [0, 1]
    desk.looks_after(minutes=1)
    assert desk.told == [0, 1, 2]


def test_nobody_is_reminded_for_a_gather_on_hold(desk: Desk) -> None:
    desk.asks(remind_every=HOUR)
    desk.turns("a", State.HOLD)
    desk.looks_after(hours=5)
    assert desk.told == [0]

    desk.turns("a", State.GO)
    desk.looks_after()
    assert desk.told == [0, 1]


def test_a_child_past_its_limit_is_marked_and_woken_at_once(desk: Desk) -> None:
    desk.asks(limit=HOUR)
    desk.asks("b")
    desk.looks_after(hours=1)

    assert desk.host.raised == [("a:1:q", "answer:1")]
    assert [child.instance for child in desk.question().waiting] == ["b:1:q"]


def test_limits_run_on_during_a_hold_and_the_child_is_woken_when_it_ends(desk: Desk) -> None:
    desk.asks(limit=HOUR)
    desk.turns("a", State.HOLD)
    desk.looks_after(hours=1)
    assert (desk.question().waiting, desk.host.raised) == ((), [])

    desk.turns("a", State.GO)
    desk.looks_after()
    assert desk.host.raised == [("a:1:q", "answer:1")]


def test_who_has_a_last_word_is_woken_until_there_is_an_outcome(desk: Desk) -> None:
    desk.asks()
    desk.asks(k=2)
    desk.answers()
    desk.looks_after()
    desk.looks_after()
    assert desk.host.raised == [("a:1:q", "answer:2")] * 2

    desk.concludes()
    desk.looks_after()
    assert len(desk.host.raised) == 2
    assert len(desk.question().children) == 1, (
        "a late double finds its last word as long as it runs"
    )


def test_a_silent_host_is_asked_again_at_the_next_firing(desk: Desk) -> None:
    desk.asks()
    desk.answers()
    desk.host.is_down = True
    desk.looks_after()
    desk.host.is_down = False
    desk.looks_after()
    assert desk.host.raised == [("a:1:q", "answer:1")]


def test_who_waits_though_it_has_an_outcome_is_struck_off(desk: Desk) -> None:
    """A late double has registered a child that had seen its answer without waiting."""
    desk.asks()
    desk.concludes()
    desk.looks_after()
    assert desk.question().children == ()


@pytest.mark.parametrize("state", [State.GONE, None])
def test_children_of_runs_that_are_over_are_struck_off(desk: Desk, state: State | None) -> None:
    desk.asks()
    desk.asks("b")
    if state:
        desk.turns("a", state)
    else:
        desk.ends("a")
    desk.looks_after()
    assert [child.instance for child in desk.question().children] == ["b:1:q"]


def test_a_question_of_a_gather_alone_is_forgotten_with_it_and_not_before(desk: Desk) -> None:
    desk.asks(name="a/k")
    desk.ends("a")
    desk.looks_after()
    desk.looks_after(days=400)
    assert desk.names == ["a/k"], "a further run must not begin with the first asking again"

    desk.turns("a", State.GONE)
    desk.looks_after()
    assert desk.names == []


def test_an_answer_that_can_serve_nobody_is_forgotten_and_its_count_is_not(desk: Desk) -> None:
    desk.asks()
    desk.answers()
    desk.ends("a")
    desk.looks_after()
    desk.looks_after(days=364)
    assert isinstance(desk.question().answer, Answer)

    desk.looks_after(days=1)
    assert (desk.question().answer, desk.question().request) == (None, {})
    assert desk.question().generation == 1


def test_each_firing_goes_on_where_the_last_one_ended(desk: Desk) -> None:
    desk.is_asleep = True
    for name in ("k1", "k2", "k3"):
        desk.asks(name[1], name=name)
    desk.is_asleep = False

    for _ in range(3):
        assert desk.looks_after(window=1) == 1
    assert desk.told == [0, 0, 0]


def test_a_question_that_a_newer_app_has_written_is_left_to_it_and_stops_no_other(
    desk: Desk,
) -> None:
    newer = json.dumps({"v": 2, "more": "than is known here"}).encode()
    desk.does(desk.blobs.create(Container.QUESTIONS, "a", newer))
    desk.is_asleep = True
    desk.asks()
    desk.is_asleep = False
    desk.looks_after()

    assert desk.told == [0]
    assert desk.does(desk.blobs.read(Container.QUESTIONS, "a")).content == newer
