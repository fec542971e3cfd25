"""A question on its way to its answer, step by step, over storage in memory."""

import asyncio
import json
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from gather_once.executor.old.concluding import conclude
from gather_once.gathers import control, start
from gather_once.gathers.commands import suspend, terminate
from gather_once.gathers.control import State
from gather_once.gathers.opening import open_run
from gather_once.ledger.old import runs
from gather_once.ledger.payloads import answer_of
from gather_once.model import clock
from gather_once.model.fault import Fault, FaultKind
from gather_once.model.outcome import AttemptRecord, missing
from gather_once.model.settings import Settings
from gather_once.model.wire import outcome_from_wire
from gather_once.notify.notices import Notice
from gather_once.plans.plan import parse_plan
from gather_once.questions import registration
from gather_once.questions.asking import LONGEST_REQUEST, QuestionContext, questioned
from gather_once.questions.question import Question
from gather_once.questions.reminders import QuestionCare, look_after_questions
from support.gathers import NOON, HostTwin
from support.memory_blobs import MemoryBlobs

SETTINGS = Settings()
DEADLINE = NOON + timedelta(days=10)
ASK = {"from": "human", "question": "Release?", "choices": ["yes", "no"]}
WAIT = {"status": "wait", "waits_for": "the answer of a human"}


class Consultation:
    """A gather that is open, a clock, and humans who hear of everything at once."""

    def __init__(self, **asks: dict[str, Any]) -> None:
        self.now, self.blobs, self.host = NOON, MemoryBlobs(), HostTwin()
        self.notices: list[Notice] = []
        self._numbers = count(1)
        self.opens("g", **(asks or {"a": {}}))

    def opens(self, id: str, **asks: dict[str, Any]) -> None:
        sent = {"asks": {name: ASK | fields for name, fields in asks.items()}}
        plan = parse_plan(sent, SETTINGS, id=id)
        self.does(start.begin(self.blobs, self.host, id, plan, now=self.now))
        self.does(
            open_run(
                *(self.blobs, id, 1, "e"),
                now=self.now,
                validate=lambda raw: parse_plan(raw, SETTINGS),
            )
        )

    def does(self, step: Any) -> Any:
        return asyncio.run(step)

    def asks(self, ask: str = "a", *, k: int = 1, id: str = "g", run: int = 1) -> Any:
        given = {"id": id, "run": run, "ask": ask, "k": k, "deadline": DEADLINE.isoformat()}
        context = QuestionContext(
            self.blobs, self._tell, f"e{next(self._numbers)}", lambda: self.now
        )
        return self.does(questioned(given, context))

    def answers(self, words: str = "yes") -> None:
        place = self.notices[-1].place
        taken = registration.answer(self.blobs, place, words, f"r{words}", lambda: self.now)
        assert isinstance(self.does(taken), Question)

    def answers_first(self, words: str) -> None:
        """Answer the question that was told first."""
        del self.notices[1:]
        self.answers(words)

    def waits_of(self, told: Any) -> list[AttemptRecord]:
        return list(outcome_from_wire(told["outcome"]).attempts)

    def passes(self, **span: float) -> None:
        """Let time pass, and upkeep look after what there is."""
        self.now += timedelta(**span)
        care = QuestionCare(
            self.blobs, self.host, self._tell, lambda: self.now, timedelta(days=365)
        )
        self.does(look_after_questions(care))

    def concludes(self, told: Any, id: str = "g") -> None:
        self.does(conclude(self.blobs, id, 1, outcome_from_wire(told["outcome"])))

    def value_of(self, told: Any, *, is_shared: bool = False, id: str = "g") -> Any:
        """Return what dependants and the dossier would read."""
        receipt = outcome_from_wire(told["outcome"]).receipt
        assert receipt is not None, told
        return json.loads(self.does(answer_of(self.blobs, id, receipt, is_shared=is_shared)))

    async def _tell(self, notice: Notice) -> bool:
        self.notices.append(notice)
        return True


def _no_source(_: Any) -> Any:
    raise AssertionError("nobody is called for a human")


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "source", lambda: NOON)


def test_a_question_is_told_once_and_waited_for() -> None:
    consultation = Consultation()
    assert consultation.asks() == WAIT
    assert consultation.asks() == WAIT, "an activity that comes twice registers once"
    assert len(consultation.notices) == 1


def test_an_answer_has_a_receipt_of_the_gathers_own() -> None:
    consultation = Consultation()
    consultation.asks()
    consultation.answers()
    told = consultation.asks(k=2)

    assert told["outcome"]["status"] == "kept"
    assert consultation.value_of(told) == "yes"
    assert consultation.asks(k=2)["outcome"] == told["outcome"], "it is the same however often"


def test_the_wait_for_an_answer_is_told_as_an_attempt() -> None:
    later = NOON + timedelta(hours=1)
    consultation = Consultation(a={"fresh_for": "P1D"}, b={"timeout": "PT1H", "question": "Late?"})
    consultation.asks()
    consultation.asks("b")
    consultation.now = later
    consultation.answers_first("yes")
    consultation.passes()
    told = [consultation.waits_of(consultation.asks(ask, k=2)) for ask in "ab"]

    assert told == [
        [AttemptRecord(NOON, later, None, "g")],
        [AttemptRecord(NOON, later, Fault(FaultKind.PASSING, "nobody answered in time"), "g")],
    ]


def test_an_answer_that_was_there_already_was_not_waited_for() -> None:
    consultation = Consultation(a={"fresh_for": "P1D"})
    consultation.asks()
    consultation.answers()
    consultation.opens("h", a={"fresh_for": "P1D"})

    assert consultation.waits_of(consultation.asks(id="h")) == []


