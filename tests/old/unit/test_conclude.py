"""Ending an ask: who is to start what follows."""

import pytest

from gather_once.ledger.old import arrivals, runs
from gather_once.model.outcome import OutcomeStatus
from gather_once.storage.blobs import Container
from support.a_gather import AGather
from support.gathers import kept, lost
from support.memory_blobs import Fate, MemoryBlobs, Operation


def opened(shorthand: str) -> AGather:
    gather = AGather(shorthand)
    gather.claimed()
    gather.opened()
    return gather


def test_an_ask_that_nobody_needs_starts_nothing() -> None:
    gather = opened("a b")
    assert gather.keeps("a") == ()


def test_a_single_need_starts_its_successors_even_when_it_is_missing() -> None:
    gather = opened("a b:a c:a")
    assert gather.loses("a") == ("b", "c")


def test_the_last_of_several_needs_starts_the_successor() -> None:
    gather = opened("a b s:ab")
    assert gather.keeps("b") == ()
    assert gather.loses("a") == ("s",)


def test_a_repeated_call_gets_the_same_answer() -> None:
    gather = opened("a b s:ab")
    assert [gather.keeps("a"), gather.keeps("b")] == [(), ("s",)]
    assert [gather.keeps("a"), gather.keeps("b")] == [(), ("s",)]


def test_the_first_outcome_is_the_last_word() -> None:
    gather = opened("a")
    gather.keeps("a")
    gather.loses("a")
    outcome = gather.does(runs.outcome_of(gather.blobs, "g", 1, "a"))
    assert outcome is not None
    assert outcome.status is OutcomeStatus.KEPT


def test_a_second_entry_of_a_late_double_hides_nobody() -> None:
    gather = opened("a b s:ab")
    gather.keeps("a")
    gather.does(arrivals.sign(gather.blobs, "g", 1, "s", "a"))
    assert gather.keeps("b") == ("s",)


def test_an_answer_that_comes_after_a_stop_still_gets_its_outcome() -> None:
    gather = opened("a b")
    gather.terminates()
    gather.keeps("a")
    assert gather.does(runs.statuses_of(gather.blobs, "g", 1)) == {"a": OutcomeStatus.KEPT}


def test_a_deleted_gather_gets_no_outcome_any_more() -> None:
    gather = opened("a b:a")
    gather.terminates()
    gather.is_forgotten()
    assert gather.keeps("a") == ()
    assert gather.does(runs.statuses_of(gather.blobs, "g", 1)) == {}


def test_what_an_earlier_run_kept_is_not_started_again() -> None:
    """b is optional and was missing, its dependants stood; it is found in the second run."""
    gather = opened("a b? s:b t:s")
    for ask in "ast":
        gather.keeps(ask)
    gather.loses("b")
    gather.ends()
    gather.runs_again()
    assert gather.opened("e2", run=2).ready == ("b",)
    assert gather.keeps("b", run=2) == ()


@pytest.mark.parametrize(
    ("shorthand", "operations"), [("a b:a", ["read", "create"]), ("a b s:ab", 4 * [...])]
)
def test_it_costs_two_operations_and_two_for_each_successor_with_several_needs(
    shorthand: str, operations: list[str]
) -> None:
    seen: list[Operation] = []

    async def watched(operation: Operation) -> Fate:
        seen.append(operation)
        return Fate.CARRIED_OUT

    gather = AGather(shorthand)
    gather.blobs = MemoryBlobs(watched)
    gather.claimed()
    gather.opened()
    seen.clear()
    gather.keeps("a")
    assert len(seen) == len(operations)


def test_one_listing_tells_the_outcomes_whatever_they_say() -> None:
    gather = opened("a b c")
    gather.keeps("a")
    gather.does(runs.leave_outcome(gather.blobs, "g", 1, odd := lost("b", 'é "q" 💶\n%20')))
    long = lost("c", "💶" * 600)
    gather.does(runs.leave_outcome(gather.blobs, "g", 1, long))
    found = gather.does(runs.outcomes_of(gather.blobs, "g", 1))
    assert found == {"a": kept("a"), "b": odd, "c": long}
    metadata = gather.blobs.stored[Container.GATHERS, "g/1/outcome/b"].metadata
    assert all(value.isascii() and value.isprintable() for value in metadata.values())
    assert "outcome" not in gather.blobs.stored[Container.GATHERS, "g/1/outcome/c"].metadata
