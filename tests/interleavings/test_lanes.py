"""Executions work through the same portion, in every order of their steps, while things go wrong.

With INTERLEAVINGS_SWITCHES=2 (or more) far more orders are tried than the daily ones.
"""

import pytest

from support.interleave_lanes import SWITCHES, tried


def test_one_execution_gets_through_whatever_happens_twice() -> None:
    """Faults within patience, a crash, a lost reply, storage that does not answer."""
    anything = ("fault", "crash", "lost reply", "unanswered", "out of reach")

    assert tried(*anything, budget=2, max_attempts=2).ends > 100


@pytest.mark.parametrize("slots", [1, 2])
def test_of_two_executions_the_overtaken_one_hands_over_what_it_paid_for(slots: int) -> None:
    assert tried("fault", "lost reply", who="ef", slots=slots).ends > 50


def test_two_executions_and_faults_within_patience() -> None:
    assert tried("fault", "lost reply", who="ef", lists=("a",), max_attempts=2, budget=2).ends > 50


def test_a_list_that_has_changed_is_asked_anew_in_the_next_run() -> None:
    assert tried("fault", "crash", lists=("ab", "xb")).ends > 50


def test_a_late_double_of_the_first_run_leaves_the_second_alone() -> None:
    assert tried("fault", who="ed", lists=("a", "a"), budget=2, max_attempts=2).ends > 50


def test_a_list_changed_and_changed_back_finds_its_old_answers() -> None:
    assert tried("fault", lists=("a", "x", "a"), switches=SWITCHES + 1).ends > 20


def test_what_must_not_be_repeated_is_called_once_through_faults_and_crashes() -> None:
    assert tried("fault", "crash", "lost reply", never=True, budget=2, max_attempts=2).ends > 100


def test_what_must_not_be_repeated_is_called_once_by_two_executions() -> None:
    assert tried("fault", "crash", "lost reply", who="ef", never=True).ends > 50


@pytest.mark.parametrize("human", ["anew", "kept"])
def test_a_human_who_resolves_a_doubt_may_race_whoever_works(human: str) -> None:
    seen = tried(
        *("fault", "crash", "lost reply"), never=True, human=human, lists=("a", "a"), budget=2
    )

    assert seen.ends > 20


def test_the_late_doubt_of_an_overtaken_execution_does_not_undo_what_a_human_said() -> None:
    seen = tried("fault", who="ef", never=True, human="anew", lists=("a", "a"))

    assert seen.ends > 20


def test_an_answer_that_comes_in_behind_a_lost_reply_counts_before_anything_is_called() -> None:
    seen = tried(
        "lost reply", never=True, human="anew", lists=("a",), switches=SWITCHES + 2, double=True
    )

    assert seen.ends > 20


def test_a_slot_that_is_free_takes_one_item() -> None:
    assert tried(lists=("abcd",)).ends > 1
