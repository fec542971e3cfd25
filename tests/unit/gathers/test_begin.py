"""Beginning a gather: claimed once, whoever comes how often and with what."""

import pytest

from gather_once.gathers.reconcile import Ended, Gone, Running
from gather_once.gathers.start import COME_AGAIN, New, NotStarted, OtherPlan
from gather_once.storage.blobs import Container
from support.a_gather import AGather
from support.gathers import a_plan
from support.memory_blobs import Fate, MemoryBlobs, Operation


def test_the_first_call_claims_and_starts() -> None:
    gather = AGather()
    assert gather.begins() == New(gather.control)
    assert gather.host.started == [("gather", "g", {"id": "g", "run": 1})]


def test_the_same_plan_again_schedules_nothing() -> None:
    gather = AGather("a", deadline="P1D")
    gather.begins()
    same = a_plan("a", deadline="P1D")
    assert gather.begins(same) == Running(gather.control, "Pending")
    assert len(gather.host.started) == 1


def test_another_plan_is_told_so() -> None:
    gather = AGather("a")
    gather.begins()
    assert gather.begins(a_plan("a b")) == OtherPlan(gather.control)


def test_a_gather_that_has_ended_shows_its_dossier() -> None:
    gather = AGather()
    gather.claimed()
    gather.opened()
    gather.keeps("a")
    dossier = gather.ends()
    assert gather.begins() == Ended(gather.control, dossier)


@pytest.mark.parametrize("shorthand", ["a", "a b"])
def test_a_deleted_id_is_never_claimed_anew(shorthand: str) -> None:
    gather = AGather("a")
    gather.claimed()
    gather.terminates()
    gather.is_forgotten()
    said = gather.begins(a_plan(shorthand))
    assert said == Gone(gather.control)
    assert gather.control.final_status == "terminated"


def test_what_the_host_did_not_start_is_started_by_the_next_call() -> None:
    gather = AGather()
    gather.host.is_down = True
    assert gather.begins() == NotStarted(gather.control, COME_AGAIN)
    assert gather.begins() == NotStarted(gather.control, COME_AGAIN)
    gather.host.is_down = False
    assert gather.begins() == Running(gather.control, "Pending")
    assert len(gather.host.started) == 1


def test_a_claim_whose_reply_is_lost_is_carried_out_once_and_stays_in_the_index() -> None:
    async def loses_replies(operation: Operation) -> Fate:
        return Fate.REPEATED if operation.verb == "create" else Fate.CARRIED_OUT

    gather = AGather()
    gather.blobs = MemoryBlobs(loses_replies)
    assert gather.begins() == Running(gather.control, "Pending")
    assert len(gather.host.started) == 1
    assert (Container.INDEX, gather.control.index) in gather.blobs.stored


def test_the_index_is_written_before_the_claim_and_costs_one_operation() -> None:
    seen: list[tuple[str, Container]] = []

    async def watched(operation: Operation) -> Fate:
        seen.append((operation.verb, operation.container))
        return Fate.CARRIED_OUT

    gather = AGather()
    gather.blobs = MemoryBlobs(watched)
    gather.begins()
    assert seen == [
        ("look", Container.GATHERS),
        ("create", Container.INDEX),
        ("create", Container.GATHERS),
    ]
