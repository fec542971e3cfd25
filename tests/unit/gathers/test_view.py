"""What storage knows of a gather."""

import pytest

from gather_once.gathers.control import Control, State
from gather_once.gathers.host import Instance
from gather_once.gathers.reconcile import Gone
from gather_once.gathers.state import View, newest_dossier, status_of, view
from gather_once.ledger.old import runs
from gather_once.ledger.old.runs import Delivery
from gather_once.model.progress import GatherStatus
from support.a_gather import AGather
from support.gathers import NOON, kept, lost


def seen(gather: AGather) -> View | Gone | None:
    return gather.does(view(gather.blobs, "g"))


def test_a_gather_is_seen_while_it_runs() -> None:
    gather = AGather("a b")
    assert seen(gather) is None
    gather.claimed()
    gather.opened()
    gather.keeps("a")
    found = seen(gather)
    assert isinstance(found, View)
    assert (found.outcomes, found.dossier, found.delivery) == ({"a": kept("a")}, None, None)
    assert (list(found.plan.asks), found.control) == (["a", "b"], gather.control)


def test_a_gather_is_seen_when_it_has_ended_and_was_told() -> None:
    gather = AGather("a b")
    gather.claimed()
    gather.opened()
    gather.keeps("a")
    gather.loses("b")
    dossier = gather.ends()
    gather.does(runs.mark_delivery(gather.blobs, "g", 1, Delivery.FAILED))
    gather.does(runs.mark_delivery(gather.blobs, "g", 1, Delivery.SENT))
    found = seen(gather)
    assert isinstance(found, View)
    assert found.outcomes == {"a": kept("a"), "b": lost("b")}
    assert (found.dossier, found.delivery) == (dossier, Delivery.FAILED)


def test_a_further_run_shows_what_it_will_not_ask_again() -> None:
    gather = AGather("a b")
    gather.claimed()
    gather.opened()
    gather.keeps("a")
    first = gather.ends()
    gather.runs_again()
    found = seen(gather)
    assert isinstance(found, View)
    assert found.outcomes == {"a": kept("a")}
    assert gather.does(newest_dossier(gather.blobs, gather.control)) == first
    second = gather.ends(run=2)
    assert gather.does(newest_dossier(gather.blobs, gather.control)) == second


def test_there_is_no_dossier_before_the_first_end() -> None:
    gather = AGather()
    gather.claimed()
    assert gather.does(newest_dossier(gather.blobs, gather.control)) is None


def test_a_deleted_gather_shows_its_tombstone() -> None:
    gather = AGather()
    gather.claimed()
    gather.terminates()
    gather.is_forgotten()
    assert seen(gather) == Gone(gather.control)


def an_instance(status: str, says: str | None = None) -> Instance:
    return Instance(status, NOON, NOON, custom_status={"status": says} if says else None)


@pytest.mark.parametrize(
    ("state", "owner", "ended", "root", "status"),
    [
        (State.GO, None, None, None, "scheduled"),
        (State.GO, None, None, an_instance("Pending"), "scheduled"),
        (State.GO, "e", None, an_instance("Running", "scheduled"), "scheduled"),
        (State.GO, "e", None, an_instance("Running", "running"), "running"),
        (State.GO, "e", None, an_instance("Running"), "running"),
        (State.GO, "e", None, None, "running"),
        (State.GO, "e", None, an_instance("Suspended", "running"), "suspended"),
        (State.HOLD, "e", None, an_instance("Running", "scheduled"), "suspended"),
        (State.HOLD, None, None, None, "suspended"),
        (State.HOLD, "e", None, an_instance("Failed"), "terminating"),
        (State.STOP, "e", None, an_instance("Running", "running"), "terminating"),
        (State.GO, "e", None, an_instance("Completed"), "terminating"),
        (State.GO, "e", GatherStatus.FAILED, an_instance("Running"), "failed"),
        (State.STOP, "e", GatherStatus.TERMINATED, None, "terminated"),
    ],
)
def test_a_gather_has_one_status(
    state: State,
    owner: str | None,
    ended: GatherStatus | None,
    root: Instance | None,
    status: str,
) -> None:
    found = Control("g", "d", "Hub", "i", NOON, state=state, owner=owner)

    assert status_of(found, ended, root) == status