def test_a_shared_answer_is_copied_and_a_later_one_changes_nothing() -> None:
    consultation = Consultation(a={"fresh_for": "PT1H"})
    consultation.asks()
    consultation.answers("yes")
    first = consultation.asks(k=2)
    consultation.passes(hours=2)
    consultation.opens("h", a={"fresh_for": "PT1H"})
    consultation.asks(id="h")
    consultation.answers("no")
    second = consultation.asks(id="h", k=2)

    assert consultation.value_of(first, is_shared=True) == "yes"
    assert consultation.value_of(second, is_shared=True, id="h") == "no"


def test_what_a_gather_has_been_answered_it_never_asks_again() -> None:
    consultation = Consultation(a={"fresh_for": "PT1H"}, b={"fresh_for": "PT1H", "needs": ["a"]})
    consultation.asks()
    consultation.answers("yes")
    consultation.concludes(consultation.asks(k=2))
    consultation.now += timedelta(hours=2)
    told = consultation.asks("b")

    assert consultation.value_of(told, is_shared=True) == "yes"
    assert len(consultation.notices) == 1


def test_an_otherwise_never_passes_for_an_answer_of_a_human() -> None:
    late = {"timeout": "PT1H", "default": "no"}
    consultation = Consultation(a=late, b={"needs": ["a"]})
    consultation.asks()
    consultation.passes(hours=1)
    told = consultation.asks(k=2)
    assert consultation.value_of(told) == "no"
    consultation.concludes(told)

    assert consultation.asks("b") == WAIT
    consultation.answers("yes")
    assert consultation.value_of(consultation.asks("b", k=2)) == "yes"


def test_whose_limit_has_passed_is_missing_and_says_which_limit() -> None:
    consultation = Consultation(a={"timeout": "PT1H"}, b={"question": "Really?"})
    consultation.asks()
    consultation.asks("b")
    consultation.passes(hours=1)
    assert consultation.asks(k=2)["outcome"]["reason"] == "nobody answered in time"
    assert consultation.asks("b", k=2) == WAIT

    consultation.passes(days=10)
    assert consultation.asks("b", k=3)["outcome"]["reason"] == "deadline"


def test_a_timeout_beyond_the_deadline_is_the_deadline_without_otherwise() -> None:
    consultation = Consultation(a={"timeout": "P20D", "default": "no"})
    consultation.asks()
    consultation.passes(days=10)

    assert consultation.asks(k=2)["outcome"]["reason"] == "deadline"


def test_after_the_deadline_nobody_is_asked() -> None:
    consultation = Consultation()
    consultation.now = DEADLINE

    assert consultation.asks()["outcome"]["reason"] == "deadline"
    assert consultation.notices == []


def test_a_hold_is_waited_out_unless_the_deadline_has_passed() -> None:
    consultation = Consultation()
    consultation.does(suspend(consultation.blobs, "g"))
    assert consultation.asks() == {"status": "look_again", "waits_for": "the hold to end"}
    assert consultation.notices == []

    consultation.now = DEADLINE
    assert consultation.asks()["outcome"]["reason"] == "deadline"


def test_a_run_that_is_not_to_go_on_is_stopped() -> None:
    consultation = Consultation()
    assert consultation.asks(run=2) == {"status": "stopped"}
    assert consultation.asks(id="nobody") == {"status": "stopped"}
    consultation.does(terminate(consultation.blobs, consultation.host, "g", now=NOON))
    assert consultation.asks() == {"status": "stopped"}
    found = consultation.does(control.read(consultation.blobs, "g"))
    assert found.state is State.STOP


def test_too_much_to_show_is_a_fault_that_says_so() -> None:
    consultation = Consultation(a={"context": "x" * LONGEST_REQUEST})
    told = consultation.asks()

    assert "select less" in told["outcome"]["reason"]
    assert consultation.notices == []


@pytest.mark.parametrize("field", ["question", "assignee"])
def test_what_no_message_has_room_for_is_a_fault_before_anybody_waits(field: str) -> None:
    """A message that a queue does not take would be tried again until the deadline."""
    consultation = Consultation(a={"choices": ["x" * 200, "no"]}, b={field: "${a}" * 20})
    consultation.asks()
    consultation.answers("x" * 200)
    consultation.concludes(consultation.asks(k=2))
    told = consultation.asks("b")

    assert f"the `{field}` has become 4,000 characters" in told["outcome"]["reason"]
    assert len(consultation.notices) == 1


def test_a_need_without_an_answer_is_in_the_way() -> None:
    consultation = Consultation(a={}, b={"needs": ["a"]})
    assert consultation.asks("b")["waits_for"] == "needs a"

    consultation.does(runs.leave_outcome(consultation.blobs, "g", 1, missing("a", "lost")))
    assert consultation.asks("b")["outcome"]["reason"] == "needs a"


def test_an_expression_that_gives_nothing_useful_is_a_fault() -> None:
    consultation = Consultation(a={}, b={"question": "Really ${a}?", "assignee": "${a.name}"})
    consultation.asks()
    consultation.answers()
    consultation.concludes(consultation.asks(k=2))

    assert consultation.asks("b")["outcome"]["status"] == "missing"


def test_progress_names_whom_the_plan_names_and_nobody_whom_an_answer_named() -> None:
    consultation = Consultation(
        a={"assignee": "risk-desk"}, b={"question": "Really?", "assignee": "${a}"}
    )
    assert consultation.asks()["waits_for"] == "the answer of risk-desk"
    consultation.answers()
    consultation.concludes(consultation.asks(k=2))

    assert consultation.asks("b") == WAIT
    assert consultation.notices[-1].assignee == "yes"
