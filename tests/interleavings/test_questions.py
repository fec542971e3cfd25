"""Children, humans and upkeep meet at one question, in every order, while one thing goes wrong.

With INTERLEAVINGS_SWITCHES=2 (or more) far more orders are tried than the daily ones.
"""

import os
from datetime import timedelta

from support.interleave import explore
from support.interleave_questions import QuestionWorld

SWITCHES = int(os.environ.get("INTERLEAVINGS_SWITCHES", "1"))
LIMIT = (61,)
"""A second after the children's limit."""
NEVER_FRESH = timedelta(0)


def a_world(*misfortunes: str, switches: int = SWITCHES) -> QuestionWorld:
    return QuestionWorld(*misfortunes, moments=LIMIT, switches=switches)


def test_of_two_humans_one_answers_and_a_lost_event_is_raised_again() -> None:
    def world() -> QuestionWorld:
        world = a_world("lost event")
        world.consults("a")
        world.is_answered("1yes")
        world.is_answered("1no")
        world.is_looked_after()
        return world

    assert explore(world).ends > 20


def test_one_gather_gets_through_whatever_happens_once() -> None:
    def world() -> QuestionWorld:
        misfortunes = (
            "crash",
            "lost reply",
            "unanswered",
            "out of reach",
            "lost event",
            "silence",
            "stray event",
        )
        world = a_world(*misfortunes, switches=SWITCHES - 1)
        world.consults("a")
        world.is_answered("1yes")
        world.is_looked_after()
        return world

    assert explore(world).ends > 20


def test_two_gathers_hear_the_same_answer_or_each_its_own_limit() -> None:
    def world() -> QuestionWorld:
        world = a_world("lost reply", switches=SWITCHES - 1)
        world.consults("a")
        world.consults("b", limit=120)
        world.is_answered("1yes")
        world.is_looked_after()
        return world

    assert explore(world).ends > 20


def test_two_upkeeps_at_once_do_no_more_than_one() -> None:
    def world() -> QuestionWorld:
        world = a_world("lost reply")
        world.consults("a")
        world.is_answered("1yes")
        world.is_looked_after()
        world.is_looked_after("another upkeep")
        return world

    assert explore(world).ends > 20


def test_a_late_double_takes_back_neither_a_wait_nor_a_last_word() -> None:
    def world() -> QuestionWorld:
        world = a_world("stray event")
        world.consults("a")
        world.has_a_late_double("a")
        world.is_answered("1yes")
        world.is_looked_after()
        return world

    assert explore(world).ends > 20


def test_a_question_is_opened_anew_for_whom_its_answer_is_stale() -> None:
    def world() -> QuestionWorld:
        world = a_world(switches=SWITCHES - 1)
        world.consults("a")
        world.consults("b", fresh_for=NEVER_FRESH)
        world.is_answered("1yes")
        world.is_answered("1no")
        world.is_answered("2yes", generation=2)
        world.is_looked_after()
        return world

    assert explore(world).ends > 5


def test_a_run_that_ends_leaves_the_others_their_question() -> None:
    def world() -> QuestionWorld:
        world = a_world(switches=SWITCHES - 1)
        world.consults("a")
        world.may_be_ended("a")
        world.consults("b", limit=120)
        world.is_answered("1yes")
        world.is_looked_after()
        return world

    assert explore(world).ends > 5


def test_a_later_run_is_another_child() -> None:
    def world() -> QuestionWorld:
        world = a_world("lost reply", switches=SWITCHES - 1)
        world.consults("a")
        world.may_be_ended("a")
        world.consults("a", run=2, limit=120)
        world.is_answered("1yes")
        world.is_answered("2yes", generation=2)
        world.is_looked_after()
        return world

    assert explore(world).ends > 5
