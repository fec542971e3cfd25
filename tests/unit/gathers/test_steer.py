"""Steering: hold, go on, break off, and what is no longer possible after the end."""

import pytest

from gather_once.gathers import commands
from gather_once.gathers.commands import Accepted, Refused, Why
from gather_once.gathers.control import HeldBy, State
from gather_once.gathers.host import HostOutOfReach
from gather_once.gathers.reconcile import Ended, Gone, Running
from support.a_gather import AGather


def claimed(shorthand: str = "a") -> AGather:
    gather = AGather(shorthand)
    gather.claimed()
    gather.opened()
    return gather


def follow(gather: AGather) -> None:
    root = gather.host.instances["g"]
    gather.does(commands.follow_host(gather.blobs, gather.control, root))


def test_what_is_not_there_cannot_be_steered() -> None:
    gather = AGather()
    assert [gather.suspends(), gather.resumes(), gather.terminates()] == [None, None, None]


def test_a_gather_is_held_and_goes_on() -> None:
    gather = claimed()
    assert gather.suspends() == Accepted(gather.control)
    assert (gather.control.state, gather.control.held) == (State.HOLD, HeldBy.CALLER)
    assert gather.resumes() == Accepted(gather.control)
    assert (gather.control.state, gather.control.held) == (State.GO, None)
    assert gather.control.owner == "e1"


def test_to_ask_twice_changes_nothing() -> None:
    gather = claimed()
    gather.suspends()
    held = gather.control
    assert gather.suspends() == Accepted(held)
    gather.resumes()
    going = gather.control
    assert gather.resumes() == Accepted(going)
    assert gather.host.resumed == []


def test_to_resume_lets_a_suspended_root_go_on() -> None:
    gather = claimed()
    gather.host.lets("g", "Suspended")
    gather.resumes()
    assert gather.host.resumed == ["g"]


def test_to_terminate_ends_root_and_children_from_the_top_and_keeps_what_was_answered() -> None:
    gather = claimed("a b:a")
    gather.keeps("a")
    gather.host.lets("g:1:b", "Running")
    assert gather.terminates() == Accepted(gather.control)
    assert gather.control.state is State.STOP
    assert gather.host.terminated == ["g", "g:1:a", "g:1:b"]
    assert gather.host.instances == {"g": "Terminated", "g:1:b": "Terminated"}
    dossier = gather.dossier()
    assert dossier is not None
    assert set(dossier.answered) == {"a"}


def test_a_terminate_that_the_host_cut_short_is_finished_by_the_next() -> None:
    gather = claimed()
    gather.host.is_down = True
    with pytest.raises(HostOutOfReach):
        gather.terminates()
    gather.host.is_down = False
    assert gather.suspends() == Refused(gather.control, Why.STOPPED)
    assert gather.resumes() == Refused(gather.control, Why.STOPPED)
    assert isinstance(gather.settles(), Running)
    assert gather.terminates() == Accepted(gather.control)
    assert isinstance(gather.settles(), Ended)


def test_what_has_ended_is_not_steered() -> None:
    gather = claimed()
    gather.ends()
    refused = Refused(gather.control, Why.ENDED)
    assert [gather.suspends(), gather.resumes(), gather.terminates()] == 3 * [refused]


def test_what_is_deleted_is_gone() -> None:
    gather = claimed()
    gather.terminates()
    gather.is_forgotten()
    gone = Gone(gather.control)
    assert [gather.suspends(), gather.resumes(), gather.terminates()] == 3 * [gone]


def test_a_root_that_the_host_suspended_holds_the_gather_until_it_goes_on() -> None:
    gather = claimed()
    gather.host.lets("g", "Suspended")
    follow(gather)
    assert (gather.control.state, gather.control.held) == (State.HOLD, HeldBy.HOST)
    gather.host.lets("g", "Running")
    follow(gather)
    assert (gather.control.state, gather.control.held) == (State.GO, None)


def test_a_hold_that_a_caller_wanted_is_not_lifted_because_the_root_runs() -> None:
    gather = claimed()
    gather.host.lets("g", "Suspended")
    follow(gather)
    gather.suspends()
    gather.host.lets("g", "Running")
    follow(gather)
    assert (gather.control.state, gather.control.held) == (State.HOLD, HeldBy.CALLER)
