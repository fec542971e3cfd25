"""Ending a run: what its dossier says, and that it says so once."""

from datetime import timedelta

from gather_once.model.outcome import missing
from gather_once.model.progress import GatherStatus
from support.a_gather import AGather
from support.gathers import NOON, kept, lost


def opened(shorthand: str) -> AGather:
    gather = AGather(shorthand)
    gather.claimed()
    gather.opened()
    return gather


def test_a_dossier_holds_all_asks_with_their_outcomes() -> None:
    gather = opened("a b? c:b")
    gather.keeps("a")
    gather.loses("b")
    gather.keeps("c")
    dossier = gather.ends()
    assert dossier.outcomes == {"a": kept("a"), "b": lost("b"), "c": kept("c")}
    assert (dossier.status, dossier.ended_at) == (GatherStatus.COMPLETED, NOON)
    assert gather.dossier() == dossier


def test_a_required_ask_without_an_answer_fails_the_run() -> None:
    gather = opened("a b")
    gather.keeps("a")
    gather.loses("b")
    assert gather.ends().status is GatherStatus.FAILED


def test_an_ask_whose_end_could_not_be_written_is_missing() -> None:
    gather = opened("a")
    dossier = gather.ends()
    assert dossier.outcomes == {"a": missing("a", "unsettled")}
    assert dossier.status is GatherStatus.FAILED


def test_a_stopped_run_ends_with_what_was_kept() -> None:
    gather = opened("a b")
    gather.keeps("a")
    gather.terminates()
    dossier = gather.dossier()
    assert dossier is not None
    assert dossier.outcomes == {"a": kept("a"), "b": missing("b", "stopped")}
    assert dossier.status is GatherStatus.TERMINATED


def test_a_run_that_was_stopped_when_all_was_done_has_completed() -> None:
    gather = opened("a")
    gather.keeps("a")
    gather.terminates()
    dossier = gather.dossier()
    assert dossier is not None
    assert dossier.status is GatherStatus.COMPLETED


def test_a_dossier_never_changes() -> None:
    gather = opened("a b")
    gather.keeps("a")
    first = gather.ends()
    gather.keeps("b")
    gather.now += timedelta(hours=1)
    assert gather.assembles() == first
    assert gather.dossier() == first


def test_a_run_that_ends_before_it_is_opened_keeps_what_the_run_before_had() -> None:
    gather = opened("a b")
    gather.keeps("a")
    gather.ends()
    gather.runs_again()
    gather.terminates()
    dossier = gather.dossier(run=2)
    assert dossier is not None
    assert dossier.answered == {"a": kept("a")}


def test_nothing_is_assembled_for_another_run_or_a_deleted_gather() -> None:
    gather = opened("a")
    gather.ends()
    gather.runs_again()
    assert gather.assembles(run=1) is None
    gather.terminates()
    gather.is_forgotten()
    assert gather.assembles(run=2) is None
