"""Settling: the table of what is found and what is done about it."""

from dataclasses import replace

import pytest

from gather_once.gathers import control
from gather_once.gathers.control import State
from gather_once.gathers.host import HostOutOfReach
from gather_once.gathers.reconcile import Ended, Gone, Running
from gather_once.model.outcome import missing
from gather_once.model.progress import GatherStatus
from support.a_gather import AGather
from support.gathers import HostTwin, kept


def test_an_id_that_nobody_claimed_stands_nowhere() -> None:
    assert AGather().settles() is None


def test_a_tombstone_is_told() -> None:
    gather = AGather()
    gather.claimed()
    gather.terminates()
    gather.is_forgotten()
    assert gather.settles() == Gone(gather.control)


def test_a_run_with_a_dossier_has_ended_whatever_its_root_does() -> None:
    gather = AGather()
    gather.claimed()
    gather.opened()
    dossier = gather.assembles()
    assert dossier is not None
    assert gather.settles() == Ended(gather.control, dossier)


@pytest.mark.parametrize("root", ["Pending", "Running", "Suspended"])
def test_a_run_with_a_live_root_is_running(root: str) -> None:
    gather = AGather()
    gather.claimed()
    gather.host.lets("g", root)
    assert gather.settles() == Running(gather.control, root)
    assert gather.host.terminated == []


@pytest.mark.parametrize("state", [State.GO, State.HOLD])
def test_a_run_that_was_only_claimed_is_started(state: State) -> None:
    gather = AGather()
    found = gather.claimed()
    gather.does(control.write(gather.blobs, replace(found, state=state)))
    gather.host.lets("g", None)
    gather.host.started.clear()
    assert gather.settles() == Running(gather.control, "Pending")
    assert gather.host.started == [("gather", "g", {"id": "g", "run": 1})]


def test_a_later_run_is_started_under_its_own_instance_id() -> None:
    gather = AGather()
    gather.claimed()
    gather.ends()
    gather.runs_again()
    gather.host.lets("g:2", None)
    gather.host.started.clear()
    gather.settles()
    assert gather.host.started == [("gather", "g:2", {"id": "g", "run": 2})]


def test_a_stopped_run_whose_root_lives_loses_root_and_children_again() -> None:
    gather = AGather("a b:a")
    found = gather.claimed()
    gather.does(control.write(gather.blobs, replace(found, state=State.STOP)))
    assert gather.settles() == Running(gather.control, "Pending")
    assert gather.host.terminated == ["g", "g:1:a", "g:1:b"]


@pytest.mark.parametrize("root", [None, "Completed", "Failed", "Terminated", "Canceled"])
def test_an_owned_run_without_a_live_root_ends_with_what_was_kept(root: str | None) -> None:
    gather = AGather("a b")
    gather.claimed()
    gather.opened()
    gather.keeps("a")
    gather.host.lets("g", root)
    standing = gather.settles()
    assert isinstance(standing, Ended)
    assert standing.dossier.outcomes == {"a": kept("a"), "b": missing("b", "stopped")}
    assert standing.dossier.status is GatherStatus.TERMINATED
    assert standing.control == gather.control
    assert standing.control.state is State.STOP
    assert "g:1:a" in gather.host.terminated


def test_a_run_whose_root_ended_before_it_was_opened_ends() -> None:
    gather = AGather()
    gather.claimed()
    gather.host.lets("g", "Terminated")
    assert isinstance(gather.settles(), Ended)


def test_a_stop_that_crashed_halfway_is_finished() -> None:
    gather = AGather()
    found = gather.claimed()
    gather.does(control.write(gather.blobs, replace(found, state=State.STOP)))
    gather.host.lets("g", "Terminated")
    assert isinstance(gather.settles(), Ended)


def test_what_another_hub_carries_out_is_neither_started_nor_ended_here() -> None:
    gather = AGather()
    gather.claimed()
    gather.opened()
    gather.host = HostTwin("Other")
    assert gather.settles() == Running(gather.control, None)
    assert gather.host.started == []


def test_what_another_hub_left_stopped_is_ended_here() -> None:
    gather = AGather()
    gather.claimed()
    gather.opened()
    gather.host = HostTwin("Other")
    gather.terminates()
    assert isinstance(gather.settles(), Ended)
    gather.runs_again()
    assert (gather.control.run, gather.control.hub) == (2, "Other")


def test_a_host_out_of_reach_changes_nothing() -> None:
    gather = AGather()
    gather.claimed()
    before = gather.control
    gather.host.is_down = True
    with pytest.raises(HostOutOfReach):
        gather.settles()
    assert gather.control == before
