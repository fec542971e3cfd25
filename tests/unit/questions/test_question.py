"""The blob of a question, step by step: who is listed, who is marked, whose answer stands."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gather_once.notify.notices import Place
from gather_once.questions.question import (
    Answer,
    AnswerRejected,
    Asker,
    Child,
    Over,
    Question,
    Register,
    Waits,
    decide,
    decode,
    encode,
    forgotten,
    notice_of,
    received,
    tidied,
    told,
)
from support.gathers import NOON

REQUEST = {
    "question": "Release?",
    "assignee": "desk",
    "context": None,
    "choices": ["yes"],
    "form": None,
}
HOUR = timedelta(hours=1)
A = Child("a", 1, "q", 1, NOON, NOON + HOUR)
B = Child("b", 1, "q", 1, NOON, NOON + 2 * HOUR)


def asker(child: Child, execution: str = "e1", fresh_for: timedelta | None = None) -> Asker:
    return Asker(child, "k", REQUEST, execution, fresh_for)


def registers(found: Question | None, child: Child, **more: Any) -> Question:
    now = more.pop("now", child.since)
    decision = decide(found, asker(child, **more), now)
    assert isinstance(decision, Register), decision
    return decision.question


def answers(found: Question, words: Any = "yes", request: str = "r1") -> Question:
    after = received(found, found.place("n"), words, request, NOON)
    assert isinstance(after, Question), after
    return after


ASKED = registers(None, A)
BOTH = registers(ASKED, B, execution="e2")


def test_the_first_to_ask_opens_the_question_and_others_join_it() -> None:
    assert (ASKED.generation, ASKED.opener, ASKED.by, ASKED.is_open) == (1, "e1", "a", True)
    assert (BOTH.generation, BOTH.opener, BOTH.children) == (1, "e1", (A, B))


def test_who_is_listed_waits_and_a_later_wait_takes_the_place_of_an_earlier_one() -> None:
    assert decide(ASKED, asker(A), NOON) == Waits()
    later = registers(ASKED, replace(A, k=2, since=NOON + HOUR, until=NOON + 9 * HOUR))
    assert later.children == (replace(A, k=2),), "limits count from the first registration"
    assert decide(later, asker(A), NOON) == Waits(), "a late double changes nothing"


def test_an_answer_is_written_into_every_entry_that_waits() -> None:
    after = answers(tidied(BOTH, NOON + HOUR, struck=()))
    assert after.answer is not None
    assert [child.mark for child in after.children] == [Over(A.since, A.until), after.answer]


def test_a_mark_is_a_last_word_however_old_it_is() -> None:
    after = answers(ASKED)
    year_later = NOON + timedelta(days=365)
    assert decide(after, asker(A, fresh_for=HOUR), year_later) == after.answer
    over = tidied(ASKED, NOON + HOUR, struck=())
    assert decide(over, asker(A), NOON) == Over(A.since, A.until)
    opened = registers(over, B)
    assert decide(opened, asker(A), NOON) == Over(A.since, A.until), "nobody is struck off"


def test_a_fresh_answer_needs_no_registration_and_a_stale_one_opens_the_question_anew() -> None:
    after = told(answers(ASKED), NOON)
    assert decide(after, asker(B, fresh_for=HOUR), NOON + HOUR / 2) == after.answer
    anew = registers(after, B, execution="e2", fresh_for=HOUR, now=NOON + HOUR)
    assert (anew.generation, anew.opener, anew.by, anew.answer) == (2, "e2", "b", None)
    assert not anew.is_told


def test_who_comes_after_the_deadline_is_not_listed() -> None:
    late = replace(A, since=A.until)
    assert decide(None, asker(late), A.until) == Over(A.until, A.until)
    assert decide(answers(BOTH), asker(replace(late, gather="c")), A.until) == answers(BOTH).answer


def test_the_first_answer_stands_and_the_same_request_is_known_again() -> None:
    after = answers(ASKED)
    assert received(after, after.place("n"), "yes", "r1", NOON) is None
    assert received(after, after.place("n"), "yes", "r2", NOON) is AnswerRejected.ALREADY_ANSWERED
    assert received(after, after.place("n"), "no", "r1", NOON) is AnswerRejected.ALREADY_ANSWERED


def test_a_link_answers_its_own_asking_only() -> None:
    anew = registers(answers(ASKED), B, execution="e2", fresh_for=timedelta(0))
    assert received(anew, ASKED.place("n"), "yes", "r1", NOON) is AnswerRejected.SUPERSEDED
    assert received(anew, Place("n", 2, "another"), "yes", "r1", NOON) is AnswerRejected.SUPERSEDED
    assert received(None, ASKED.place("n"), "yes", "r1", NOON) is AnswerRejected.SUPERSEDED


def test_an_answer_that_reaches_nobody_is_late() -> None:
    over = tidied(ASKED, NOON + HOUR, struck=())
    assert received(over, over.place("n"), "yes", "r1", NOON) is AnswerRejected.CLOSED


def test_a_limit_marks_its_own_child_only() -> None:
    after = tidied(BOTH, NOON + HOUR, struck=())
    assert [child.mark for child in after.children] == [Over(A.since, A.until), None]
    assert after.is_open
    assert tidied(BOTH, NOON, struck={"a:1:q"}).children == (B,)


def test_reminders_are_counted_in_each_asking() -> None:
    assert notice_of(ASKED, "n").reminder == 0
    once = told(ASKED, NOON)
    assert (once.is_told, once.reminders, notice_of(once, "n").reminder) == (True, 0, 1)
    twice = told(once, NOON + HOUR)
    assert (twice.reminders, notice_of(twice, "n").reminder) == (1, 2)
    anew = registers(answers(twice), B, fresh_for=timedelta(0))
    assert (anew.reminders, notice_of(anew, "n").reminder) == (0, 0)


def test_a_notice_says_when_the_first_gives_up() -> None:
    assert notice_of(BOTH, "n").due == A.until


def test_what_is_forgotten_keeps_its_count() -> None:
    left = forgotten(answers(BOTH))
    assert (left.generation, left.children, left.answer, left.request) == (1, (), None, {})
    assert registers(left, A, execution="e9").generation == 2


marks = st.sampled_from([None, "over", "this", "older"])
texts = st.text(max_size=5)
values = st.one_of(texts, st.dictionaries(texts, st.integers() | st.booleans() | texts))


@given(st.lists(marks, max_size=4), values, st.booleans(), st.none() | st.just(HOUR))
def test_a_question_survives_its_journey_to_storage(
    marked: list[str | None],
    value: Any,
    is_answered: bool,  # noqa: FBT001  # hypothesis names every argument
    every: timedelta | None,
) -> None:
    this, older = (Answer(value, NOON, "a", generation, "r") for generation in (2, 1))
    words = {None: None, "over": Over(A.since, A.until), "this": this, "older": older}
    children = [
        replace(A, run=run, mark=words[mark], remind_every=every)
        for run, mark in enumerate(marked, 1)
    ]
    question = replace(
        told(BOTH, NOON), children=tuple(children), answer=this if is_answered else None
    )
    assert decode(encode(question)) == question
