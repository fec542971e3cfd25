"""After the end: once more, or for ever gone."""

import pytest

from gather_once.gathers.commands import Accepted, Refused, Why
from gather_once.gathers.control import State
from gather_once.gathers.reconcile import Gone
from gather_once.gathers.start import NotStarted
from gather_once.model.progress import GatherStatus
from gather_once.storage.blobs import Container
from support.a_gather import AGather
from support.memory_blobs import Fate, MemoryBlobs, Operation


class Whims:
    """Carries everything out, until it is told to lose a reply once."""

    def __init__(self) -> None:
        self.loses: str | None = None

    async def __call__(self, operation: Operation, /) -> Fate:
        if operation.verb != self.loses:
            return Fate.CARRIED_OUT
        self.loses = None
        return Fate.REPEATED


def ended(shorthand: str = "a") -> tuple[AGather, Whims]:
    gather, whims = AGather(shorthand), Whims()
    gather.blobs = MemoryBlobs(whims)
    gather.claimed()
    gather.opened()
    gather.ends()
    return gather, whims


def test_a_run_follows_the_one_that_has_ended() -> None:
    gather, _ = ended()
    assert gather.runs_again() == Accepted(gather.control)
    assert (gather.control.run, gather.control.state, gather.control.owner) == (2, State.GO, None)
    assert gather.host.started[-1] == ("gather", "g:2", {"id": "g", "run": 2})


def test_a_run_that_was_broken_off_may_be_followed_too() -> None:
    gather = AGather()
    gather.claimed()
    gather.terminates()
    assert gather.runs_again() == Accepted(gather.control)


def test_a_run_that_goes_on_is_neither_repeated_nor_forgotten() -> None:
    gather, _ = ended()
    gather.runs_again()
    refused = Refused(gather.control, Why.RUNNING)
    assert [gather.runs_again(), gather.is_forgotten()] == [refused, refused]


def test_a_lost_reply_makes_no_second_run() -> None:
    gather, whims = ended()
    whims.loses = "mark"
    assert gather.runs_again() == Accepted(gather.control)
    assert gather.control.run == 2
    assert [instance for _, instance, _ in gather.host.started] == ["g", "g:2"]


def test_a_run_that_the_host_did_not_start_is_started_later() -> None:
    gather, _ = ended()
    started = len(gather.host.started)

    async def breaks_down(verb: str) -> None:
        gather.host.is_down = verb == "start"

    gather.host._before = breaks_down
    assert gather.runs_again() == NotStarted(gather.control)
    assert len(gather.host.started) == started


def test_what_is_forgotten_is_gone_with_the_end_it_had() -> None:
    gather, _ = ended()
    assert gather.is_forgotten() == Accepted(gather.control)
    found = gather.control
    assert (found.state, found.run, found.final_status, found.gone_at) == (
        State.GONE,
        1,
        GatherStatus.FAILED.value,
        gather.now,
    )
    assert "g:1:a" in gather.host.terminated
    assert [gather.runs_again(), gather.is_forgotten()] == 2 * [Gone(found)]


@pytest.mark.parametrize("verb", ["replace", "create"])
def test_a_lost_reply_does_not_keep_it_from_being_forgotten(verb: str) -> None:
    gather, whims = ended()
    whims.loses = verb
    assert gather.is_forgotten() == Accepted(gather.control)


def test_what_is_not_there_is_neither_repeated_nor_forgotten() -> None:
    gather = AGather()
    assert [gather.runs_again(), gather.is_forgotten()] == [None, None]


def test_what_a_deleted_gather_was_is_known_until_it_is_erased() -> None:
    gather, _ = ended("a b:a")
    gather.is_forgotten()
    assert gather.blobs.stored[Container.GATHERS, "g/gather"].content == b""
    assert b'"asks"' in gather.blobs.stored[Container.GATHERS, "g/plan"].content
