"""Opening a run: who owns it, and what it begins with."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gather_once.gathers import control
from gather_once.gathers.control import State
from gather_once.gathers.opening import Over, open_run
from gather_once.ledger.old import arrivals, runs
from gather_once.model.errors import InvalidPlan
from gather_once.model.outcome import OutcomeStatus
from gather_once.plans.plan import Plan
from support.a_gather import AGather
from support.gathers import NOON


def test_the_first_execution_owns_the_run_and_begins_with_what_needs_nothing() -> None:
    gather = AGather("a b s:ab", deadline="P2D")
    gather.claimed()
    opened = gather.opened("e1")
    assert gather.control.owner == "e1"
    assert (opened.ready, opened.carried) == (("a", "b"), ())
    assert (opened.start_at, opened.deadline) == (NOON, NOON + timedelta(days=2))


def test_an_owner_that_opens_again_goes_on() -> None:
    gather = AGather()
    gather.claimed()
    assert gather.opened("e1") == gather.opened("e1")


def test_another_execution_of_an_owned_run_is_turned_away() -> None:
    gather = AGather()
    gather.claimed()
    gather.opened("e1")
    assert gather.opens("e2") == Over(None)
    assert gather.control.owner == "e1"


@pytest.mark.parametrize("state", [State.STOP, State.GONE])
def test_a_run_that_is_not_wanted_any_more_is_over(state: State) -> None:
    gather = AGather()
    found = gather.claimed()
    gather.does(control.write(gather.blobs, replace(found, state=state)))
    assert gather.opens() == Over(None)


def test_a_run_that_has_ended_is_over_and_its_dossier_is_told() -> None:
    gather = AGather()
    gather.claimed()
    gather.opened()
    gather.keeps("a")
    dossier = gather.ends()
    assert gather.opens("e2") == Over(dossier)


def test_an_execution_of_an_old_run_does_not_take_over_the_next() -> None:
    gather = AGather()
    gather.claimed()
    gather.opened()
    dossier = gather.ends()
    gather.runs_again()
    assert gather.opens("e1", run=1) == Over(dossier)
    assert (gather.control.run, gather.control.owner) == (2, None)


def test_a_hold_opens_like_any_other() -> None:
    gather = AGather()
    gather.claimed()
    gather.suspends()
    assert gather.opened().ready == ("a",)
    assert gather.control.state is State.HOLD


def test_a_late_double_does_not_empty_the_list_of_arrivals() -> None:
    gather = AGather("a b s:ab")
    gather.claimed()
    gather.opened()
    gather.keeps("a")
    gather.opened()
    assert gather.does(arrivals.order_of(gather.blobs, "g", 1, "s")) == ("a",)


def test_a_further_run_carries_what_was_kept_and_begins_with_what_is_open() -> None:
    gather = AGather("a b s:ab t:s c:a")
    gather.claimed()
    gather.opened()
    for ask in "ac":
        gather.keeps(ask)
    for ask in "bst":
        gather.loses(ask)
    gather.ends()
    gather.runs_again()
    opened = gather.opened("e2", run=2)
    assert (opened.carried, opened.ready) == (("a", "c"), ("b",))
    statuses = gather.does(runs.statuses_of(gather.blobs, "g", 2))
    assert statuses == {"a": OutcomeStatus.KEPT, "c": OutcomeStatus.KEPT}
    assert gather.keeps("b", run=2) == ("s",)


def test_a_further_run_of_what_is_complete_begins_with_nothing() -> None:
    gather = AGather("a")
    gather.claimed()
    gather.opened()
    gather.keeps("a")
    gather.ends()
    gather.runs_again()
    assert gather.opened("e2", run=2).ready == ()


def test_the_start_holds_for_the_first_run_and_counts_from_the_claim() -> None:
    gather = AGather(start_in="PT1H", deadline="P1D")
    gather.claimed()
    gather.now += timedelta(minutes=5)
    opened = gather.opened()
    assert opened.start_at == NOON + timedelta(hours=1)
    assert opened.deadline == NOON + timedelta(hours=25)
    gather.ends()
    gather.runs_again()
    assert gather.opened("e2", run=2).start_at == gather.now


def test_a_plan_that_is_not_accepted_any_more_gets_no_owner() -> None:
    gather = AGather()
    gather.claimed()

    def refuse(_: bytes) -> Plan:
        raise InvalidPlan([])

    with pytest.raises(InvalidPlan):
        gather.does(
            open_run(gather.blobs, "g", 1, "e1", now=NOON, validate=refuse),
        )
    assert gather.control.owner is None
